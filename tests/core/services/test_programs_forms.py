"""What is read from programs and about them: requests for connections, executable files, lists of libraries, names."""

import platform
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.errors import ToolError
from skillkernel.manifest.permission_form import permission_problem
from skillkernel.manifest.variables import environment_problem
from skillkernel.permissions.environment import granted_environment
from skillkernel.services.programs.connect_request import MOST_BYTES, NotServed, Wanted, read_request
from skillkernel.services.programs.granted_programs import granted_names
from skillkernel.worker.elf import NoProgram, loader_of
from skillkernel.worker.program_libraries import listed


def head(*lines: str) -> bytes:
    return "\r\n".join((*lines, "", "")).encode("latin-1")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("CONNECT example.org:443 HTTP/1.1",), Wanted("example.org", 443)),
        (("CONNECT example.org:443 HTTP/1.1", "Host: example.org:443", "X: y"), Wanted("example.org", 443)),
        (("CONNECT Example.org:443 HTTP/1.0", "host:example.org"), Wanted("Example.org", 443)),
        (("CONNECT [2001:db8::1]:443 HTTP/1.1",), Wanted("[2001:db8::1]", 443)),
    ],
)
def test_a_request_names_one_host_and_port(lines: tuple[str, ...], wanted: Wanted) -> None:
    assert read_request(head(*lines)) == wanted


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("GET http://example.org/ HTTP/1.1", "Host: example.org"), 405),
        (("POST / HTTP/1.1",), 405),
        (("SSH-2.0-x",), 400),
        (("CONNECT example.org HTTP/1.1",), 400),
        (("CONNECT example.org:99999x HTTP/1.1",), 400),
        (("CONNECT user@example.org:443 HTTP/1.1",), 400),
        (("CONNECT example.org:443 HTTP/1.1 ",), 400),
        (("CONNECT  example.org:443 HTTP/1.1",), 400),
        (("connect example.org:443 HTTP/1.1",), 400),
        (("CONNECT example.org:443 HTTP/2",), 400),
        (("CONNECT \u00e9xample.org:443 HTTP/1.1",), 400),
        (("CONNECT example.org:443 HTTP/1.1", "Host: other.example"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "Host: example.org", "Host: example.org"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "Host: example.org:80"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "Transfer-Encoding: chunked"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "Content-Length: 0"), 400),
        (("CONNECT example.org:443 HTTP/1.1", " folded"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "Host : example.org"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "X: a\nHost: other.example"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "X: a\rb"), 400),
        (("CONNECT example.org:443 HTTP/1.1", "X: " + "y" * MOST_BYTES), 431),
    ],
)
def test_what_can_be_read_two_ways_is_not_served(lines: tuple[str, ...], status: int) -> None:
    with pytest.raises(NotServed) as refused:
        read_request(head(*lines))
    assert refused.value.status == status


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    try:
        host, port = read_request(b"CONNECT " + data + b"\r\n\r\n")
    except NotServed:
        return
    assert host.isascii()
    assert 0 <= port <= 99_999


def reading(data: bytes) -> str:
    return loader_of(lambda size, at: data[at : at + size], platform.machine())


def test_a_program_names_its_loader() -> None:
    with Path(shutil.which("env") or sys.executable).open("rb") as file:
        content = file.read()
    assert reading(content).startswith("/lib")


@given(st.integers(0, 600), st.binary(min_size=1, max_size=8))
def test_a_damaged_program_is_a_program_or_none(at: int, damage: bytes) -> None:
    with Path(shutil.which("env") or sys.executable).open("rb") as file:
        content = file.read(4_096)
    try:
        loader = reading(content[:at] + damage + content[at + len(damage) :])
    except NoProgram:
        return
    assert loader == "" or loader.startswith("/")


def test_a_program_of_another_machine_is_none() -> None:
    with Path(shutil.which("env") or sys.executable).open("rb") as file:
        content = file.read()
    other = "aarch64" if platform.machine() == "x86_64" else "x86_64"
    with pytest.raises(NoProgram, match="for this machine"):
        loader_of(lambda size, at: content[at : at + size], other)


LISTED = """\
\tlinux-vdso.so.1 (0x00007f6ba5fd4000)
\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f6ba5eb0000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f6ba5fd6000)
\tlibown.so => /opt/a/bin/../lib/libown.so (0x00007f6ba5fd6000)
"""


def test_the_loaders_list_is_read() -> None:
    assert listed(LISTED, "/lib64/ld-linux-x86-64.so.2") == ("/lib/x86_64-linux-gnu/libz.so.1", "/opt/a/lib/libown.so")
    with pytest.raises(ToolError, match=r"needs the library libx\.so, which"):
        listed("\tlibx.so => not found\n", "/lib/ld.so")


def test_a_grant_may_name_a_setting() -> None:
    settings = {"folder": "/opt/tools", "empty": None, "up": ".."}
    values = ("ffmpeg", "{folder}/bin/x", "{missing}/x", "{empty}/x", "/opt/{up}/x", "a b", "")
    assert granted_names(values, settings) == {"ffmpeg", "/opt/tools/bin/x"}


@pytest.mark.parametrize(
    "name",
    [
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "ld_preload",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PATH",
        "HOME",
        "SSL_CERT_FILE",
        "BASH_ENV",
        "GLIBC_TUNABLES",
        "GCONV_PATH",
        "MALLOC_CONF",
        "HTTPS_PROXY",
        "no_proxy",
        "TMPDIR",
        "SKILL_HOME",
        "SSH_AUTH_SOCK",
        "DBUS_SESSION_BUS_ADDRESS",
        "IFS",
        "NODE_OPTIONS",
        "PERL5LIB",
        "RUBYOPT",
        "GIT_SSH_COMMAND",
    ],
)
def test_a_variable_that_steers_programs_cannot_be_asked_for(name: str) -> None:
    assert "no skill is given it" in permission_problem("environment", name)
    assert granted_environment((f"environment:{name}",), {name: "x"}) == {}


@pytest.mark.parametrize(
    "name", ["EDITOR", "WEATHER_STATION", "PATHWAY", "HOMEPAGE", "LDAP_SERVER", "LANG", "OPENAI_MODEL"]
)
def test_another_variable_can(name: str) -> None:
    assert environment_problem(name) == ""
    assert granted_environment((f"environment:{name}", "network:x:1"), {name: "x", "OTHER": "y"}) == {name: "x"}
