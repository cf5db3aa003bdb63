"""The documentation says what is so."""

import re
import tomllib
from pathlib import Path

import skillkernel_registry.errors as registry_errors
from skillkernel import errors

ROOT = Path(__file__).parent.parent


def error_classes() -> dict[str, type[errors.SkillKernelError]]:
    found: dict[str, type[errors.SkillKernelError]] = {}
    pending: list[type[errors.SkillKernelError]] = [errors.SkillKernelError]
    assert registry_errors.__doc__, "imported so that its classes are in the tree"
    while pending:
        kind = pending.pop()
        found[kind.code] = kind
        pending += kind.__subclasses__()
    return found


def test_every_error_code_is_listed_with_its_exit_code_and_its_fix() -> None:
    listed = {
        code: int(exit_code)
        for code, exit_code, _, fix in re.findall(
            r"^\| `([a-z-]+)` \| (\d+) \| (.+?) \| (.+?) \|$", (ROOT / "docs/errors.md").read_text(), re.MULTILINE
        )
        if fix.strip()
    }
    assert listed == {code: kind.exit_code for code, kind in error_classes().items()}


def test_the_tree_at_the_top_of_the_errors_file_holds_every_class() -> None:
    text = errors.__doc__ or ""
    missing = [
        kind.__name__
        for kind in error_classes().values()
        if kind.__module__ == errors.__name__ and not re.search(rf"\b{kind.__name__}\b", text)
    ]
    assert missing == []


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text()
    pages = sorted(path.name for path in (ROOT / "docs/adr").glob("0*.md"))
    assert pages == sorted(re.findall(r"\]\((0[^)]+\.md)\)", index))


def test_every_link_between_documents_leads_somewhere() -> None:
    broken: list[str] = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_the_readme_has_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert '    pip install -e ".[dev]" && pytest\n' in readme
    main = re.search(r"^    python -m venv \.venv && .*skill run --with calendar --yes .*$", readme, re.MULTILINE)
    assert main is not None


def test_the_rooms_in_the_picture_are_the_rooms_of_the_house() -> None:
    picture = (ROOT / "docs/architecture.md").read_text()
    rooms = [path.name for path in (ROOT / "core/skillkernel").iterdir() if (path / "__init__.py").exists()]
    assert [room for room in rooms if f"{room}/" not in picture] == []


def test_the_version_is_said_once() -> None:
    from skillkernel import __version__

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


def test_no_module_of_the_house_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for room in ("core", "registry", "cli", "skills")
        for path in (ROOT / room).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    ]
    assert too_long == []
