"""`skill index`: keeping an index, and using those of others."""

from pathlib import Path
from typing import Annotated

import typer

from skillkernel_cli.index_keeping import (
    AttestationFiles,
    Folder,
    KeyFolders,
    NewPublisher,
    PinGitHub,
    PinGitLab,
    PinGoogle,
    PinIdentity,
    PinIssuer,
    Place,
    Workflow,
)
from skillkernel_cli.index_using import forget_command, list_command, use_command
from skillkernel_cli.options import Json, TrustConfig

index_group = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Keep an index of skills, or use one of somebody else.",
    epilog="Example: skill index init site && skill index add site dist/*.whl",
)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="A skill of the index.")]
_Attestations = Annotated[
    str | None,
    typer.Option(
        "--attestations", metavar="none|all|some", help="Which releases need an attestation: none unless said."
    ),
]
_Attest = Annotated[
    list[str] | None,
    typer.Option("--attest", metavar="PATTERN", help="With some: a skill's name or a pattern. May be repeated."),
]
_Days = Annotated[int | None, typer.Option(metavar="DAYS", min=1, max=3650)]
_Grace = Annotated[
    int, typer.Option("--grace-days", metavar="DAYS", min=0, help="Delete what nothing names for so many days: 7.")
]


@index_group.command("init")
def init_command(
    folder: Folder,
    name: Annotated[
        str, typer.Option("--name", help="What the index calls itself; the folder's name unless said.")
    ] = "",
    publisher: Annotated[
        str, typer.Option("--publisher", help="Who publishes its skills, unless one says otherwise.")
    ] = "",
    keys: KeyFolders = None,
    root_keys: Annotated[int, typer.Option("--root-keys", metavar="N", help="How many root keys to make: 1.")] = 1,
    threshold: Annotated[int, typer.Option("--threshold", metavar="M", help="How many of them have to sign: 1.")] = 1,
    attestations: _Attestations = None,
    attest: _Attest = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Sign nothing: for development on this machine.")
    ] = False,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Encrypt the keys with a passphrase.")] = False,
    expires_root: _Days = None,
    expires_targets: _Days = None,
    expires_bins: _Days = None,
    expires_snapshot: _Days = None,
    expires_timestamp: _Days = None,
    json: Json = False,
) -> None:
    """Make an empty index and the keys that sign it.

    The root keys are needed again for rotate-key and policy alone: move them to a place that is not on the network.

    Example: skill index init site --publisher "Example Ltd"
    """
    from skillkernel_cli.index_keeping import attestation_policy, default_keys, new_passphrase
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.keeper.folder_files import FolderFiles
    from skillkernel_registry.keeper.founding import Plan, check_name, found_signed, found_unsigned
    from skillkernel_registry.keeper.keeper import utc_now
    from skillkernel_registry.keeper.keys import Keys

    files = FolderFiles(folder)
    name = name or files.folder.name
    check_name(name)
    if unsigned:
        found_unsigned(files, name, publisher)
        note(f"{files.folder} is an index without signatures: who uses it has to say --unsigned")
        if json:
            json_document({"folder": str(files.folder), "name": name, "signed": False, "keys": None, "root": None})
        return
    days = _days(expires_root, expires_targets, expires_bins, expires_snapshot, expires_timestamp)
    plan = Plan(
        name=name,
        publisher=publisher,
        root_keys=root_keys,
        threshold=threshold,
        attestations=attestation_policy(attestations, attest) or "none",
        days=days,
        passphrase=new_passphrase(passphrase),
    )
    made = Keys(keys or [default_keys(name)])
    fingerprint = found_signed(files, made, plan, utc_now())
    note(f"{files.folder} is a signed index; its keys are in {made.folders[0]}")
    note("move root-*.pem to a place that is not on the network: they are needed to rotate keys and change the policy")
    note(f"tell those who use it the sha256 of its root: {fingerprint}")
    if json:
        keys_at = str(made.folders[0])
        json_document({"folder": str(files.folder), "name": name, "signed": True, "keys": keys_at, "root": fingerprint})


@index_group.command("add")
def add_command(
    index: Place,
    wheels: Annotated[list[Path], typer.Argument(metavar="WHEEL...", help="Wheels, as `skill build` makes them.")],
    publisher: Annotated[
        str, typer.Option("--publisher", help="Who publishes them, if not the index's publisher.")
    ] = "",
    pin_identity: PinIdentity = "",
    pin_issuer: PinIssuer = "",
    pin_github: PinGitHub = "",
    pin_gitlab: PinGitLab = "",
    workflow: Workflow = "",
    pin_google: PinGoogle = "",
    attestation: AttestationFiles = None,
    trust_config: TrustConfig = None,
    new_publisher: NewPublisher = False,
    keys: KeyFolders = None,
    json: Json = False,
) -> None:
    """Publish wheels in an index.

    Example: skill index add site dist/skill_weather-1.0.0-py3-none-any.whl
    """
    from skillkernel_cli.index_keeping import (
        attestation_check,
        attestations_of,
        names_of,
        open_keeper,
        pins_of,
        report_change,
    )

    pins = pins_of(
        identity=pin_identity,
        issuer=pin_issuer,
        github=pin_github,
        gitlab=pin_gitlab,
        workflow=workflow,
        google=pin_google,
    )
    keeper = open_keeper(index, keys, attestation_check(trust_config))
    outcome = keeper.add(
        wheels,
        publisher=publisher,
        pins=pins,
        attestations=attestations_of(attestation or [], wheels),
        new_publisher=new_publisher,
    )
    report_change(keeper, outcome, names_of(wheels), json=json)


