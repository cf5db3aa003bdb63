"""What the commands of whoever keeps an index share: the keeper over a folder, its passphrases, and how it reports."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.output import json_document, note

if TYPE_CHECKING:
    from skillkernel.errors import UsageError
    from skillkernel_registry.index_files import IndexFiles
    from skillkernel_registry.index_format import PublisherPin
    from skillkernel_registry.keeper.attesting import Check
    from skillkernel_registry.keeper.keeper import Keeper
    from skillkernel_registry.keeper.outcome import Outcome

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the index.")]
Place = Annotated[
    str, typer.Argument(metavar="INDEX", help="Where the index is: its folder, git+FOLDER, https:// or s3://.")
]
AttestationFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--attestation",
        metavar="FILE",
        help="A wheel's attestation, if it does not lie beside it as WHEEL.publish.attestation. May be repeated.",
    ),
]
NewPublisher = Annotated[
    bool, typer.Option("--new-publisher", help="The skill changes hands: those who have it will be asked.")
]
KeyFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--keys", metavar="DIR", help="Where the private keys are; SKILL_HOME/keys/NAME unless said. May be repeated."
    ),
]
PinIdentity = Annotated[str, typer.Option("--pin-identity", metavar="EMAIL_OR_URI", help="Who attests them.")]
PinIssuer = Annotated[str, typer.Option("--pin-issuer", metavar="URL", help="Who vouches for that identity.")]
PinGitHub = Annotated[
    str, typer.Option("--pin-github", metavar="OWNER/REPO", help="The repository whose workflow attests them.")
]
PinGitLab = Annotated[str, typer.Option("--pin-gitlab", metavar="OWNER/REPO", help="The same on GitLab.")]
Workflow = Annotated[str, typer.Option("--workflow", metavar="FILE", help="The workflow of that repository.")]
PinGoogle = Annotated[str, typer.Option("--pin-google", metavar="EMAIL", help="The Google account that attests them.")]
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def open_keeper(place: str, keys: Sequence[Path] | None, check: "Check | None" = None) -> "Keeper":
    """The keeper of the index at a place, with what checks attestations; raise `UsageError` where there is none."""
    from skillkernel_registry.keeper.keeper import Keeper
    from skillkernel_registry.publishing.destination import open_files

    files = open_files(place)
    folders = list(keys or [default_keys(_name(files.read("index.json"), place))])
    return Keeper.open(files, folders, passphrase=asking(), check=check)


def attestation_check(trust_config: Path | None) -> "Check":
    """The check of attestations with the Sigstore instance that is given, or that of config.toml, or the public one."""
    from skillkernel.home import open_home
    from skillkernel_registry.keeper.attesting import sigstore_check
    from skillkernel_registry.provenance.trust_root import configured_trust

    return sigstore_check(configured_trust(open_home(), trust_config))


def default_keys(name: str) -> Path:
    """Where the keys of an index of that name are kept."""
    from skillkernel.home import open_home

    return open_home().home / "keys" / name


def _name(data: bytes | None, folder: str) -> str:
    """What an index calls itself, when that can be the name of a folder."""
    from skillkernel.errors import IntegrityError, UsageError
    from skillkernel_registry.index_format import parse_index

    if data is None:
        raise UsageError(f"{folder} holds no index.json", hint="`skill index init` makes an index")
    name = parse_index(data, f"{folder}/index.json").name
    if not _PLAIN.fullmatch(name):
        raise IntegrityError(f"{folder}/index.json has no plain name", hint="name the folder of its keys with --keys")
    return name


def asking() -> Callable[[Path], str]:
    """What finds the passphrase of a key: the environment, or whoever sits at the terminal; each word is typed once."""
    from skillkernel_registry.keeper.keys import from_environment

    typed: list[str] = []

    def ask(file: Path) -> str:
        from skillkernel_cli.asking import can_ask

        if word := from_environment(file):
            return word
        if not typed and can_ask():
            typed.append(_typed(f"passphrase of {file}: "))
        return typed[0] if typed else ""

    return ask


def new_passphrase(wanted: bool) -> str:
    """The passphrase that new keys are encrypted with: the environment's, or one typed twice when it is wanted."""
    from skillkernel.errors import UsageError
    from skillkernel_cli.asking import can_ask
    from skillkernel_registry.keeper.keys import PASSPHRASE

    if word := os.environ.get(PASSPHRASE, ""):
        return word
    if not wanted:
        return ""
    if not can_ask():
        raise UsageError("there is no terminal to type a passphrase on", hint=f"set {PASSPHRASE}")
    word = _typed("passphrase for the new keys: ")
    if not word or word != _typed("once more: "):
        raise UsageError("that is not twice the same passphrase", hint="nothing was made; try again")
    return word


