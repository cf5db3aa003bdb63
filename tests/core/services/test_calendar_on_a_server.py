"""The calendar skill against a real CalDAV server, in a real worker behind each wall: granted, it works; else nothing."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fakes.radicale import Radicale
from fakes.skill_environments import copy_distributions
from skillkernel.calls.types import Outcome
from skillkernel.catalogue.read import encode_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import SandboxMissing
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.kernel import Kernel
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.types import Permissions
from skillkernel.names import sha256
from skillkernel.secrets.file_store import FileStore
from skillkernel.worker.seam import WorkerSpec

PACKAGE = Path(__file__).resolve().parents[3] / "skills/calendar/skill_calendar"
DIGEST = sha256("c" * 64)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calendar and its libraries, laid out as an install does."""
    folder = tmp_path_factory.mktemp("environment") / "env"
    copy_distributions(folder, "icalendar", "python-dateutil", "recurring-ical-events", "tzdata")
    shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def home_of(folder: Path, environment: Path, granted: Permissions, settings: dict[str, str]) -> Path:
    home = folder / "home"
    generation = home / "generations" / "1"
    generation.mkdir(parents=True)
    home.chmod(0o700)
    manifest = parse_manifest((PACKAGE / "skill.json").read_bytes(), source="skill.json")
    skill = Installed(
        name=manifest.name,
        version=manifest.version,
        manifest=manifest,
        manifest_hash=DIGEST,
        module="skill_calendar",
        store=DIGEST,
        tree=DIGEST,
        index="test",
        publisher="test",
        owner="calendar",
        granted=granted,
        settings=settings,
    )
    (generation / "catalogue.json").write_bytes(encode_catalogue(Catalogue(generation=1, skills=(skill,))))
    (home / "current").symlink_to("generations/1")
    (home / "store" / DIGEST).mkdir(parents=True)
    shutil.copytree(environment, home / "store" / DIGEST / "env")
    return home


LUNCH = {"title": "Lunch with Sam", "start": "2027-03-02T12:30:00", "duration_minutes": 60}
DAY = {"date": "2027-03-02"}
GRANTED = Permissions(network=("{server}",), secrets=("password",))


class Desktop:
    """A person with a server account, a home with the calendar in it, and the wall that was chosen."""

    def __init__(self, folder: Path, environment: Path, server: Radicale, tier: str, granted: Permissions) -> None:
        self.account = server.account()
        self.calendar = self.account.make_calendar("Personal")
        settings = {"server": self.account.origin + self.calendar, "user": self.account.user}
        self.home = home_of(folder, environment, granted, settings)
        if tier == "B" and os.geteuid() == 0:  # without mounts the worker, who is not root, needs a way there
            for closed in (self.home, folder, *folder.parents[:2]):
                closed.chmod(0o711)
        (self.home / "config.toml").write_text(f'[sandbox]\ntier = "{tier}"\n[secrets]\nstore = "file"\n')
        FileStore(Layout(self.home).secrets).set("calendar", "password", self.account.password)

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Outcome:
        async with Unverified(self.home, yes=True) as kernel:
            outcome = await kernel.call(f"calendar.{tool}", arguments)
            self.accesses = JournaledAccesses(kernel.journal).of(skill="calendar")
        if isinstance(outcome.error, SandboxMissing):
            pytest.skip(outcome.error.message)
        return outcome


class Unverified(Kernel):
    """A kernel whose store was laid out by a test and not by an install."""

    def _verify(self, spec: WorkerSpec) -> None:
        assert spec.store == DIGEST


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """A CalDAV server on loopback."""
    with Radicale(tmp_path_factory.mktemp("radicale")) as radicale:
        yield radicale


@pytest.mark.parametrize("tier", ["A", "B"])
async def test_an_event_is_booked_and_found_on_the_server(
    tmp_path: Path, environment: Path, server: Radicale, tier: str
) -> None:
    desktop = Desktop(tmp_path, environment, server, tier, GRANTED)
    booked = await desktop.call("create_event", LUNCH)
    assert booked.ok, booked.error
    (entry,) = desktop.account.entries(desktop.calendar)
    assert "SUMMARY:Lunch with Sam" in desktop.account.get(entry)
    listed = await desktop.call("list_events", DAY)
    assert [event["title"] for event in listed.result["events"]] == ["Lunch with Sam"]
    kinds = {(access["kind"], access["ruling"]) for access in desktop.accesses}
    assert kinds == {("network", "granted"), ("secret", "granted")}
    connection = next(access for access in desktop.accesses if access["kind"] == "network")
    assert connection["target"] == desktop.account.origin.removeprefix("http://")
    assert connection["sent"] > 100
    assert connection["received"] > 100
    assert desktop.account.password not in (desktop.home / "journal.sqlite").read_bytes().decode(errors="replace")


@pytest.mark.parametrize("tier", ["A", "B"])
async def test_without_the_grant_nothing_reaches_the_server(
    tmp_path: Path, environment: Path, server: Radicale, tier: str
) -> None:
    desktop = Desktop(tmp_path, environment, server, tier, Permissions(secrets=("password",)))
    outcome = await desktop.call("create_event", LUNCH)
    assert outcome.error is not None
    assert "skill grant calendar" in f"{outcome.error.message} {outcome.error.hint}"
    assert desktop.account.entries(desktop.calendar) == []
    assert ("network", "refused") in {(access["kind"], access["ruling"]) for access in desktop.accesses}


@pytest.mark.parametrize("tier", ["A", "B"])
async def test_a_wrong_password_is_named_and_seen_nowhere(
    tmp_path: Path, environment: Path, server: Radicale, tier: str
) -> None:
    desktop = Desktop(tmp_path, environment, server, tier, GRANTED)
    FileStore(Layout(desktop.home).secrets).set("calendar", "password", "another word")
    outcome = await desktop.call("list_events", DAY)
    assert outcome.error is not None
    assert "does not accept the password" in outcome.error.message
    assert "another word" not in f"{outcome.error.message} {outcome.error.hint} {outcome.error.detail}"
