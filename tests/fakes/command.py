"""The command as a person runs it: a process of its own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOTES = Path(__file__).parent.parent / "data" / "notes"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Command:
    """`skill` with a home of its own; nothing of the person's shell reaches it."""

    home: Path
    more: dict[str, str] = field(default_factory=dict[str, str])

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        package_settings = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_", "SSL_"))}
        return {**kept, **package_settings, "SKILL_HOME": str(self.home), **self.more}

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "skillkernel_cli", *arguments],
            env=self.environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **options,
        )  # fmt: skip

    def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        with self.start(*arguments) as process:
            out, err = process.communicate(stdin, timeout=120)
        return Ran(process.returncode, out, err)

    def here(self, *arguments: str) -> Ran:
        """The same command in this process: what it prints and how it ends, without the start of an interpreter."""
        from skillkernel_cli.app import COMMANDS, build_app
        from skillkernel_cli.failures import exit_code_of

        out, err = io.StringIO(), io.StringIO()
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment())
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = exit_code_of(
                    lambda: build_app(COMMANDS)(list(arguments), prog_name="skill", standalone_mode=False)
                )
        finally:
            os.environ.clear()
            os.environ.update(before)
        return Ran(code, out.getvalue(), err.getvalue())

    def with_environment(self, **more: str) -> "Command":
        return Command(self.home, {**self.more, **more})


AtEndpoint = Callable[[str], Command]
