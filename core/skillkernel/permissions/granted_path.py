"""A file or folder that was granted, or is denied within one that was: what a decision about files comes to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Access = Literal["read", "write", "denied"]


@dataclass(frozen=True, slots=True)
class GrantedPath:
    """`path` with every link followed, `at` as the grant spells it, where the worker sees it.

    `denied` covers what lies within a granted folder.
    """

    path: Path
    at: Path
    access: Access
    folder: bool
