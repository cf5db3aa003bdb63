"""The `skill` and `skillpkg` commands: a table of names, each loaded from its own module when it is used."""

import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from skillkernel import __version__
from skillkernel_cli.failures import exit_code_of

if TYPE_CHECKING:
    from typer._click import Command

PACKAGE_COMMANDS = {
    "install": "Install skills, with your consent to what they ask for.",
    "uninstall": "Remove a skill; its data stays unless you say --purge.",
    "upgrade": "Bring installed skills up to date; what asks for more needs your consent.",
    "outdated": "Show which installed skills have newer releases, and what keeps them from being taken.",
    "rollback": "Go back to an earlier generation.",
    "history": "Show the generations, and what each of them changed.",
    "lock": "Write skill.lock: versions, hashes, signers, grants.",
    "sync": "Make this machine have exactly what skill.lock says.",
    "verify": "Check that what is installed is what was installed.",
    "export": "Write a bill of materials (CycloneDX).",
    "download": "Put skills with all that they need into a folder.",
    "mirror": "Copy an index, or some of its skills, to a folder.",
    "cache": "Show what takes how much room, and clean it up.",
    "list": "Show what is installed, and what is wrong with it.",
    "search": "Find skills in the index.",
    "info": "Show what a skill does, asks for and uses.",
    "config": "Show and change a skill's settings.",
    "permissions": "Show what skills ask for, and what you granted.",
    "grant": "Let a skill do what it asks for.",
    "revoke": "Take back what a skill was granted.",
    "secret": "Store, list and remove what a skill may use and nobody may see.",
    "dev": "Run a skill's source while you write it, and show every call.",
    "new": "Make a skill from a template.",
    "test": "Run a skill's own tests inside the sandbox.",
    "validate": "Find everything that is wrong with a skill, at once.",
    "build": "Derive skill.json from the code, and make the wheel.",
    "version": "Show or raise a skill's version; a release that breaks things needs a larger one.",
    "sign": "Sign wheels: an attestation beside each says who published it.",
    "index": "Keep an index of skills, or use one of somebody else.",
    "publish": "Publish skills in an index: a folder, a git tree, a web server or a bucket.",
    "site": "Build a web site of an index.",
    "doctor": "Check this machine: sandbox, model, index, skills.",
}
COMMANDS = {
    "run": "Answer one request with the installed skills.",
    "chat": "Hold a conversation.",
    "call": "Make one call through every check, without a model.",
    "tools": "List what the kernel can call.",
    "rules": "Show your rules and what each matches; try a call on them.",
    "log": "Show what happened: sessions, calls, verdicts.",
    "trace": "Show what a skill reached for: files, hosts, programs.",
    "learn": "Make one call with nothing granted, and show what it wanted.",
    **PACKAGE_COMMANDS,
}

_EXAMPLES = {
    "run": 'Example: skill run --with calendar "Book lunch with Sam tomorrow at 12:30 for an hour"',
    "install": "Example: skillpkg install calendar",
}


class CommandTable(MutableMapping[str, "Command"]):
    """Commands by name, imported on first use, so that each start pays for one command alone."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = dict(names)
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> "Command":
        if name not in self._loaded:
            if name not in self._names:
                raise KeyError(name)
            module = import_module(f"skillkernel_cli.commands.{name}")
            group: typer.Typer | None = getattr(module, f"{name}_group", None)
            if group is None:
                group = typer.Typer(add_completion=False, rich_markup_mode=None)
                group.command(name, short_help=self._names[name])(getattr(module, f"{name}_command"))
            else:
                group.info.short_help = self._names[name]
            self._loaded[name] = typer.main.get_command(group)
        return self._loaded[name]

    def __setitem__(self, name: str, command: "Command") -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._names[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _group(names: dict[str, str]) -> type[TyperGroup]:
    class Group(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = CommandTable(names)

        def list_commands(self, ctx: Any) -> list[str]:
            return list(names)

    return Group


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"skillkernel {__version__}\n")
        raise typer.Exit


def _top(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """An operating system for language models that you install skills into."""


def build_app(names: dict[str, str]) -> typer.Typer:
    """The command with these subcommands."""
    app = typer.Typer(cls=_group(names), no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback(epilog=_EXAMPLES["run" if "run" in names else "install"])(_top)
    return app


def run(name: str) -> int:
    """Run the command line of `skill` or `skillpkg` and return its exit code."""
    names = PACKAGE_COMMANDS if name == "skillpkg" else COMMANDS
    return exit_code_of(lambda: build_app(names)(prog_name=name, standalone_mode=False))
