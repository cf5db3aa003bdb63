"""What has to be on the disk before anything points to it."""

import os
from pathlib import Path


def write_durable(path: Path, data: bytes) -> None:
    """Write a new file whose bytes survive a power loss."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
