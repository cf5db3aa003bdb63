"""Runs inside the walls, for one command: a module, a script or a piece of code, with a sys.path that was given."""

import json
import os
import runpy
import sys
from importlib import import_module

from skillkernel.worker.inside.confine import confine, die_with_the_kernel

import_module("pluggy")  # what runs here may import it, and once this module is loaded its folder is not looked into


def main() -> None:
    """Run `sys.argv[2:]` (`-m MODULE …`, `-c CODE …` or `SCRIPT …`) in the surroundings that `sys.argv[1]` says."""
    surroundings = json.loads(sys.argv[1])
    die_with_the_kernel(surroundings)
    confine(surroundings)
    sys.path += surroundings["path"]
    own = surroundings["tmp"]
    os.chdir(surroundings["folder"] or own)  # here and not by bubblewrap, which may not enter it as the root it is
    words = sys.argv[2:]
    os.environ.update(HOME=own, TMPDIR=own, LANG="C.UTF-8")
    if words[0] == "-m":
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 # it is what was asked for
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")
