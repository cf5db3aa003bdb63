"""`python -m skillkernel_cli`: the command, whatever else is called `skill` on PATH."""

from skillkernel_cli.entry import skill

skill()
