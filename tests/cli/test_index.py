"""`skill index`: keeping an index, and using those of others."""

import os
import sys
from pathlib import Path

import pexpect
import pytest

from fakes.command import Command
from fakes.sigstore_instance import ALICE, sigstore_instance
from fakes.wheels import SkillWheelFake
from skillkernel.names import skill_name
from skillkernel_registry.index_format import PublisherPin, parse_record
from skillkernel_registry.keeper.keys import PASSPHRASE


@pytest.fixture
def site(tmp_path: Path, bare: Command) -> Path:
    """A signed index with the skill tiny 1.0."""
    folder = tmp_path / "site"
    assert bare.here("index", "init", str(folder), "--publisher", "me").code == 0
    added = bare.here("index", "add", str(folder), str(SkillWheelFake().write(tmp_path / "dist")))
    assert added.code == 0, added.err
    return folder


def test_an_index_is_made_filled_mended_and_looked_over(bare: Command, site: Path, tmp_path: Path) -> None:
    wheel = SkillWheelFake(version="1.1").write(tmp_path / "dist")
    assert bare("index", "add", str(site), str(wheel), "--json").json() == {
        "done": ["tiny 1.1 is published"],
        "warnings": [],
    }
    assert bare.here("index", "yank", str(site), "tiny", "1.1", "--reason", "bad").code == 0
    assert bare.here("index", "rotate-key", str(site), "timestamp").code == 0
    assert bare.here("index", "refresh", str(site)).code == 0
    assert bare.here("index", "remove", str(site), "tiny", "1.1").code == 0
    checked = bare.here("index", "check", str(site), "--json")
    assert (checked.code, checked.json()) == (0, [])
    (site / "wheels/skill_tiny-1.0-py3-none-any.whl").write_bytes(b"other")
    (site / "left.pem").write_text("a key")
    checked = bare.here("index", "check", str(site))
    assert checked.code == 4
    assert "has other bytes than its record says: the wheel of tiny 1.0" in checked.out
    assert "left.pem: is a private key: everybody can read it" in checked.out
    assert "2 to mend" in checked.err


def test_a_site_that_is_there_shows_what_was_added_yanked_and_removed(
    bare: Command, site: Path, tmp_path: Path
) -> None:
    assert bare.here("site", str(site)).code == 0
    page = site / "skill/tiny.html"
    wheel = SkillWheelFake(version="1.1").write(tmp_path / "dist")
    assert bare.here("index", "add", str(site), str(wheel)).code == 0
    assert "1.1" in page.read_text()
    assert bare.here("index", "yank", str(site), "tiny", "1.1", "--reason", "it sends twice").code == 0
    assert "it sends twice" in page.read_text()
    assert bare.here("index", "remove", str(site), "tiny").code == 0
    assert not page.exists()
    assert bare.here("index", "check", str(site)).code == 0


def test_an_index_without_a_site_gets_none(bare: Command, site: Path) -> None:
    assert bare.here("index", "yank", str(site), "tiny", "1.0").code == 0
    assert not (site / "index.html").exists()


