"""A place for secrets in memory, which counts how often it is asked."""

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass
class MemoryStore:
    """A `SecretStore`; `asked` holds the names of each reading."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    asked: list[list[str]] = field(default_factory=list[list[str]])

    def read(self, owner: str, names: Collection[str]) -> dict[str, str]:
        self.asked.append(list(names))
        return {name: self.kept[owner, name] for name in names if (owner, name) in self.kept}

    def set(self, owner: str, name: str, value: str) -> str:
        self.kept[owner, name] = value
        return "memory"

    def remove(self, owner: str, name: str) -> bool:
        return self.kept.pop((owner, name), None) is not None

    def purge(self, owner: str) -> bool:
        mine = [key for key in self.kept if key[0] == owner]
        for key in mine:
            del self.kept[key]
        return bool(mine)