@index_group.command("remove")
def remove_command(
    index: Place,
    name: _Name,
    version: Annotated[str, typer.Argument(metavar="[VERSION]", help="One release; without it, the skill.")] = "",
    keys: KeyFolders = None,
    json: Json = False,
) -> None:
    """Take a release, or a skill, out of an index.

    Example: skill index remove site weather 1.0.0
    """
    from skillkernel_cli.index_keeping import open_keeper, report_change

    keeper = open_keeper(index, keys)
    report_change(keeper, keeper.remove(name, version), [name], json=json)


@index_group.command("yank")
def yank_command(
    index: Place,
    name: _Name,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The release.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for those who pinned it.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Offer it again.")] = False,
    keys: KeyFolders = None,
    json: Json = False,
) -> None:
    """Offer a release to nobody but those who pinned it.

    Example: skill index yank site weather 1.0.0 --reason "it sends twice"
    """
    from skillkernel_cli.index_keeping import open_keeper, report_change

    keeper = open_keeper(index, keys)
    report_change(keeper, keeper.yank(name, version, reason=reason, undo=undo), [name], json=json)


@index_group.command("refresh")
def refresh_command(
    index: Place,
    grace_days: _Grace = 7,
    orphans: Annotated[bool, typer.Option("--orphans", help="Look for files that nothing names, too.")] = False,
    rebuild_search: Annotated[
        bool, typer.Option("--rebuild-search", help="Write all search files anew, from the records.")
    ] = False,
    keys: KeyFolders = None,
    json: Json = False,
) -> None:
    """Sign anew what runs out, and tidy up: to be run before the timestamp runs out, by cron for example.

    Example: skill index refresh site
    """
    from datetime import timedelta

    from skillkernel_cli.index_keeping import open_keeper, report

    outcome = open_keeper(index, keys).refresh(
        grace=timedelta(days=grace_days), orphans=orphans, rebuild_search=rebuild_search
    )
    report(outcome, json=json)


@index_group.command("rotate-key")
def rotate_key_command(
    index: Place,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="root, targets, snapshot, timestamp or bins.")],
    old: Annotated[str, typer.Option("--old", metavar="KEYID", help="One root key of several, by its beginning.")] = "",
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Encrypt the new key with a new passphrase.")
    ] = False,
    keys: KeyFolders = None,
    json: Json = False,
) -> None:
    """Have a new key sign for a role, and the old one no more; the old one may be lost, except for root.

    Example: skill index rotate-key site timestamp --keys /media/stick/keys
    """
    from skillkernel_cli.index_keeping import new_passphrase, open_keeper, report

    word = new_passphrase(passphrase)
    report(open_keeper(index, keys).rotate_key(role, old=old, passphrase=word), json=json)


@index_group.command("policy")
def policy_command(
    index: Place,
    attestations: _Attestations = None,
    attest: _Attest = None,
    expires_root: _Days = None,
    expires_targets: _Days = None,
    expires_bins: _Days = None,
    expires_snapshot: _Days = None,
    expires_timestamp: _Days = None,
    keys: KeyFolders = None,
    json: Json = False,
) -> None:
    """Show or change which releases need an attestation, and for how long signatures are good: a new root.

    Example: skill index policy site --attestations all
    """
    from skillkernel_cli.index_keeping import attestation_policy, open_keeper, report
    from skillkernel_cli.output import data, json_document

    keeper = open_keeper(index, keys)
    policy = attestation_policy(attestations, attest)
    days = _days(expires_root, expires_targets, expires_bins, expires_snapshot, expires_timestamp)
    if policy is not None or days:
        report(keeper.set_policy(policy, days), json=json)
        return
    shown = keeper.policy()
    if json:
        json_document({"attestations": shown.attestations, "days": shown.days})
        return
    data(
        f"attestations: {shown.attestations if isinstance(shown.attestations, str) else ', '.join(shown.attestations)}"
    )
    for role, count in shown.days.items():
        data(f"{role}: good for {count} days")


@index_group.command("check")
def check_command(index: Place, json: Json = False) -> None:
    """Look an index over from end to end, and say everything that is wrong with it.

    Example: skill index check site
    """
    from dataclasses import asdict

    from skillkernel_cli.output import data, json_document, note
    from skillkernel_registry.keeper.check import check
    from skillkernel_registry.keeper.keeper import utc_now
    from skillkernel_registry.publishing.destination import open_files

    findings = check(open_files(index), utc_now())
    if json:
        json_document([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            data(f"{finding.place}: {finding.problem}" if finding.place else finding.problem)
            data(f"  {finding.fix}")
    wrong = sum(not finding.harmless for finding in findings)
    note(f"{index}: {wrong} to mend, {len(findings) - wrong} harmless" if findings else f"{index}: all is well")
    if wrong:
        raise typer.Exit(4)


for _name, _command in (("use", use_command), ("list", list_command), ("forget", forget_command)):
    index_group.command(_name)(_command)


def _days(
    root: int | None, targets: int | None, bins: int | None, snapshot: int | None, timestamp: int | None
) -> dict[str, int]:
    said = {"root": root, "targets": targets, "bins": bins, "snapshot": snapshot, "timestamp": timestamp}
    return {role: days for role, days in said.items() if days is not None}
