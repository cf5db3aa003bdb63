"""The user's time zone."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from skillkernel.errors import UsageError


def local_zone(environ: Mapping[str, str]) -> str:
    """The IANA name of the user's zone: SKILL_TIME_ZONE, else what the operating system says, else UTC.

    Raises `UsageError` when SKILL_TIME_ZONE names no zone.
    """
    named = environ.get("SKILL_TIME_ZONE", "")
    if named:
        if not is_zone(named):
            raise UsageError(
                f"SKILL_TIME_ZONE={named!r} is not a time zone",
                hint="use a name such as Europe/Berlin or America/New_York",
            )
        return named
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
    except (LookupError, OSError, ValueError):
        return "UTC"
    return name if name and is_zone(name) else "UTC"


def is_zone(name: str) -> bool:
    """Whether this machine knows the time zone."""
    try:
        ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return False
    return True
