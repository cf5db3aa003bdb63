"""A package's modules as syntax trees, read and never run, with the names that each of them binds."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from skillkernel_registry.authoring.finding import Finding, error

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Module:
    """One file: `place` is relative to the source, `names` what an import or a definition binds, as a dotted path."""

    place: str
    name: str
    tree: ast.Module
    names: Mapping[str, str]

    def at(self, node: ast.AST) -> str:
        return f"{self.place}:{getattr(node, 'lineno', 1)}"


@dataclass(frozen=True, slots=True)
class SourceTree:
    """All modules of a package by dotted name, and what could not be read."""

    package: str
    modules: Mapping[str, Module]
    findings: tuple[Finding, ...] = ()

    def resolve(self, dotted: str) -> str:
        """The path at which a name is defined, followed through this package's own imports."""
        for _ in range(8):
            head, _, tail = dotted.rpartition(".")
            module = self.modules.get(head)
            if module is None or module.names.get(tail, dotted) == dotted:
                break
            dotted = module.names[tail]
        return dotted


def read_package(root: Path, package: Path) -> SourceTree:
    """Parse every module of the package folder; places are relative to `root`."""
    modules: dict[str, Module] = {}
    findings: list[Finding] = []
    for file in sorted(package.rglob("*.py")):
        if "__pycache__" in file.parts or file.is_symlink():
            continue
        place = str(file.relative_to(root))
        name = ".".join((package.name, *file.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")
        try:
            tree = _parsed(file)
        except SyntaxError as problem:
            where = f"{place}:{problem.lineno or 1}"
            findings.append(error("syntax", where, f"is not Python: {problem.msg}", "mend that line"))
        except (OSError, ValueError, RecursionError, MemoryError) as problem:
            findings.append(error("syntax", f"{place}:1", f"cannot be read: {str(problem)[:200]}", "save it as UTF-8"))
        else:
            is_package = file.name == "__init__.py"
            modules[name] = Module(place, name, tree, dict(_bound(tree, name, is_package)))
    return SourceTree(package.name, modules, tuple(findings))


def _parsed(file: Path) -> ast.Module:
    data = file.read_bytes()
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES:,} bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)


def _bound(tree: ast.Module, name: str, is_package: bool) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, name, is_package)
            for alias in node.names:
                yield alias.asname or alias.name, f"{origin}.{alias.name}"
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name, f"{name}.{statement.name}"


def _origin(node: ast.ImportFrom, name: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    kept = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])