def test_an_index_is_not_made_where_a_file_is(bare: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = bare.here("index", "init", str(tmp_path / "file"), "--name", "mine")
    assert (ran.code, "is not a folder" in ran.err) == (2, True)


def test_the_list_says_what_stands_behind_each_index(bare: Command, site: Path) -> None:
    assert bare.here("index", "use", "mine", str(site)).code == 0
    lines = {line.split()[0]: line for line in bare.here("index", "list").out.splitlines()}
    assert lines["mine"].endswith("asked at first use")
    assert lines["first-party"].endswith("comes with skillkernel")


def test_keys_are_kept_for_their_owner_alone_under_the_home(bare: Command, site: Path) -> None:
    kept = sorted(path.name.partition("-")[0] for path in (bare.home / "keys/site").iterdir())
    assert kept == ["bins", "root", "snapshot", "targets", "timestamp"]
    assert not list(site.rglob("*.pem"))


def test_the_policy_is_shown_and_changed(bare: Command, site: Path, tmp_path: Path) -> None:
    changed = bare.here(
        "index", "policy", str(site), "--attestations", "some", "--attest", "corp-*", "--expires-timestamp", "3"
    )
    assert changed.code == 0, changed.err
    shown = bare.here("index", "policy", str(site), "--json").json()
    assert (shown["attestations"], shown["days"]["timestamp"]) == (["corp-*"], 3)
    refused = bare.here("index", "add", str(site), str(SkillWheelFake("corp-mail").write(tmp_path / "dist")))
    assert refused.code == 3
    assert "corp-mail 1.0 has no attestation, and the index asks for one" in refused.err


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (["init", "{site}"], 2, "is an index already"),
        (["init", "{tmp}/x", "--name", "../y"], 2, "is not a name for an index"),
        (["init", "{tmp}/x", "--keys", "{tmp}/x/keys"], 2, "is inside the index"),
        (["init", "{tmp}/x", "--threshold", "2"], 2, "2 of 1 root keys"),
        (["init", "{tmp}/x", "--attestations", "some"], 2, "is no policy"),
        (["add", "{tmp}/x", "{tmp}/no.whl"], 2, "holds no index.json"),
        (["add", "{site}", "{tmp}/no.whl"], 2, "cannot be read"),
        (
            ["add", "{site}", "{tmp}/no.whl", "--pin-identity", "a@b"],
            2,
            "--pin-identity and --pin-issuer belong together",
        ),
        (["add", "{site}", "{tmp}/no.whl", "--pin-github", "a/b"], 2, "--pin-github and --workflow belong together"),
        (["add", "{site}", "{tmp}/no.whl", "--workflow", "x.yml"], 2, "--pin-github and --workflow belong together"),
        (["add", "{site}", "{tmp}/no.whl", "--pin-gitlab", "a/b"], 2, "--pin-gitlab and --workflow belong together"),
        (["add", "{site}", "{tmp}/no.whl", "--pin-gitlab", "a", "--workflow", "x"], 2, "'a' is no repository"),
        (["add", "{site}", "{tmp}/no.whl", "--pin-github", "a/b/c", "--workflow", "x"], 2, "'a/b/c' is no repository"),
        (["yank", "{site}", "nobody", "1.0"], 2, "has no skill 'nobody'"),
        (["rotate-key", "{site}", "nothing"], 2, "is not a role"),
        (["rotate-key", "{site}", "root", "--keys", "{tmp}/none"], 5, "the role root needs the key to sign"),
        (["refresh", "{site}", "--keys", "{tmp}/none"], 5, "looked for bins-"),
        (["check", "{tmp}/x"], 2, "is not there"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_fix(
    bare: Command, site: Path, tmp_path: Path, words: list[str], code: int, problem: str
) -> None:
    ran = bare.here("index", *[word.format(site=site, tmp=tmp_path) for word in words])
    assert ran.code == code, ran.err
    assert problem in ran.err
    assert "hint: " in ran.err
    assert not (tmp_path / "x" / "index.json").exists()


@pytest.mark.parametrize("how", ["option", "config.toml"])
def test_an_attestation_is_checked_with_the_instance_that_is_said(
    bare: Command, site: Path, tmp_path: Path, how: str
) -> None:
    wheel = SkillWheelFake(version="2.0").write(tmp_path / "dist")
    beside = wheel.with_name(f"{wheel.name}.publish.attestation")
    with sigstore_instance() as sigstore:
        trust = sigstore.write_trust_config(tmp_path)
        if how == "config.toml":
            bare.home.joinpath("config.toml").write_text(f'[sigstore]\ntrust_config = "{trust}"\n', encoding="utf-8")
        said = ["--trust-config", str(trust)] if how == "option" else []
        add = ["index", "add", str(site), str(wheel), *said]
        add += ["--pin-identity", ALICE, "--pin-issuer", sigstore.issuer.url]
        beside.write_bytes(sigstore.attest(wheel, sigstore.token("mallory@example.com")))
        refused = bare.here(*add)
        assert (refused.code, "its certificate is that of mallory@example.com" in refused.err) == (4, True), refused.err
        assert not (site / "wheels" / wheel.name).exists()
        beside.write_bytes(sigstore.attest(wheel))
        added = bare.here(*add)
        assert added.code == 0, added.err
    assert list((site / "provenance").iterdir())


def test_publishers_of_every_kind_are_pinned(bare: Command, site: Path, tmp_path: Path) -> None:
    wheel = str(SkillWheelFake("other").write(tmp_path / "dist"))
    pins = ["--pin-gitlab", "group/sub/other", "--workflow", ".gitlab-ci.yml", "--pin-google", "sam@example.org"]
    added = bare.here("index", "add", str(site), wheel, *pins)
    assert added.code == 0, added.err
    (file,) = site.glob("skills/*.other.json")
    assert parse_record(file.read_bytes(), skill_name("other"), "other").publishers == (
        PublisherPin(kind="GitLab", repository="group/sub/other", workflow=".gitlab-ci.yml"),
        PublisherPin(kind="Google", email="sam@example.org"),
    )


def test_the_search_is_mended_as_check_says(bare: Command, site: Path) -> None:
    (file,) = site.glob("*.search.json")
    file.write_bytes(b"{}")
    checked = bare.here("index", "check", str(site))
    assert (checked.code, "run `skill index refresh --rebuild-search`" in checked.out) == (4, True)
    mended = bare.here("index", "refresh", str(site), "--rebuild-search")
    assert (mended.code, "the search is written anew, with 1 skills" in mended.err) == (0, True)
    assert bare.here("index", "check", str(site)).code == 0


def test_an_unsigned_index_is_for_who_says_so(bare: Command, tmp_path: Path) -> None:
    made = bare.here("index", "init", str(tmp_path / "plain"), "--unsigned", "--json")
    assert made.json()["signed"] is False
    assert bare.here("index", "add", str(tmp_path / "plain"), str(SkillWheelFake().write(tmp_path / "dist"))).code == 0
    assert bare.here("index", "check", str(tmp_path / "plain")).code == 0
    assert not (bare.home / "keys").exists()


def test_a_passphrase_comes_from_the_environment_or_the_terminal(bare: Command, tmp_path: Path) -> None:
    locked = bare.with_environment(**{PASSPHRASE: "open sesame"})
    assert locked.here("index", "init", str(tmp_path / "site")).code == 0
    assert all(b"ENCRYPTED" in key.read_bytes() for key in (bare.home / "keys/site").iterdir())
    assert locked.here("index", "refresh", str(tmp_path / "site")).code == 0
    wrong = bare.with_environment(**{PASSPHRASE: "open barley"}).here("index", "refresh", str(tmp_path / "site"))
    assert (wrong.code, "does not open with that passphrase" in wrong.err) == (2, True)
    nobody = bare.here("index", "refresh", str(tmp_path / "site"))
    assert (nobody.code, "needs its passphrase" in nobody.err) == (2, True)
    terminal: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-m", "skillkernel_cli", "index", "refresh", str(tmp_path / "site")],
        env={**bare.environment(), "TERM": os.environ.get("TERM", "dumb")},
        encoding="utf-8",
        timeout=60,
    )
    terminal.expect("passphrase of ")
    terminal.sendline("open sesame")
    terminal.expect("the timestamp is good until")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_an_index_is_used_listed_and_forgotten(bare: Command, site: Path) -> None:
    root = site / "metadata/1.root.json"
    used = bare.here("index", "use", "mine", str(site), "--root", str(root), "--names", "tiny", "--json")
    assert used.code == 0, used.err
    assert used.json()["name"] == "mine"
    first, last = bare.here("index", "list", "--json").json()
    assert (first["name"], first["where"], first["names"]) == ("mine", str(site), ["tiny"])
    assert len(first["root"]) == 64
    assert last["name"] == "first-party"
    gone = bare.here("index", "forget", "mine", "--json").json()
    assert gone == {"index": str(site), "root_forgotten": True}
    assert [one["name"] for one in bare.here("index", "list", "--json").json()] == ["first-party"]
    assert bare.here("index", "forget", "mine").code == 2


def test_a_root_that_is_none_is_not_trusted(bare: Command, site: Path) -> None:
    ran = bare.here("index", "use", "mine", str(site), "--root", str(site / "index.json"))
    assert ran.code == 4
    assert [one["name"] for one in bare.here("index", "list", "--json").json()] == ["first-party"]


def test_the_commands_of_a_keeper_do_not_load_tuf_before_it_is_needed() -> None:
    import subprocess

    code = "import sys, skillkernel_cli.commands.index; print([m for m in sys.modules if m.split('.')[0] in {'tuf', 'msgspec'}])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_folder_that_is_not_there_yet_is_kept_and_told(bare: Command, tmp_path: Path) -> None:
    ran = bare("index", "use", "stick", str(tmp_path / "stick"))
    assert ran.code == 0
    assert f"warning: {tmp_path / 'stick'} holds no index.json now" in ran.err
    assert "stick" in bare("index", "list").out
