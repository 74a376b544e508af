"""Which server and token a command uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from videoannotator_client.settings import DEFAULT_SERVER, ClientSettings, config_file, resolve

from videoannotator.errors import ConfigurationError


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "videoannotator" / "config.toml"
    file.parent.mkdir()
    file.write_text('server = "file:1"\ntoken = "va_file"\n')
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_without_anything_the_server_is_on_this_machine(tmp_path: Path):
    assert resolve({}, {"XDG_CONFIG_HOME": str(tmp_path)}) == ClientSettings(DEFAULT_SERVER, None, None)


def test_option_wins_over_environment_wins_over_file(environment):
    assert resolve({}, environment) == ClientSettings("file:1", "va_file", None)
    environment |= {"VIDEOANNOTATOR_SERVER": "environment:1"}
    assert resolve({}, environment) == ClientSettings("environment:1", "va_file", None)
    assert resolve({"server": "option:1", "token": None}, environment) == ClientSettings("option:1", "va_file", None)


def test_another_file_can_be_named(environment, tmp_path: Path):
    other = tmp_path / "other.toml"
    other.write_text('tls_ca = "/etc/lab.pem"')
    environment |= {"VIDEOANNOTATOR_CONFIG": str(other)}
    assert config_file(environment) == other
    assert resolve({}, environment).tls_ca == Path("/etc/lab.pem")


def test_everything_wrong_in_the_file_is_told_at_once(environment):
    config_file(environment).write_text('sever = "x"\nport = 1\ntoken = 5\n')
    with pytest.raises(ConfigurationError) as caught:
        resolve({}, environment)
    assert [each.field for each in caught.value.violations] == ["sever", "port", "token"]


def test_a_file_that_is_no_toml_is_named(environment):
    config_file(environment).write_text("server")
    with pytest.raises(ConfigurationError, match=r"config\.toml cannot be read"):
        resolve({}, environment)


@pytest.mark.parametrize(
    ("server", "target", "uses_tls", "is_local"),
    [
        ("lab:50051", "lab:50051", False, False),
        ("grpcs://lab:443", "lab:443", True, False),
        ("https://lab:443/", "lab:443", True, False),
        ("grpc://127.0.0.1:1", "127.0.0.1:1", False, True),
        ("localhost:1", "localhost:1", False, True),
        ("[::1]:1", "[::1]:1", False, True),
        ("unix:/run/va.sock", "unix:/run/va.sock", False, True),
        ("localhost.example.org:1", "localhost.example.org:1", False, False),
    ],
)
def test_an_address_says_how_to_connect(server, target, uses_tls, is_local):
    settings = ClientSettings(server)
    assert (settings.target, settings.uses_tls, settings.is_local) == (target, uses_tls, is_local)


def test_certificates_turn_tls_on():
    assert ClientSettings("lab:1", None, Path("ca.pem")).uses_tls
