"""Settings are validated together, under their names and no others, and every problem is told at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from videoannotator.errors import ConfigurationError
from videoannotator.settings import ALIASES, OTHER_NAMES, Settings, load_settings, setting_names, setting_warnings

ROOT = Path(__file__).resolve().parents[2]
FIELDS = sorted(Settings.model_fields)
OTHER_VALUES = {
    "log_level": "ERROR",
    "log_format": "json",
    "database_url": "sqlite:///other.db",
    "retry_max_delay": "99",
    **dict.fromkeys(("retention_days", "retention_days_failed", "retention_days_cancelled"), "30"),
}
"""A valid value that is not the default, for the fields that take neither a number nor any text."""


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(**overrides: object) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as error:
        load_settings(overrides)
    return {violation.field: violation.message for violation in error.value.violations}


def other_value(field: str) -> str:
    """Return a valid value, as it stands in an environment, that is not the default."""
    default = Settings.model_fields[field].default
    if field in OTHER_VALUES:
        return OTHER_VALUES[field]
    if isinstance(default, bool):
        return str(not default).lower()
    return str(default + 1) if isinstance(default, int | float) else "http://elsewhere"


def test_the_defaults_are_safe() -> None:
    settings = load_settings()
    assert settings.require_auth
    assert settings.is_loopback
    assert settings.insecurities() == []
    assert settings.effective_database_url.startswith("sqlite:////")


@pytest.mark.parametrize("field", FIELDS)
def test_every_setting_has_a_proper_name_and_a_description(field: str) -> None:
    assert setting_names(field)[0] == f"VIDEOANNOTATOR_{field.upper()}"
    assert Settings.model_fields[field].description


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for field in FIELDS for name in setting_names(field) if field[:3] != "tls"]
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_every_setting_is_read_under_each_of_its_names(
    name: str, field: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_ALLOW_INSECURE", "true")
    write(place, name, other_value(field), tmp_path, monkeypatch)
    assert getattr(load_settings(), field) != getattr(Settings(), field)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_bare_name_has_no_effect_unless_it_is_an_alias(
    field: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {field, field.upper()} - set(setting_names(field)):
        write(place, name, other_value(field), tmp_path, monkeypatch)
    assert load_settings() == Settings()


def test_what_other_programs_set_neither_stops_nor_opens_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {field.upper() for field in FIELDS} - {name for field in FIELDS for name in setting_names(field)}:
        monkeypatch.setenv(name, "x86_64-conda-linux-gnu")
    monkeypatch.setenv("REQUIRE_AUTH", "false")
    assert load_settings() == Settings()


def test_names_are_upper_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("videoannotator_port", "1")
    assert load_settings() == Settings()
    assert any("Did you mean VIDEOANNOTATOR_PORT?" in warning for warning in setting_warnings())


def test_every_alias_is_of_a_setting() -> None:
    assert set(ALIASES) <= set(FIELDS)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("VIDEOANNOTATOR_PORT=3\n")
    assert load_settings().port == 3
    monkeypatch.setenv("VIDEOANNOTATOR_PORT", "1")
    assert load_settings().port == 1
    assert load_settings({"port": 2}).port == 2


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_the_proper_name_wins_over_an_alias_with_a_warning(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, "VIDEOANNOTATOR_REQUIRE_AUTH", "true", tmp_path, monkeypatch)
    monkeypatch.setenv("AUTH_REQUIRED", "false")
    assert load_settings().require_auth
    assert setting_warnings() == [
        "AUTH_REQUIRED is ignored, because VIDEOANNOTATOR_REQUIRE_AUTH is also set, to another value."
    ]


def test_names_that_agree_need_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_MAX_ATTEMPTS", "5")
    monkeypatch.setenv("MAX_JOB_RETRIES", "5")
    assert load_settings().max_attempts == 5
    assert setting_warnings() == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("VIDEOANNOTATOR_STORGE_DIR", "Did you mean VIDEOANNOTATOR_STORAGE_DIR?"),
        ("VIDEOANNOTATOR_MAX_CONCURRENT_JOBS", "Did you mean VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS?"),
        ("VIDEOANNOTATOR_TOKENS", "Did you mean VIDEOANNOTATOR_TOKEN?"),
        ("VIDEOANNOTATOR_ZZZ", "See docs/configuration.md for all settings."),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_an_unknown_name_with_our_prefix_is_told_with_the_nearest_right_one(
    name: str, advice: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, name, "/x", tmp_path, monkeypatch)
    assert load_settings() == Settings()
    assert setting_warnings() == [f"{name} is not a setting and is ignored. {advice}"]


def test_no_name_of_the_program_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*OTHER_NAMES, *(setting_names(field)[0] for field in FIELDS)]:
        monkeypatch.setenv(name, "1")
    assert setting_warnings() == []


def test_every_name_that_code_or_pages_mention_is_known() -> None:
    known = {*OTHER_NAMES, *(setting_names(field)[0] for field in FIELDS)}
    examples = {"VIDEOANNOTATOR_STORGE_DIR", "VIDEOANNOTATOR_SERVICE_HOST", "VIDEOANNOTATOR_LIBRARY_THREADS"}
    files = [
        *(each for folder in ("videoannotator", "server", "clients/python") for each in (ROOT / folder).rglob("*.py")),
        *(ROOT / "clients/typescript/src").rglob("*.ts"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / name for name in ("README.md", "envoy/README.md", "Dockerfile", "docker-compose.yml", ".env.example")),
    ]
    names = {name for each in files for name in re.findall(r"\bVIDEOANNOTATOR_[A-Z_]*[A-Z]", each.read_text("utf-8"))}
    assert names - known - examples == set()
    assert "VIDEOANNOTATOR_TOKEN" in names


def test_a_misspelt_option_is_refused() -> None:
    assert list(problems(prot=1)) == ["VIDEOANNOTATOR_PROT"]


def test_an_env_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"VIDEOANNOTATOR_PORT=\xff\n")
    assert list(problems()) == [".env"]


def test_all_problems_are_told_at_once_under_the_names_that_were_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_LOG_LEVEL", "LOUD")
    monkeypatch.setenv("RETRY_JITTER", "x")
    monkeypatch.setenv("VIDEOANNOTATOR_MAX_UPLOAD_BYTES", "0")
    monkeypatch.setenv("VIDEOANNOTATOR_DATABASE_URL", "mysql://nope")
    found = problems(port=99999)
    assert set(found) == {
        "VIDEOANNOTATOR_LOG_LEVEL",
        "RETRY_JITTER",
        "VIDEOANNOTATOR_MAX_UPLOAD_BYTES",
        "VIDEOANNOTATOR_DATABASE_URL",
        "VIDEOANNOTATOR_PORT",
    }
    assert all(message[0].isupper() and message.endswith(".") for message in found.values())
    assert found["VIDEOANNOTATOR_PORT"] == "Input should be less than or equal to 65535 (got 99999)."


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


def test_values_that_do_not_fit_together_are_told_one_by_one() -> None:
    with pytest.raises(ConfigurationError) as error:
        load_settings({"allowed_origins": "a; b", "worker_memory_limit": 1, "retry_max_delay": 1.0})
    assert [violation.message.split()[0].strip(":") for violation in error.value.violations] == [
        "VIDEOANNOTATOR_ALLOWED_ORIGINS",
        "VIDEOANNOTATOR_WORKER_MEMORY_LIMIT",
        "VIDEOANNOTATOR_RETRY_MAX_DELAY",
    ]


def test_a_postgresql_url_names_its_driver() -> None:
    settings = load_settings({"database_url": "postgresql://u@h/d"})
    assert settings.effective_database_url == "postgresql+psycopg://u@h/d"


def test_contradictions_are_told_beside_wrong_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigurationError) as error:
        load_settings({"host": "0.0.0.0", "port": -1})
    fields = [violation.field for violation in error.value.violations]
    assert fields == ["VIDEOANNOTATOR_PORT", "VIDEOANNOTATOR_LOG_LEVEL", "settings"]


def write(place: str, name: str, value: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a variable in the environment, or add it to the file .env."""
    if place == "environment":
        monkeypatch.setenv(name, value)
    else:
        with (directory / ".env").open("a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")
