"""`skill install`: from a name to a skill that can be called."""

from typing import Annotated

import typer

from skillkernel_cli.options import Index, TrustConfig, Unsigned


def install_command(
    skills: Annotated[
        list[str],
        typer.Argument(metavar="NAME[SPEC]...", help="Names such as calendar or 'calendar>=0.1', wheels or folders."),
    ],
    index: Index = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand to what they ask for.")] = False,
    ask: Annotated[
        bool | None, typer.Option("--ask/--no-ask", help="Grant nothing now: be asked when a permission is needed.")
    ] = None,
    editable: Annotated[
        bool, typer.Option("--editable", "-e", help="Source folders, whose changes take effect at the next command.")
    ] = False,
    pre: Annotated[bool, typer.Option("--pre", help="Take pre-releases too.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Use nothing but what is kept on this machine.")] = False,
    unsigned: Unsigned = False,
    trust_config: TrustConfig = None,
) -> None:
    """Install skills: shows what they ask for, and asks you.

    Example: skill install calendar calculator
    """
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.installing import install_skills, told

    terms = index_terms(unsigned=unsigned, yes=yes, trust_config=trust_config, offline=offline)
    told(install_skills(skills, index=index, yes=yes, ask_at_use=ask, editable=editable, pre=pre, terms=terms))
