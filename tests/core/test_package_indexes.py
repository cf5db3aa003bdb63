"""pip's configuration, said to uv: real files, and the variables that uv reads."""

import os
import sys
from pathlib import Path

import pytest

from skillkernel import package_indexes
from skillkernel.package_indexes import uv_environment, uv_executable, uv_index_arguments


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any package configuration; its files lie under the folder that is returned."""
    for name in os.environ:
        if name.startswith(("PIP_", "UV_", "SSL_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "system"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr(package_indexes, "PIP_SYSTEM_FILE", tmp_path / "etc" / "pip.conf")
    monkeypatch.setattr(package_indexes, "UV_SYSTEM_FILE", tmp_path / "etc" / "uv.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def said() -> dict[str, str]:
    names = ("SSL_CERT_FILE", "SSL_CLIENT_CERT", "ALL_PROXY", "UV_")
    return {name: value for name, value in uv_environment().items() if name.startswith(names)}


def test_a_machine_without_configuration_says_nothing(machine: Path) -> None:
    assert said() == {}
    assert uv_index_arguments() == []


def test_every_setting_of_pip_that_says_where_from_is_passed_on(machine: Path) -> None:
    (machine / "wheels").mkdir()
    write(
        machine / "user" / "pip" / "pip.conf",
        f"""
[global]
index-url = https://user:password@mirror.example/simple
extra-index-url =
    https://one.example/simple
    https://two.example/simple
find-links = wheels {machine}/wheels https://three.example/list
trusted-host = mirror.example one.example
proxy = http://proxy.example:3128
timeout = 60
client_cert = /client.pem
cert = /authorities.pem
""",
    )
    assert said() == {
        "UV_DEFAULT_INDEX": "https://user:password@mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": f"{machine}/wheels,{machine}/wheels,https://three.example/list",
        "UV_INSECURE_HOST": "mirror.example one.example",
        "ALL_PROXY": "http://proxy.example:3128",
        "UV_HTTP_TIMEOUT": "60",
        "SSL_CLIENT_CERT": "/client.pem",
        "SSL_CERT_FILE": "/authorities.pem",
    }


def test_a_password_is_on_no_command_line(machine: Path) -> None:
    write(machine / "user" / "pip" / "pip.conf", "[global]\nindex-url = https://user:password@mirror.example/simple\n")
    assert uv_index_arguments() == []


def test_stronger_places_go_over_weaker_ones(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def index() -> str:
        return said().get("UV_DEFAULT_INDEX", "")

    write(machine / "system" / "pip" / "pip.conf", "[global]\nindex-url = https://system.example\n")
    assert index() == "https://system.example"
    write(machine / "etc" / "pip.conf", "[global]\nindex-url = https://etc.example\n")
    assert index() == "https://etc.example"
    write(machine / "home" / ".pip" / "pip.conf", "[global]\nindex-url = https://legacy.example\n")
    assert index() == "https://legacy.example"
    write(machine / "user" / "pip" / "pip.conf", "[global]\nindex_url = https://user.example\n")
    assert index() == "https://user.example"
    write(machine / "venv" / "pip.conf", "[global]\nindex-url = https://venv.example\n")
    assert index() == "https://venv.example"
    write(machine / "system" / "pip" / "pip.conf", "[install]\nindex-url = https://install.example\n")
    assert index() == "https://install.example"
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example")
    assert index() == "https://variable.example"


def test_a_named_file_takes_the_place_of_the_users(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(machine / "user" / "pip" / "pip.conf", "[global]\nno-index = yes\n")
    write(machine / "named.conf", "[global]\nindex-url = https://named.example\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(machine / "named.conf"))
    assert said() == {"UV_DEFAULT_INDEX": "https://named.example"}
    assert uv_index_arguments() == []
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert said() == {}


def test_folders_that_are_not_there_are_left_out(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", f"{machine}/none file://{machine}/none")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"file://{machine}/none/simple")
    assert said() == {}


def test_no_index_is_an_argument(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert uv_index_arguments() == ["--no-index"]
    monkeypatch.setenv("UV_FIND_LINKS", str(machine))
    assert uv_index_arguments() == []


def test_what_uv_was_told_itself_counts(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example")
    monkeypatch.setenv("PIP_TIMEOUT", "60")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "5")
    monkeypatch.setenv("UV_INDEX_URL", "https://uv.example")
    assert said() == {"UV_INDEX_URL": "https://uv.example", "UV_HTTP_TIMEOUT": "5"}
    monkeypatch.delenv("UV_INDEX_URL")
    write(machine / "user" / "uv" / "uv.toml", '[[index]]\nurl = "https://uv.example"\n')
    assert said() == {"UV_HTTP_TIMEOUT": "5"}
    write(machine / "user" / "uv" / "uv.toml", "[pip]\nno-index = true\n")
    assert said() == {"UV_HTTP_TIMEOUT": "5"}


@pytest.mark.parametrize("text", ["not a section", "[global\n", "\x00", "index-url = x"])
def test_a_broken_file_counts_for_nothing(machine: Path, text: str) -> None:
    write(machine / "user" / "pip" / "pip.conf", text)
    write(machine / "user" / "uv" / "uv.toml", text)
    assert said() == {}


def test_uv_is_found_beside_python() -> None:
    assert os.access(uv_executable(), os.X_OK)
