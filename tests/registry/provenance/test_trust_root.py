"""Which Sigstore instance is trusted, and what is said of a file that names none."""

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.sigstore_instance import SigstoreInstance
from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel_registry.provenance.trust_root import configured_trust, load_trust, load_verifier


def test_what_is_given_goes_before_config_toml(layout: Layout, tmp_path: Path) -> None:
    layout.config.write_text('[sigstore]\ntrust_config = "there.json"\n')
    assert configured_trust(layout, tmp_path / "given.json") == tmp_path / "given.json"
    assert configured_trust(layout, None) == layout.home / "there.json"


@pytest.mark.parametrize("config", ["", "[sigstore]\n", '[sigstore]\ntrust_config = ""\n'])
def test_nothing_said_is_the_public_instance(layout: Layout, config: str) -> None:
    layout.config.write_text(config)
    assert configured_trust(layout, None) is None


def test_a_home_may_be_written_as_a_tilde(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    layout.config.write_text('[sigstore]\ntrust_config = "~/ours.json"\n')
    assert configured_trust(layout, None) == Path("/home/somebody/ours.json")


@pytest.mark.parametrize(
    "config",
    [
        "sigstore = 1\n",
        "[sigstore]\ntrust_config = 1\n",
        '[sigstore]\ntrust-config = "x"\n',
        '[sigstore]\ntrust_config = "~nobody-of-that-name/x"\n',
    ],
)
def test_a_table_with_something_else_in_it_is_refused(layout: Layout, config: str) -> None:
    layout.config.write_text(config)
    with pytest.raises(UsageError, match=r"config\.toml: \[sigstore\]"):
        configured_trust(layout, None)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.json cannot be read: No such file"):
        load_verifier(tmp_path / "nothing.json")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"mediaType": 1}'])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "trust.json"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"trust\.json is not a Sigstore trust configuration: "):
        load_trust(file)


def test_a_trusted_root_alone_is_no_trust_configuration(sigstore: SigstoreInstance, tmp_path: Path) -> None:
    file = tmp_path / "trust.json"
    file.write_text(json.dumps(sigstore.trust_config()["trustedRoot"]))
    with pytest.raises(UsageError, match="is not a Sigstore trust configuration"):
        load_verifier(file)


@pytest.mark.parametrize("part", ["tlogs", "certificateAuthorities"])
def test_an_instance_without_a_log_or_an_authority_is_refused(
    sigstore: SigstoreInstance, tmp_path: Path, part: str
) -> None:
    config: dict[str, Any] = sigstore.trust_config()
    config["trustedRoot"][part] = []
    file = tmp_path / "trust.json"
    file.write_text(json.dumps(config))
    with pytest.raises(UsageError, match="is not a Sigstore trust configuration: "):
        load_verifier(file)


def test_the_public_instance_needs_no_network_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert load_verifier(None) is load_verifier(None)
    assert load_trust(None)
    assert capfd.readouterr() == ("", "")
