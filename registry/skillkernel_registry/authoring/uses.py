"""What a skill's source reaches for, as far as reading it tells. Nothing is run.

A use is certain when the call stands there by name; it is uncertain when only a library is imported, or a value is
known at run time alone. A name hidden in a text, a library's own doings, `getattr` and `eval` are not seen: the walls
hold those, this tells the author.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from skillkernel_registry.authoring import use_tables as table
from skillkernel_registry.authoring.source_tree import Function, Module, SourceTree


class Use(NamedTuple):
    """`kind` is a permission's, or `write`, `send`, `spawn`, `opaque`, `foreign`; `value` is None when not known."""

    kind: str
    value: str | None
    what: str
    place: str
    function: str
    certain: bool = True


def uses_of(tree: SourceTree) -> tuple[Use, ...]:
    """Every use in the package; `function` is the dotted path of the function or method around it, or of the module."""
    return tuple(use for module in tree.modules.values() for use in _Reader(module, tree.package).read())


@dataclass(frozen=True, slots=True)
class _Scope:
    """The function that is being read, and the names in it that hold a Context."""

    function: str
    contexts: frozenset[str] = frozenset()


class _Reader:
    def __init__(self, module: Module, package: str) -> None:
        self._module = module
        self._package = package

    def read(self) -> Iterator[Use]:
        yield from self._body(self._module.tree, _Scope(self._module.name))

    def _body(self, node: ast.AST, scope: _Scope) -> Iterator[Use]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inner = _Scope(f"{scope.function}.{child.name}", scope.contexts | _contexts(child))
            elif isinstance(child, ast.ClassDef):
                inner = _Scope(f"{scope.function}.{child.name}", scope.contexts)
            yield from self._node(child, inner)
            yield from self._body(child, inner)

    def _node(self, node: ast.AST, scope: _Scope) -> Iterator[Use]:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from self._import(node, scope)
            case ast.Call():
                yield from self._call(node, scope)
            case ast.Subscript(value=value, slice=key) if self._path(value) == "os.environ":
                yield self._use("environment", _text(key), "os.environ", node, scope)
            case ast.Compare(left=left, comparators=[right]) if self._path(right) == "os.environ":
                yield self._use("environment", _text(left), "os.environ", node, scope)
            case ast.Attribute(value=value, attr="home") if self._is_context(value, scope):
                yield self._use("files", None, "context.home", node, scope, certain=False)
            case _:
                pass

    def _import(self, node: ast.Import | ast.ImportFrom, scope: _Scope) -> Iterator[Use]:
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif node.level:
            return
        else:
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
        for path in paths:
            if _begins(path, table.NETWORK_MODULES):
                yield self._use("network", None, f"import {path}", node, scope, certain=False)
            top = path.partition(".")[0]
            if _is_foreign(top, self._package):
                yield self._use("foreign", top, f"import {top}", node, scope, certain=False)

    def _call(self, node: ast.Call, scope: _Scope) -> Iterator[Use]:
        path = self._path(node.func)
        first = _text(node.args[0]) if node.args else None
        if path:
            yield from self._by_path(path, first, node, scope)
        if isinstance(node.func, ast.Attribute):
            yield from self._by_method(node.func, first, node, scope)

    def _by_path(self, path: str, first: str | None, node: ast.Call, scope: _Scope) -> Iterator[Use]:
        if path in table.NETWORK_CALLS:
            yield self._use("network", _host(first), path, node, scope)
        if path in table.SENDING_CALLS or (path.startswith("urllib.request.") and _sends(node)):
            yield self._use("send", None, path, node, scope)
        if path.startswith(table.PROGRAM_CALLS):
            yield self._use("spawn", first, path, node, scope, certain=not path.startswith("multiprocessing"))
        if path in ("os.getenv", "os.environ.get", "os.environ.pop"):
            yield self._use("environment", first, path, node, scope)
        if path in table.WRITING_CALLS or (path in ("open", "io.open") and _writes(node, 1)):
            yield self._use("write", first, path, node, scope)
        if path in table.OPAQUE_CALLS and (first is None or path != "importlib.import_module"):
            yield self._use("opaque", None, path, node, scope)
        if path in ("pathlib.Path.home", "os.path.expanduser"):
            yield self._use("files", None, path, node, scope, certain=False)
        if path in table.PATH_CALLS:
            yield from self._file(path, first, node, scope)

    def _file(self, path: str, first: str | None, node: ast.Call, scope: _Scope) -> Iterator[Use]:
        if first is None:
            return
        if first.startswith(("/", "~/")) and not first.startswith(table.OWN_PLACES):
            yield self._use("files", first, f"{path}({first!r})", node, scope)

    def _by_method(self, func: ast.Attribute, first: str | None, node: ast.Call, scope: _Scope) -> Iterator[Use]:
        name = func.attr
        if self._is_context(func.value, scope):
            yield from self._service(name, first, node, scope)
        elif name in table.WRITING_METHODS or (name == "open" and _writes(node, 0)) or self._is_replacing(func, node):
            if self._path(func) not in table.WRITING_CALLS:
                yield self._use("write", None, f".{name}()", node, scope)
        elif name in ("execute", "executemany") and first and first.lstrip().upper().startswith(table.WRITING_SQL):
            yield self._use("write", None, f".{name}({first.split()[0]} …)", node, scope)
        elif name == "expanduser":
            yield self._use("files", None, ".expanduser()", node, scope, certain=False)

    def _service(self, name: str, first: str | None, node: ast.Call, scope: _Scope) -> Iterator[Use]:
        what = f"context.{name}"
        if name == "secret":
            yield self._use("secrets", first, what, node, scope)
        elif name in table.CONTEXT_SERVICES:
            yield self._use("kernel", table.CONTEXT_SERVICES[name], what, node, scope)
            if name == "remember":
                yield self._use("write", None, what, node, scope)
        elif name == "call":
            yield self._use("kernel", first.partition(".")[0] if first else None, what, node, scope)
        elif name == "run":
            argv = node.args[0] if node.args else None
            program = _text(argv.elts[0]) if isinstance(argv, (ast.List, ast.Tuple)) and argv.elts else None
            yield self._use("programs", program, what, node, scope)

    def _is_replacing(self, func: ast.Attribute, node: ast.Call) -> bool:
        """`path.replace(target)`: a text's takes two arguments, a date's has names."""
        own = self._path(func)
        return func.attr == "replace" and len(node.args) == 1 and not node.keywords and (own is None or "." not in own)

    def _is_context(self, node: ast.AST, scope: _Scope) -> bool:
        match node:
            case ast.Name(id=name):
                return name in scope.contexts
            case ast.Attribute(attr="context" | "_context"):
                return True
            case _:
                return False

    def _path(self, node: ast.AST) -> str | None:
        """`urllib.request.urlopen` of whatever name stands there, None when it is a value's."""
        match node:
            case ast.Name(id=name):
                return self._module.names.get(name, name)
            case ast.Attribute(value=value, attr=attr):
                inner = self._path(value) if isinstance(value, (ast.Name, ast.Attribute)) else None
                known = inner is not None and (not isinstance(value, ast.Name) or value.id in self._module.names)
                return f"{inner}.{attr}" if known else None
            case _:
                return None

    def _use(
        self, kind: str, value: str | None, what: str, node: ast.AST, scope: _Scope, *, certain: bool = True
    ) -> Use:
        return Use(kind, value, what, self._module.at(node), scope.function, certain)


