"""docs/first-skill.md works from its first line to its last, with a real Sigstore instance and a real web server."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from fakes.command import Command
from fakes.sigstore_authority import Issuer
from fakes.sigstore_instance import sigstore_instance

PAGE = Path(__file__).parent.parent / "docs" / "first-skill.md"
PORT = "8000"
IDENTITY, ISSUER = "you@example.com", "https://github.com/login/oauth"


def shell_blocks() -> list[str]:
    return re.findall(r"^```sh\n(.+?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def test_the_page_takes_a_skill_from_nothing_to_another_home(tmp_path: Path) -> None:
    with sigstore_instance(issuer=Issuer(url=ISSUER)) as instance:
        home = tmp_path / "author"
        home.mkdir(mode=0o700)
        trust = instance.write_trust_config(tmp_path)
        (tmp_path / "somebody").mkdir(mode=0o700)
        for config in (home, tmp_path / "somebody"):
            (config / "config.toml").write_text(f'[sigstore]\ntrust_config = "{trust}"\n', encoding="utf-8")
        command = Command(
            home, {"SIGSTORE_IDENTITY_TOKEN": instance.issuer.token(IDENTITY, claims={"email": IDENTITY})}
        )
        environ = command.environment()
        environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
        waits = (
            "until python -c \"import socket; socket.create_connection(('127.0.0.1', 8000))\" 2>/dev/null; do :; done\n"
        )
        blocks = [block + (waits if "http.server" in block else "") for block in shell_blocks()]
        script = "set -euo pipefail\ntrap 'kill $(jobs -p) || :' EXIT\n" + "".join(blocks)
        with subprocess.Popen(
            ["bash", "-c", script.replace(PORT, free_port())],
            cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as shell:  # fmt: skip
            try:
                out, err = shell.communicate(timeout=240)
            finally:
                shell.send_signal(signal.SIGTERM)
    assert shell.returncode == 0, err
    assert f"signed by {IDENTITY}" in err
    assert "installed weather 0.1.0: 2 tools" in err
    assert "Lisbon" in out
    assert (tmp_path / "skill.lock").is_file()