def _typed(prompt: str) -> str:
    import getpass

    try:
        return getpass.getpass(prompt)
    except EOFError:
        return ""
    except KeyboardInterrupt:
        note("")  # what comes next begins a line of its own
        raise


def site_follows(files: "IndexFiles", names: Iterable[str]) -> list[str] | None:
    """Bring the site in an index up to date with skills that changed; return its warnings, None where there is none."""
    from skillkernel.names import skill_name
    from skillkernel_registry.site.build import update_site

    built = update_site(files, [skill_name(name) for name in names])
    return None if built is None else built.warnings


def names_of(wheels: Iterable[Path]) -> list[str]:
    """The skills of wheels that were looked through."""
    from packaging.utils import parse_wheel_filename

    from skillkernel_registry.wheel import DISTRIBUTION_PREFIX

    return [parse_wheel_filename(wheel.name)[0].removeprefix(DISTRIBUTION_PREFIX) for wheel in wheels]


def report_change(keeper: "Keeper", outcome: "Outcome", names: Iterable[str], *, json: bool) -> None:
    """As `report`, when the site that the index may have shows the change too."""
    warnings = site_follows(keeper.files, names) or []
    report(replace(outcome, warnings=(*outcome.warnings, *warnings)), json=json)


def report(outcome: "Outcome", *, json: bool) -> None:
    """What was done and what is to be known, as notes, and as JSON on stdout where it is asked for."""
    for warning in outcome.warnings:
        note(warning, ("!", "yellow"))
    for line in outcome.done or ("there is nothing to do",):
        note(line)
    if json:
        json_document({"done": outcome.done, "warnings": outcome.warnings})


def pins_of(
    *, identity: str = "", issuer: str = "", github: str = "", gitlab: str = "", workflow: str = "", google: str = ""
) -> "list[PublisherPin]":
    """The publishers that the options name, or none; raise `UsageError` for half of one."""
    from skillkernel.errors import UsageError
    from skillkernel_registry.index_format import PublisherPin
    from skillkernel_registry.provenance.signer import lacking

    pins: list[PublisherPin] = []
    if identity or issuer:
        pins.append(PublisherPin(kind="Identity", identity=identity, issuer=issuer))
    if github or (workflow and not gitlab):
        pins.append(PublisherPin(kind="GitHub", repository=github, workflow=workflow))
    if gitlab:
        pins.append(PublisherPin(kind="GitLab", repository=gitlab, workflow=workflow))
    if google:
        pins.append(PublisherPin(kind="Google", email=google))
    for pin in pins:
        if lacking(pin):
            raise _half(pin.kind)
        parts = pin.repository.split("/")
        if pin.repository and (not all(parts) or len(parts) < 2 or (pin.kind == "GitHub" and len(parts) > 2)):
            raise UsageError(f"{pin.repository!r} is no repository", hint="write OWNER/REPO")
    return pins


def _half(kind: str) -> "UsageError":
    from skillkernel.errors import UsageError

    if kind == "Identity":
        problem, hint = "--pin-identity and --pin-issuer belong together", "say who signs, and who vouches for them"
    elif kind == "GitHub":
        problem, hint = "--pin-github and --workflow belong together", "for example --workflow release.yml"
    else:
        problem, hint = "--pin-gitlab and --workflow belong together", "for example --workflow .gitlab-ci.yml"
    return UsageError(problem, hint=hint)


def attestations_of(files: Sequence[Path], wheels: Sequence[Path]) -> dict[str, bytes]:
    """Attestation files by the name of the wheel that they are named for; one alone belongs to the one wheel."""
    from skillkernel.errors import UsageError
    from skillkernel_registry.keeper.intake import ATTESTATION

    found: dict[str, bytes] = {}
    for file in files:
        name = file.name.removesuffix(ATTESTATION)
        if len(files) == len(wheels) == 1:
            name = wheels[0].name
        try:
            found[name] = file.read_bytes()
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}", hint="`skill sign` makes it") from error
    return found


def attestation_policy(word: str | None, patterns: Sequence[str] | None) -> "str | list[str] | None":
    """The policy that the options name, None when they name none; raise `UsageError` for one that is none."""
    from skillkernel.errors import UsageError

    if patterns and word in (None, "some"):
        return list(patterns)
    if word == "some" or patterns or word not in (None, "none", "all"):
        raise UsageError(
            f"--attestations {word} is no policy here" if word else "no skill is named",
            hint="none, all, or some with --attest NAME-OR-PATTERN for each",
        )
    return word
