"""`skill new`: a skill from a template."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Yes

if TYPE_CHECKING:
    from skillkernel_registry.authoring.new_skill import Made


def new_command(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Lower-case letters, digits and hyphens.")] = "",
    template: Annotated[
        str,
        typer.Option("--template", "-t", metavar="T", help="`default`, `network`, or the folder of one of your own."),
    ] = "default",
    within: Annotated[Path, typer.Option("--in", metavar="FOLDER", help="Where to put the new folder.")] = Path(),
    summary: Annotated[str, typer.Option("--summary", metavar="TEXT", help="What the skill does, in one line.")] = "",
    author: Annotated[str, typer.Option("--author", metavar="NAME", help="NAME, or 'NAME <MAIL>'.")] = "",
    license: Annotated[  # the name of the option
        str, typer.Option("--license", metavar="SPDX", help="Such as MIT.")
    ] = "Apache-2.0",
    yes: Yes = False,
) -> None:
    """Make a skill's source: two tools, their tests, instructions, and a skill.json that is up to date.

    Example: skill new weather --summary "Tell the weather of the next days."
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.output import data, note

    async def main() -> "Made":
        from skillkernel.home import open_home
        from skillkernel_registry.authoring.new_name import new_skill_name
        from skillkernel_registry.authoring.new_skill import NewSkill, check_target, make_skill
        from skillkernel_registry.authoring.template import find_template

        found = find_template(template)
        given = name or await _asked("the name of the skill", "say it: `skill new NAME`", yes=yes)
        skill = new_skill_name(given)
        folder = within / skill
        check_target(folder)
        said = summary or await _summary(skill, yes=yes)
        return await make_skill(open_home(), NewSkill(skill, said, author, license), found, folder)

    made = run_async(main)
    for file in made.files:
        note(f"  {file}")
    if not made.described:
        note("skill.json is not there yet: `skill build` derives it from the code")
    note(f"next: cd {shlex.quote(str(made.folder))}, then `skill test`, `skill validate`, `skill build`")
    data(str(made.folder))


async def _summary(skill: str, *, yes: bool) -> str:
    from skillkernel_cli.asking import can_ask

    said = "" if yes or not can_ask() else await _asked("what it does, in one line", "", yes=False)
    return said or f"The skill {skill}."


async def _asked(what: str, hint: str, *, yes: bool) -> str:
    from skillkernel.errors import UsageError
    from skillkernel_cli.asking import can_ask, read_line

    if yes or not can_ask():
        raise UsageError(f"{what} is missing", hint=hint)
    try:
        return (await read_line(f"{what}: ")).strip()
    except EOFError:
        raise UsageError(f"{what} is missing", hint=hint) from None