def reached(tree: SourceTree, function: str) -> frozenset[str]:
    """The functions that this one may come to call, itself too: by name, and any method that is called like one here."""
    edges = _edges(tree)
    found: set[str] = set()
    waiting = [tree.resolve(function)]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(edges.get(at, ()))
    return frozenset(found)


def _edges(tree: SourceTree) -> Mapping[str, frozenset[str]]:
    functions = {path: (module, node) for module in tree.modules.values() for path, node in _functions(module)}
    methods: dict[str, set[str]] = {}
    for path in functions:
        owner, _, name = path.rpartition(".")
        if owner not in tree.modules and not name.startswith("__"):
            methods.setdefault(name, set()).add(path)
    return {
        path: frozenset(_called(tree, module, node, functions.keys() - {path}, methods))
        for path, (module, node) in functions.items()
    }


def _called(
    tree: SourceTree, module: Module, node: Function, known: set[str], methods: Mapping[str, set[str]]
) -> Iterator[str]:
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Load()) if name in module.names:
                path = tree.resolve(module.names[name])
                yield from (each for each in (path, f"{path}.__init__", f"{path}.__post_init__") if each in known)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in module.names:
                path = tree.resolve(f"{tree.resolve(module.names[name])}.{attr}")
                if path in known:
                    yield path
            case ast.Attribute(attr=attr) if attr in methods:
                yield from methods[attr]
            case _:
                pass


def _functions(module: Module) -> Iterator[tuple[str, Function]]:
    waiting: list[tuple[str, ast.AST]] = [(module.name, module.tree)]
    while waiting:
        path, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path}.{child.name}", child
            elif isinstance(child, (ast.ClassDef, ast.If, ast.Try)):
                waiting.append((f"{path}.{child.name}" if isinstance(child, ast.ClassDef) else path, child))


def _contexts(function: Function) -> frozenset[str]:
    """The parameters that hold a Context, by their hint or, without one, by their name."""
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return frozenset(
        argument.arg
        for argument in arguments
        if (argument.annotation is None and argument.arg == "context")
        or (argument.annotation is not None and "Context" in ast.unparse(argument.annotation))
    )


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _host(address: str | None) -> str | None:
    """`host:port` of an address that stands in the source."""
    try:
        parts = urlsplit(address or "")
        port = parts.port
    except ValueError:
        return None
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.hostname}:{port or usual}" if parts.hostname and (port or usual) else None


def _writes(node: ast.Call, position: int) -> bool:
    mode = next((word.value for word in node.keywords if word.arg == "mode"), None)
    if mode is None and len(node.args) > position:
        mode = node.args[position]
    return mode is not None and bool(set(_text(mode) or "") & set("wax+"))


def _sends(node: ast.Call) -> bool:
    return any(
        word.arg == "data" or (word.arg == "method" and (_text(word.value) or "").upper() in table.SENDING_METHODS)
        for word in node.keywords
    )


def _begins(path: str, modules: frozenset[str]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:length]) in modules for length in range(1, len(parts) + 1))


def _is_foreign(top: str, package: str) -> bool:
    return top not in sys.stdlib_module_names and top not in (package, "skillkernel", "pluggy", "")
