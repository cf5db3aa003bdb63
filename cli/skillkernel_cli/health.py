"""What `skill doctor` looks at: each check says how it stands, and what to do where it does not."""

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path

from skillkernel.catalogue.types import Layout
from skillkernel.errors import SkillKernelError


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `state` is `ok`, `warning` or `missing`."""

    name: str
    state: str
    says: str
    hint: str = ""


def sandbox(layout: Layout) -> tuple[Check, dict[str, dict[str, str]]]:
    """Whether a wall can be had here, found out by trying to climb each; and what became of each canary, by tier."""
    from skillkernel.home import read_config
    from skillkernel.worker.sandbox_config import sandbox_config
    from skillkernel.worker.tiers import check_all

    try:
        config = sandbox_config(read_config(layout.config))
    except SkillKernelError as error:
        return Check("sandbox", "missing", error.message, error.hint), {}
    reports = check_all(layout.cache)
    asked = [report for tier, report in reports.items() if config.tier in (None, tier)]
    held = next((report for report in asked if report.holds), None)
    says = "; ".join(f"tier {tier}: {', '.join(report.reasons)}" for tier, report in reports.items())
    flown: dict[str, dict[str, str]] = {tier: report.escapes for tier, report in reports.items() if report.escapes}
    if held is None:
        why = dict.fromkeys("; ".join(report.reasons) for report in asked)
        return Check("sandbox", "missing", f"tier none: {'; '.join(why)}", asked[0].fix), flown
    if config.unprotected:
        names = ", ".join(sorted(config.unprotected))
        hint = "config.toml [sandbox] unprotected names them; take them out to give them walls again"
        return Check("sandbox", "warning", f"{names} without walls, others in tier {held.tier}: {says}", hint), flown
    return Check("sandbox", "ok", f"tier {held.tier} is used: {says}", "" if held is asked[0] else asked[0].fix), flown


def model(layout: Layout) -> Check:
    """Which model would answer, and whether it is here."""
    from skillkernel.home import read_config
    from skillkernel.model.choose_driver import choose_driver, model_settings

    try:
        config = read_config(layout.config)
        driver = choose_driver(model_settings(os.environ, config, layout.models), config.get("drivers", ()))
    except SkillKernelError as error:
        return Check("model", "missing", error.message, error.hint)
    return Check("model", "ok", driver.name)


def command() -> Check:
    """Whether `skill` on PATH is this one; Debian has another program of that name."""
    found = shutil.which("skill")
    own = Path(sys.argv[0]).absolute()
    if found is None:
        return Check("command", "warning", "there is no `skill` on PATH", "activate the virtual environment")
    beside = Path(sys.executable).parent
    if Path(found).absolute() == own or Path(found).absolute().parent == beside:
        return Check("command", "ok", found)
    return Check(
        "command",
        "warning",
        f"`skill` on PATH is {found}, which is not this one",
        f"activate the virtual environment, or call `{sys.executable} -P -m skillkernel_cli`",
    )


def home(layout: Layout) -> Check:
    """Whether SKILL_HOME is private."""
    mode = layout.home.stat().st_mode & 0o777
    if mode & 0o066:
        return Check("home", "warning", f"{layout.home} is open to others (mode {mode:o})", f"chmod 700 {layout.home}")
    return Check("home", "ok", str(layout.home))


def rules(layout: Layout) -> Check:
    """Whether every rule of the person can match something."""
    from skillkernel.calls.resolve import ToolTable
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import read_config
    from skillkernel.permissions.rules_config import invalid, written_rules

    try:
        written = written_rules(read_config(layout.config), ToolTable(read_catalogue(layout)).targets())
    except SkillKernelError as error:
        return Check("rules", "warning", error.message, error.hint)
    for each in written:
        if each.is_wrong:
            mistake = invalid(each)
            return Check("rules", "warning", mistake.message, mistake.hint)
    asleep = [each.text for each in written if each.trouble is not None]
    if asleep:
        says = f"{len(written)} in config.toml; these match nothing that is installed: {', '.join(asleep)}"
        return Check("rules", "warning", says, "`skill rules` says why; rules for skills that are to come may stay")
    return Check("rules", "ok", f"{len(written)} in config.toml" if written else "none: reads pass, all else asks")


def strangers() -> Check:
    """Other distributions beside the kernel that claim its commands, its plugin groups, or code at every start."""
    claims: list[str] = []
    starters: list[str] = []
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name == "skillkernel":
            continue
        points = distribution.entry_points
        claims += [f"{name} offers the driver {p.name}" for p in points if p.group == "skillkernel.drivers"]
        claims += [
            f"{name} installs the command {p.name}"
            for p in points
            if p.group == "console_scripts" and p.name in ("skill", "skillpkg")
        ]
        starters += [name for file in distribution.files or () if _runs_at_start(distribution, file)]
    says = claims or ["nothing beside the kernel claims its commands or drivers"]
    if starters:
        says.append(f"code at every start of Python: {', '.join(dict.fromkeys(starters))}")
    if not claims:
        return Check("packages", "ok", "; ".join(says))
    return Check(
        "packages", "warning", "; ".join(says), "uninstall what you do not know; only drivers in config.toml are loaded"
    )


def _runs_at_start(distribution: Distribution, file: PackagePath) -> bool:
    """Whether it is a .pth with code in it: the standard library's `site` runs each line that begins with import."""
    if file.suffix != ".pth" or len(file.parts) != 1:
        return False
    try:
        lines = Path(str(distribution.locate_file(file))).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith(("import ", "import\t")) for line in lines)


def skills(layout: Layout) -> Check:
    """Whether what is installed is what was installed, and what pip put beside the kernel."""
    import anyio

    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.catalogue.verify import verify_tree
    from skillkernel_registry.inventory import list_installed

    problems: dict[str, str] = {}
    try:
        installed = read_catalogue(layout).skills
    except SkillKernelError as error:
        return Check("skills", "warning", error.message, error.hint)
    for skill in installed:
        try:
            verify_tree(layout, skill)
        except SkillKernelError as error:
            problems[skill.name] = error.message
    if problems:
        names = " ".join(problems)
        return Check(
            "skills",
            "warning",
            "; ".join(problems.values()),
            f"`skill uninstall {names}` and install again; data stays",
        )
    found = len(anyio.run(list_installed, layout)) - len(installed)
    beside = f", {found} beside the kernel and never called" if found else ""
    return Check("skills", "ok", f"{len(installed)} installed, all intact{beside}")
