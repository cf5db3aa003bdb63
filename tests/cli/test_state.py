"""lock, sync, history, cache, verify and export as commands."""

import json
from pathlib import Path

from fakes.command import Command
from fakes.sigstore_instance import ALICE, sigstore_instance
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout


def test_a_lock_makes_another_home_the_same(skill: Command, bare: Command, tmp_path: Path) -> None:
    lock = tmp_path / "skill.lock"
    assert skill("lock", "--file", str(lock)).code == 0
    assert skill("lock", "--file", str(lock), "--check").code == 0
    (wheel,) = (skill.home / "cache" / "built").glob("*/*.whl")
    (tmp_path / wheel.name).write_bytes(wheel.read_bytes())
    refused = bare("sync", "--file", str(lock))
    assert (refused.code, "needs your consent" in refused.err) == (3, True)
    shown = bare("sync", "--file", str(lock), "--dry-run")
    assert (shown.code, "nothing was changed" in shown.err) == (0, True)
    done = bare("sync", "--file", str(lock), "--yes")
    assert done.code == 0, done.err
    assert "generation 1 is in force" in done.err
    assert read_catalogue(Layout(bare.home)).skills == read_catalogue(Layout(skill.home)).skills
    again = bare("sync", "--file", str(lock))
    assert (again.code, "everything is as" in again.err) == (0, True)


def test_a_lock_that_is_out_of_date_is_shown_as_a_difference(skill: Command, tmp_path: Path) -> None:
    lock = tmp_path / "skill.lock"
    skill("lock", "--file", str(lock))
    lock.write_text(lock.read_text().replace("requested = true", "requested = false"))
    ran = skill("lock", "--file", str(lock), "--check")
    assert ran.code == 2
    assert "+requested = true" in ran.err
    assert "requested = false" in lock.read_text()


def test_a_lock_that_is_none_is_told_with_its_places(skill: Command, tmp_path: Path) -> None:
    lock = tmp_path / "skill.lock"
    skill("lock", "--file", str(lock))
    lock.write_text(lock.read_text().replace('version = "', 'version = "x'))
    ran = skill("sync", "--file", str(lock), "--yes")
    assert (ran.code, "skill notes: version" in ran.err) == (2, True)
    ran = skill("sync", "--file", str(tmp_path / "none.lock"))
    assert (ran.code, "none.lock cannot be read" in ran.err) == (2, True)


def test_history_tells_what_changed(skill: Command) -> None:
    skill("uninstall", "notes")
    newest, first = skill("history", "--json").json()
    assert (newest["generation"], newest["in_force"], newest["changes"][0]["change"]) == (2, True, "removed")
    assert first["skills"][0]["name"] == "notes"
    assert first["changes"][0] == {
        "skill": "notes",
        "change": "installed",
        "before": None,
        "after": first["skills"][0]["version"],
        "rows": [],
        "settings": [],
    }
    assert "2 (in force)" in skill("history").out


def test_the_cache_is_shown_and_cleaned(skill: Command) -> None:
    rows = {row["name"]: row for row in skill("cache", "--json").json()}
    assert rows["bytecode"]["spare"] > 0
    assert rows.keys() >= {"store", "wheels", "built", "backend", "indexes", "scratch", "uv"}
    assert "CAN GO" in skill("cache", "size").out
    cleaned = skill("cache", "clean", "--json").json()
    assert cleaned["freed"]["bytecode"] == rows["bytecode"]["spare"]
    assert skill("verify").code == 0
    assert skill("cache", "clean", "--keep-generations", "0").code == 2


def test_what_was_changed_is_told_with_exit_code_4_and_repaired(skill: Command) -> None:
    (file,) = (skill.home / "store").glob("*/env/skill_notes/__init__.py")
    original = file.read_bytes()
    file.write_text("evil = 1\n")
    ran = skill("verify", "--json")
    assert ran.code == 4
    report = ran.json()
    assert (report["ok"], report["skills"][0]["ok"]) == (False, False)
    assert report["findings"][0]["place"] == str(file)
    told = skill("verify")
    assert (told.code, "was changed" in told.err, "--repair" in told.err) == (4, True, True)
    repaired = skill("verify", "--repair")
    assert repaired.code == 0, repaired.err
    assert file.read_bytes() == original


def test_a_wheel_is_verified_only_against_somebody(skill: Command, tmp_path: Path) -> None:
    ran = skill("verify", str(tmp_path / "x.whl"))
    assert (ran.code, "--identity" in ran.err) == (2, True)
    ran = skill("verify", "notes", "--identity", "me@example.org")
    assert ran.code == 2
    ran = skill("verify", "notes", str(tmp_path / "x.whl"))
    assert ran.code == 2


def test_a_wheel_is_verified_against_one_publisher_who_is_named_in_full(skill: Command, tmp_path: Path) -> None:
    for half in (
        ("--repository", "someone/tiny"),
        ("--workflow", "release.yml"),
        ("--identity", ALICE, "--repository", "someone/tiny", "--workflow", "release.yml"),
        ("--repository", "tiny", "--workflow", "release.yml"),
    ):
        ran = skill("verify", str(tmp_path / "x.whl"), *half)
        assert (ran.code, "hint: " in ran.err) == (2, True)
        assert "OWNER/REPO" in ran.err


def test_a_wheel_of_a_workflow_is_checked_against_its_repository(bare: Command, tmp_path: Path) -> None:
    wheel = SkillWheelFake().write(tmp_path)
    with sigstore_instance() as sigstore:
        trust = str(sigstore.write_trust_config(tmp_path))
        token = sigstore.issuer.github_token("someone/tiny", "release.yml")
        signed = bare("sign", str(wheel), "--identity-token", token, "--trust-config", trust)
        assert signed.code == 0, signed.err
        config = ("--trust-config", trust)
        run = ("--workflow", "release.yml", *config)
        good = bare("verify", str(wheel), "--repository", "someone/tiny", *run)
        assert (good.code, "GitHub someone/tiny, workflow release.yml" in good.err) == (0, True), good.err
        assert bare("verify", str(wheel), "--repository", "else/tiny", *run).code == 4
        assert bare("verify", str(wheel), "--repository", "someone/tiny", "--workflow", "other.yml", *config).code == 4


def test_a_wheels_signer_is_checked(bare: Command, tmp_path: Path) -> None:
    wheel = SkillWheelFake().write(tmp_path)
    with sigstore_instance() as sigstore:
        trust = str(sigstore.write_trust_config(tmp_path))
        signed = bare("sign", str(wheel), "--identity-token", sigstore.token(), "--trust-config", trust)
        assert signed.code == 0, signed.err
        who = ("--issuer", sigstore.url, "--trust-config", trust, "--json")
        good = bare("verify", str(wheel), "--identity", ALICE, *who)
        assert (good.code, good.json()[0]["ok"]) == (0, True), good.err
        other = bare("verify", str(wheel), "--identity", "mallory@example.com", *who)
        assert (other.code, ALICE in other.err) == (4, True)
        wheel.write_bytes(wheel.read_bytes() + b"\0")
        assert bare("verify", str(wheel), "--identity", ALICE, *who).code == 4


def test_the_bill_of_materials_goes_to_stdout_or_a_file(skill: Command, tmp_path: Path) -> None:
    printed = skill("export")
    assert json.loads(printed.out)["bomFormat"] == "CycloneDX"
    file = tmp_path / "bom.json"
    assert skill("export", "-o", str(file)).code == 0
    assert file.read_text() == printed.out
    assert skill("export", "--format", "spdx").code == 2
