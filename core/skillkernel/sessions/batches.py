"""Which of a reply's calls may run side by side: neighbouring reads; everything else runs in its order."""

from collections.abc import Callable, Iterable

from skillkernel.model.driver import ToolCall


def batches(calls: Iterable[ToolCall], is_read: Callable[[str], bool]) -> list[list[ToolCall]]:
    """Split calls into batches to run one after the other; only a batch of reads has more than one call."""
    found: list[list[ToolCall]] = []
    reading = False
    for call in calls:
        read = is_read(call.name)
        if read and reading:
            found[-1].append(call)
        else:
            found.append([call])
        reading = read
    return found
