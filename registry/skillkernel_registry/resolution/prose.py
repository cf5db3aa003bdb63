"""Who demands what, in sentences."""

from collections.abc import Iterable, Mapping, Sequence

from skillkernel.catalogue.types import Installed
from skillkernel.names import SkillName
from skillkernel_registry.resolution.choice import Choice, Demand, Why

Said = tuple[Demand, Choice | None]
"""A demand, and who makes it: None for the person."""
Demanded = Mapping[SkillName, Sequence[Said]]
_CHAIN = 6
_VERSIONS = 4
_CLAUSES = 4


def conflict(name: SkillName, said: Iterable[Said], demanded: Demanded) -> str:
    """Demands on one skill that cannot all be met, what the person asked for at the end."""
    said = list(said)
    if all(parent is None for _, parent in said):
        return f"you asked for {' and '.join(str(demand) for demand, _ in said)}, and no release of {name} is both"
    clauses = demands(said, demanded)
    if len(clauses) == 1:
        return f"{clauses[0]}, and no release of {name} goes with the rest"
    if len(clauses) > _CLAUSES:
        clauses = [*clauses[: _CLAUSES - 1], f"{len(clauses) - _CLAUSES + 1} more demand others"]
    return f"{', '.join(clauses[:-1])}, but {clauses[-1]}"


def demands(said: Iterable[Said], demanded: Demanded) -> list[str]:
    """One clause for each skill that demands something, and one for each demand of the person."""
    groups: dict[str, list[tuple[Demand, Choice]]] = {}
    asked: list[str] = []
    for demand, parent in said:
        if parent is None:
            asked.append(f"you asked for {demand}")
        else:
            groups.setdefault(parent.name, []).append((demand, parent))
    return [*(_clause(group, demanded) for group in groups.values()), *dict.fromkeys(asked)]


def _clause(group: Sequence[tuple[Demand, Choice]], demanded: Demanded) -> str:
    first = group[0][1]
    origin = _origin(first, demanded)
    by_text: dict[str, list[Choice]] = {}
    for demand, parent in group:
        by_text.setdefault(str(demand), []).append(parent)
    if len(by_text) > 1:
        texts = [f"{text} ({_versions(parents)})" for text, parents in list(by_text.items())[:_VERSIONS]]
        return f"{first.name}{origin} requires {' or '.join(texts)}"
    text, parents = next(iter(by_text.items()))
    one = len({parent.version for parent in parents}) == 1
    installed = "the installed " if isinstance(first.source, Installed) and one else ""
    return f"{installed}{first.name} {_versions(parents)}{origin} require{'s' if one else ''} {text}"


def _versions(parents: Sequence[Choice]) -> str:
    versions = [str(version) for version in sorted({parent.version for parent in parents})]
    if len(versions) > _VERSIONS:
        return f"{versions[0]} to {versions[-1]} ({len(versions)} releases)"
    return " and ".join([", ".join(versions[:-1]), versions[-1]] if len(versions) > 1 else versions)


def _origin(choice: Choice, demanded: Demanded) -> str:
    """Why that skill is there at all, back to what the person asked for."""
    chain: list[str] = []
    seen = {choice.name}
    name = choice.name
    while len(chain) < _CHAIN:
        sources = demanded.get(name, ())
        if any(demand.why is Why.ASKED for demand, _ in sources):
            return ", which you asked for," if not chain else f" ({', '.join(chain)}, which you asked for)"
        above = next(
            (one for demand, one in sources if one and one.name not in seen and demand.why is not Why.KEPT), None
        )
        if above is None:
            break
        chain.append(f"required by {above}")
        seen.add(above.name)
        name = above.name
    return f" ({', '.join(chain)})" if chain else ""
