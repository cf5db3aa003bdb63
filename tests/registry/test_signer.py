"""A release that somebody else signed is somebody else's: a person is asked, and nothing that was granted carries over."""

import json
from pathlib import Path

from fakes.indexes import UNSIGNED
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.manifest.hash import consent_hash
from skillkernel_cli.consent_screen import consent_text
from skillkernel_cli.upgrade_screen import upgrade_text
from skillkernel_registry.consent import owner_key
from skillkernel_registry.install import install
from skillkernel_registry.plan import Plan, make_plan
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.wheel import inspect_wheel

ALICE, MALLORY = "alice@example.com", "mallory@example.com"
NETWORK = {"network": ["example.org:443"]}


def plan_after(layout: Layout, folder: Path, before: str, now: str) -> Plan:
    """An upgrade from 1.0 to 2.0 of a skill that was granted all that it asks for."""
    old = inspect_wheel(SkillWheelFake(permissions=NETWORK).write(folder))
    new = inspect_wheel(SkillWheelFake(version="2.0", permissions=NETWORK).write(folder))
    installed = Installed(
        name=old.manifest.name,
        version="1.0",
        manifest=old.manifest,
        manifest_hash=consent_hash(new.manifest, ()),
        module=old.module,
        store=old.sha256,
        tree=old.sha256,
        index="an index",
        publisher="somebody",
        owner=owner_key("an index", "tiny", "somebody"),
        granted=old.manifest.permissions,
        signer=before,
    )
    candidate = Candidate(new, "an index", "somebody", True, now)
    return make_plan(layout, (candidate,), Catalogue(skills=(installed,)))


def test_the_same_signer_keeps_what_was_granted(layout: Layout, tmp_path: Path) -> None:
    plan = plan_after(layout, tmp_path, ALICE, ALICE)
    assert not plan.needs_consent
    assert plan.skills[0].kept.rows() == ("network:example.org:443",)
    assert f"signed by {ALICE}" in consent_text(plan)


def test_another_signer_needs_consent_to_everything_anew(layout: Layout, tmp_path: Path) -> None:
    plan = plan_after(layout, tmp_path, ALICE, MALLORY)
    assert plan.needs_consent
    assert plan.skills[0].kept.rows() == ()
    assert plan.skills[0].new_asks == ("connect to example.org:443",)
    said = consent_text(plan)
    assert f"the installed tiny was signed by {ALICE}, this one is signed by {MALLORY}" in said
    assert "(granted before)" not in said


def test_an_upgrade_to_another_signer_is_shown_as_a_whole(layout: Layout, tmp_path: Path) -> None:
    said = upgrade_text(plan_after(layout, tmp_path, ALICE, MALLORY))
    assert f"the installed tiny was signed by {ALICE}, this one is signed by {MALLORY}" in said
    assert "connect to example.org:443" in said


def test_a_signature_that_is_gone_is_another_signer(layout: Layout, tmp_path: Path) -> None:
    plan = plan_after(layout, tmp_path, ALICE, "")
    assert plan.needs_consent
    assert "this one is signed by nobody" in consent_text(plan)


def test_warnings_stand_under_the_skills(layout: Layout, tmp_path: Path) -> None:
    plan = plan_after(layout, tmp_path, "", "")
    shown = consent_text(Plan(plan.skills, (), ("tiny is not tinny",)))
    assert shown.endswith("\n\nwarning: tiny is not tinny")


async def test_a_release_without_the_attestation_that_its_index_speaks_of_is_told(layout: Layout, index: Path) -> None:
    record = index / "skills" / "tiny.json"
    pinned = json.loads(record.read_text())
    pinned["publishers"] = [{"kind": "Identity", "identity": ALICE, "issuer": "https://issuer.example"}]
    record.write_text(json.dumps(pinned))
    shown: list[Plan] = []

    def consent(plan: Plan) -> bool:
        shown.append(plan)
        return True

    await install(layout, ["tiny"], index=str(index), terms=UNSIGNED, consent=consent)
    assert shown[0].warnings == ("tiny 1.0 has no attestation, though its index says who attests it",)
