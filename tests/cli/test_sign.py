"""`skill sign` as a person or a CI job runs it, against a private Sigstore instance on loopback."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.command import Command
from fakes.sigstore_instance import ALICE, SigstoreInstance, sigstore_instance
from fakes.wheels import SkillWheelFake
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.provenance.check import verify_file

BROWSER = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()"
"""A browser in which somebody is signed in already: it follows where it is sent."""


@pytest.fixture
def sigstore() -> Iterator[SigstoreInstance]:
    with sigstore_instance() as instance:
        yield instance


@pytest.fixture
def trust(sigstore: SigstoreInstance, tmp_path: Path) -> str:
    return str(sigstore.write_trust_config(tmp_path))


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return SkillWheelFake().write(tmp_path / "dist")


def place_of(wheel: Path) -> Path:
    return wheel.with_name(wheel.name + ".publish.attestation")


def test_a_wheel_is_signed_with_a_token(bare: Command, sigstore: SigstoreInstance, wheel: Path, trust: str) -> None:
    ran = bare("sign", str(wheel), "--identity-token", sigstore.token(), "--trust-config", trust)
    assert (ran.code, ran.out) == (0, f"{place_of(wheel)}\n")
    assert ran.err == f"signed as {ALICE} (by {sigstore.url})\n"
    pin = PublisherPin(kind="Identity", identity=ALICE, issuer=sigstore.url)
    assert verify_file(wheel, place_of(wheel), pin, Path(trust)).identity == ALICE


def test_the_token_may_come_by_the_environment_and_the_instance_by_config_toml(
    bare: Command, sigstore: SigstoreInstance, wheel: Path, trust: str
) -> None:
    bare.home.mkdir(mode=0o700)
    (bare.home / "config.toml").write_text(f'[sigstore]\ntrust_config = "{trust}"\n')
    ran = bare.with_environment(SIGSTORE_IDENTITY_TOKEN=sigstore.token())("sign", str(wheel))
    assert (ran.code, ran.err) == (0, f"signed as {ALICE} (by {sigstore.url})\n")


def test_a_person_signs_in_with_a_browser(
    bare: Command, sigstore: SigstoreInstance, wheel: Path, trust: str, tmp_path: Path
) -> None:
    (tmp_path / "browser.py").write_text(BROWSER)
    command = bare.with_environment(BROWSER=f"{sys.executable} {tmp_path / 'browser.py'} %s")
    ran = command("sign", str(wheel), "--browser", "--trust-config", trust)
    assert (ran.code, ran.out) == (0, f"{place_of(wheel)}\n")
    assert f"signed as {ALICE}" in ran.err


def test_where_no_browser_opens_the_address_is_shown_and_its_code_asked_for(
    bare: Command, sigstore: SigstoreInstance, wheel: Path, trust: str
) -> None:
    command = bare.with_environment(BROWSER="/bin/false")
    ran = command("sign", str(wheel), "--browser", "--trust-config", trust, stdin="a-code\n")
    assert (ran.code, ran.out) == (0, f"{place_of(wheel)}\n")
    assert f"{sigstore.url}/authorize?" in ran.err
    ran = command("sign", str(wheel), "--browser", "--trust-config", trust)
    assert ran.code == 1
    assert "error: no browser opened here, and nobody typed the code of another" in ran.err


def test_an_issuer_that_does_not_answer_is_named(
    bare: Command, sigstore: SigstoreInstance, wheel: Path, trust: str
) -> None:
    sigstore.down.add("issuer")
    ran = bare("sign", str(wheel), "--browser", "--trust-config", trust)
    assert ran.code == 1
    assert "error: nobody could be asked who you are: 503 Server Error" in ran.err


def test_without_an_identity_and_a_terminal_the_ways_out_are_shown(bare: Command, wheel: Path, trust: str) -> None:
    ran = bare("sign", str(wheel), "--trust-config", trust)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[0] == "error: nothing here says who signs"
    assert "--identity-token" in ran.err.splitlines()[1]


def test_the_attestation_of_another_file_stays_without_force(
    bare: Command, sigstore: SigstoreInstance, wheel: Path, trust: str
) -> None:
    place_of(wheel).write_text("{}")
    options = ("--identity-token", sigstore.token(), "--trust-config", trust)
    ran = bare("sign", str(wheel), *options)
    assert (ran.code, place_of(wheel).read_text()) == (2, "{}")
    assert "hint: --force replaces it" in ran.err
    assert bare("sign", str(wheel), *options, "--force").code == 0


def test_what_is_no_skills_wheel_is_refused_before_anybody_is_asked(
    bare: Command, wheel: Path, trust: str, tmp_path: Path
) -> None:
    unsafe = SkillWheelFake(name="evil", extra={"evil.pth": b"import os"}).write(tmp_path / "dist")
    ran = bare("sign", str(unsafe), "--trust-config", trust)
    assert ran.code == 4
    assert "evil.pth" in ran.err


def test_a_wheel_that_is_not_there_is_named(bare: Command, tmp_path: Path, trust: str) -> None:
    ran = bare("sign", str(tmp_path / "skill_tiny-1.0-py3-none-any.whl"), "--trust-config", trust)
    assert ran.code != 0
    assert "skill_tiny-1.0-py3-none-any.whl" in ran.err
    assert "internal error" not in ran.err


def test_a_bad_trust_configuration_is_named(bare: Command, sigstore: SigstoreInstance, wheel: Path) -> None:
    ran = bare("sign", str(wheel), "--identity-token", sigstore.token(), "--trust-config", str(wheel))
    assert ran.code == 2
    assert f"{wheel} is not a Sigstore trust configuration" in ran.err
