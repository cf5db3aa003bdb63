"""Where an index is kept, from what a person writes: a folder, git+FOLDER, https://… or s3://BUCKET/FOLDER."""

import re
from urllib.parse import urlsplit

from skillkernel.errors import UsageError
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.keeper.folder_files import FolderFiles
from skillkernel_registry.location import FolderLocation, parse_location

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def open_files(destination: str, *, git: bool = False, push: bool = False) -> IndexFiles:
    """The files of the index at `destination`, to be read and written.

    `git` takes a folder for a git working tree, as `git+` before it does; `push` sends each commit on. Raises
    `UsageError` for what cannot be a destination, `Missing` when what it needs is not installed.
    """
    if destination.startswith("git+"):
        destination, git = destination.removeprefix("git+"), True
    if destination.startswith("s3://"):
        _only_for_git(destination, git=git or push)
        return _bucket(destination)
    location = parse_location(destination)
    if not isinstance(location, FolderLocation):
        _only_for_git(str(location), git=git or push)
        from skillkernel_registry.publishing.put_files import PutFiles

        return PutFiles(location.url)
    folder = FolderFiles(location.path)
    if not git:
        _only_for_git(str(location), git=push)
        return folder
    from skillkernel_registry.publishing.git_files import GitFiles

    return GitFiles(folder, location.path, push=push)


def _bucket(destination: str) -> IndexFiles:
    parts = urlsplit(destination)
    name = parts.hostname or ""
    if parts.username or parts.password:
        raise UsageError(f"the address s3://{name} holds a key", hint="put it into AWS_ACCESS_KEY_ID and its sister")
    if parts.query or parts.fragment or not _BUCKET.fullmatch(name) or parts.netloc != name:
        raise UsageError(f"s3://{name} cannot be read", hint="write s3://BUCKET or s3://BUCKET/FOLDER")
    from skillkernel_registry.publishing.bucket_files import BucketFiles

    return BucketFiles(name, parts.path.removesuffix("index.json"))


def _only_for_git(destination: str, *, git: bool) -> None:
    if git:
        raise UsageError(
            f"{destination} is not a git working tree", hint="--git and --push are for a folder: git+FOLDER"
        )
