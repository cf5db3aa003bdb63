"""`skill new`: what a template becomes, and what no template can do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from skillkernel.catalogue.types import Layout
from skillkernel.errors import InvalidName, UsageError
from skillkernel_registry.authoring.finding import Severity
from skillkernel_registry.authoring.new_name import new_skill_name
from skillkernel_registry.authoring.new_skill import NewSkill, make_skill
from skillkernel_registry.authoring.own_tests import run_own_tests
from skillkernel_registry.authoring.template import built_in_templates, find_template
from skillkernel_registry.authoring.validate import validate
from skillkernel_registry.build import build
from skillkernel_registry.errors import TemplateInvalid

SAYS = 'Tells the "weather" \\ of the next days.'


async def made(layout: Layout, place: Path, template: str = "default", name: str = "weather") -> Path:
    skill = NewSkill(new_skill_name(name), SAYS, 'Sam "S" Doe <sam@example.org>', "MIT")
    return (await make_skill(layout, skill, find_template(template), place / name)).folder


@pytest.mark.parametrize("template", [one.name for one in built_in_templates()])
async def test_a_new_skill_passes_its_tests_lint_build_and_validation_at_once(
    layout: Layout, tmp_path: Path, template: str
) -> None:
    folder = await made(layout, tmp_path, template)
    await build(layout, folder, check=True)
    assert (await run_own_tests(layout, folder)).passed
    found = (await validate(layout, folder)).findings
    assert [one for one in found if one.severity is not Severity.NOTE] == []
    assert (await build(layout, folder)).changed == ()
    check_outside(folder)


def check_outside(folder: Path) -> None:
    """What its author would run: the linter with the skill's own settings, and plain pytest."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["pytest", "-q", "-p", "no:cacheprovider"])
    for words in checks:
        ran = subprocess.run(
            [sys.executable, "-m", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


async def test_a_name_as_long_as_allowed_still_builds(layout: Layout, tmp_path: Path) -> None:
    folder = await made(layout, tmp_path, "network", "a" * 31)
    await build(layout, folder, check=True)


async def test_nothing_that_is_there_is_written_over(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "weather").mkdir()
    folder = await made(layout, tmp_path)
    before = sorted(folder.rglob("*"))
    with pytest.raises(UsageError, match="holds files"):
        await made(layout, tmp_path)
    assert sorted(folder.rglob("*")) == before
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []  # noqa: PTH208 # names alone


@pytest.mark.parametrize("name", ["Weather", "w", "2day", "a" * 32, "we_ather", "../up", "a/b", ""])
def test_what_is_no_skills_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        new_skill_name(name)


@pytest.mark.parametrize("name", ["memory", "model", "skillkernel", "skill-weather", "weather-", "we--ather"])
def test_a_name_that_would_go_wrong_later_is_refused_now(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        new_skill_name(name)
    assert caught.value.hint


@pytest.mark.parametrize(
    "skill",
    [
        NewSkill(new_skill_name("weather"), "two\nlines"),
        NewSkill(new_skill_name("weather"), "hid\u202eden"),
        NewSkill(new_skill_name("weather"), "x" * 201),
        NewSkill(new_skill_name("weather"), "fine", license="Something"),
        NewSkill(new_skill_name("weather"), "fine", author="<only@example.org>"),
    ],
)
def test_what_cannot_be_written_into_files_is_refused(skill: NewSkill) -> None:
    with pytest.raises(UsageError):
        skill.variables()


async def test_a_template_of_ones_own_is_rendered_and_its_code_is_not_run(layout: Layout, tmp_path: Path) -> None:
    template = own_template(tmp_path)
    (template / "raw.bin").write_bytes(b"\xff{{ name }}")
    (template / "{{ package }}" / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    made_now = await make_skill(
        layout, NewSkill(new_skill_name("mine"), "Mine."), find_template(str(template)), tmp_path / "mine"
    )
    assert not made_now.described
    assert (tmp_path / "mine" / "raw.bin").read_bytes() == b"\xff{{ name }}"
    assert (tmp_path / "mine" / "skill_mine" / "__init__.py").is_file()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("{{ '..' }}/x", "", "not the name of a file"),
        ("{{ '..' }}.jinja", "", "not the name of a file"),
        (".jinja", "", "not the name of a file"),
        (r"{{ '..\x2fup' }}", "", "not the name of a file"),
        (r"{{ '\x2fetc\x2fx' }}", "", "not the name of a file"),
        (r"{{ 'a\x00b' }}", "", "not the name of a file"),
        ("{{ name | replace('m', '" + "m" * 210 + "') }}", "", "not the name of a file"),
        ("{{ nothing_such }}", "", "cannot be rendered"),
        ("bad.txt.jinja", "{{ ''.__class__.__mro__ }}", "cannot be rendered"),
        ("bad.txt.jinja", "{{ name.upper() }}", "cannot be rendered"),
        ("bad.txt.jinja", "{{ 'x' * 10000000000 }}", "cannot be rendered"),
        ("bad.txt.jinja", "{{ 9 ** 9999999 }}", "cannot be rendered"),
        ("bad.txt.jinja", "{% include '/etc/passwd' %}", "cannot be rendered"),
        ("bad.txt.jinja", "{% for a in name %}{% for b in summary %}{% endfor %}{% endfor %}", "For is not for"),
        ("bad.txt.jinja", "{% set x = name %}{% set x = x ~ x %}", "Assign is not for"),
        ("bad.txt.jinja", "{{ name ~ name }}", "Concat is not for"),
        ("bad.txt.jinja", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "is not for templates"),
        ("bad.txt.jinja", f"{{{{ name | replace('m', '{'m' * 1_000}') | replace('m', '{'m' * 1_000}') }}}}", "longer"),
        ("bad.txt.jinja", "{{ name" + " | quoted" * 60 + " }}", "at most 10000"),
        ("bad.txt.jinja", "{% if name %}" * 3_000 + "{% endif %}" * 3_000, "cannot be rendered"),
        ("bad.txt.jinja", "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}", "cannot be rendered"),
        ("bad.txt.jinja", "{% if %}", "line 1"),
        ("pyproject.toml.jinja", "[project]\nname = 'other'\n", "not that of a skill"),
    ],
)
async def test_a_hostile_template_is_refused_and_leaves_nothing(
    layout: Layout, tmp_path: Path, path: str, text: str, said: str
) -> None:
    template = own_template(tmp_path)
    (template / path).parent.mkdir(parents=True, exist_ok=True)
    (template / path).write_text(text)
    place = tmp_path / "place"
    with pytest.raises(TemplateInvalid, match=said):
        await make_skill(
            layout, NewSkill(new_skill_name("mine"), "Mine."), find_template(str(template)), place / "mine"
        )
    assert not place.exists() or list(place.iterdir()) == []
    assert not (tmp_path / "up").exists()


async def test_a_link_in_a_template_is_refused(layout: Layout, tmp_path: Path) -> None:
    template = own_template(tmp_path)
    (template / "secret").symlink_to("/etc/passwd")
    with pytest.raises(TemplateInvalid, match="link"):
        await make_skill(
            layout, NewSkill(new_skill_name("mine"), "Mine."), find_template(str(template)), tmp_path / "mine"
        )


def test_a_template_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        find_template("nowhere")
    assert "default" in caught.value.hint


def own_template(tmp_path: Path) -> Path:
    """A template like the built-in one, in a folder of the test's own."""
    folder = tmp_path / "template"
    shutil.copytree(find_template("default").folder, folder)
    (folder / "{{ package }}" / "__init__.py.jinja").rename(folder / "{{ package }}" / "__init__.py")
    return folder
