"""Times of things that are compared: taken in turns, so that the machine's moods meet all of them, and told as a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

Measure = Callable[[], float]
"""Do the thing once; the seconds it took."""


@dataclass
class Samples:
    """Seconds, one round after the other."""

    rounds: list[list[float]] = field(default_factory=list[list[float]])

    def add(self, seconds: Iterable[float]) -> None:
        """Keep the times of one more round."""
        self.rounds.append(list(seconds))

    @property
    def median(self) -> float:
        """The median of the rounds' medians."""
        return median(median(each) for each in self.rounds)

    @property
    def best(self) -> float:
        """The smallest of the rounds' medians: what the least disturbed round says."""
        return min(median(each) for each in self.rounds)

    @property
    def p99(self) -> float:
        """The 99th percentile of all."""
        every = sorted(second for each in self.rounds for second in each)
        return every[min(len(every) - 1, round(0.99 * len(every)))]


def in_turns(measures: dict[str, Measure], rounds: int) -> dict[str, Samples]:
    """Measure each thing once a round, after one round that does not count."""
    found = {name: Samples() for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            seconds = measure()
            if number:
                found[name].add([seconds])
    return found


def milliseconds(seconds: float) -> str:
    """Three figures or so."""
    value = seconds * 1e3
    return (
        f"{value:.0f}"
        if value >= 100
        else f"{value:.1f}"
        if value >= 10
        else f"{value:.2f}"
        if value >= 1
        else f"{value:.3f}"
    )


def ratio(one: float, other: float) -> str:
    """How many times as long."""
    return f"{one / other:.2f} x"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table: the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "--:|" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
