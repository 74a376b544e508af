"""Settings are validated together, under all their names, and every problem is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from videoannotator.errors import ConfigurationError
from videoannotator.settings import Settings, load_settings, setting_names


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(**overrides: object) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as error:
        load_settings(overrides)
    return {violation.field: violation.message for violation in error.value.violations}


def test_the_defaults_are_safe() -> None:
    settings = load_settings()
    assert settings.require_auth
    assert settings.is_loopback
    assert settings.insecurities() == []
    assert settings.effective_database_url.startswith("sqlite:////")


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_every_setting_has_a_name_and_a_description(field: str) -> None:
    assert setting_names(field)[0] == setting_names(field)[0].upper()
    assert Settings.model_fields[field].description


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("MAX_CONCURRENT_CPU_JOBS", "7", "max_concurrent_cpu_jobs", 7),
        ("MAX_CONCURRENT_JOBS", "7", "max_concurrent_cpu_jobs", 7),
        ("AUTH_REQUIRED", "false", "require_auth", False),
        ("VIDEOANNOTATOR_REQUIRE_AUTH", "0", "require_auth", False),
        ("STORAGE_ROOT", "/data", "storage_dir", Path("/data")),
        ("RETRY_DELAY_BASE", "0.5", "retry_base_delay", 0.5),
        ("LOG_FORMAT", "json", "log_format", "json"),
    ],
)
def test_present_and_former_names_are_read(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, expected: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(load_settings(), field) == expected


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_PORT", "1")
    assert load_settings({"port": 2}).port == 2


def test_an_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_UPLOAD_BYTES=123\n")
    assert load_settings().max_upload_bytes == 123


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    monkeypatch.setenv("RETRY_JITTER", "x")
    monkeypatch.setenv("MAX_UPLOAD_BYTES", "0")
    monkeypatch.setenv("VIDEOANNOTATOR_DATABASE_URL", "mysql://nope")
    assert set(problems(port=99999)) == {
        "LOG_LEVEL",
        "RETRY_JITTER",
        "MAX_UPLOAD_BYTES",
        "VIDEOANNOTATOR_DATABASE_URL",
        "VIDEOANNOTATOR_PORT",
    }


def test_listening_to_the_world_needs_auth_and_tls_or_an_explicit_word() -> None:
    with pytest.raises(ConfigurationError) as error:
        load_settings({"host": "0.0.0.0", "require_auth": False})
    assert len(error.value.violations) == 2
    settings = load_settings({"host": "0.0.0.0", "require_auth": False, "allow_insecure": True})
    assert len(settings.insecurities()) == 2


def test_certificate_and_key_go_together_and_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_settings({"tls_cert": tmp_path / "missing.pem"})
    messages = " ".join(violation.message for violation in error.value.violations)
    assert "go together" in messages
    assert "missing.pem" in messages


def test_a_postgresql_url_names_its_driver() -> None:
    settings = load_settings({"database_url": "postgresql://u@h/d"})
    assert settings.effective_database_url == "postgresql+psycopg://u@h/d"


def test_contradictions_are_told_beside_wrong_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigurationError) as error:
        load_settings({"host": "0.0.0.0", "port": -1})
    fields = [violation.field for violation in error.value.violations]
    assert fields == ["VIDEOANNOTATOR_PORT", "LOG_LEVEL", "settings"]
