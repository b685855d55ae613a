"""Names that modules know to type checkers alone, for whoever asks for the types of annotations."""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from typing import Any

_brought: set[str] = set()


class _Parameter:
    """Stands for `Unpack` and `Required` where `typing` has none: it is what is in its brackets."""

    def __class_getitem__(cls, parameter: Any) -> Any:
        return parameter


def bring(name: str) -> None:
    """Imports into a module of the package what it imports for type checkers."""
    if name in _brought or not name.startswith(f"{__package__}."):
        return
    _brought.add(name)
    module = sys.modules[name]
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:
        # A frozen program has no source. What cannot be brought stays unknown.
        return
    names = vars(module)
    blocks = [node.body for node in tree.body if _is_for_checkers(node)]
    for statement in (statement for block in blocks for statement in block):
        if isinstance(statement, ast.ImportFrom):
            names.update(_imported(statement, module.__package__ or ""))
        elif isinstance(statement, (ast.Assign, ast.ClassDef)):
            exec(compile(ast.Module([statement], []), name, "exec"), names)
    # Aliases are text until then.
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            alias = node.target.id
            if isinstance(names.get(alias), str) and ast.unparse(node.annotation) == "TypeAlias":
                names[alias] = eval(names[alias], names)


def _is_for_checkers(node: ast.stmt) -> typing.TypeGuard[ast.If]:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _imported(statement: ast.ImportFrom, package: str) -> dict[str, Any]:
    source = "." * statement.level + (statement.module or "")
    found: dict[str, Any] = {}
    for alias in statement.names:
        found[alias.asname or alias.name] = _import(source, package, alias.name)
    return found


def _import(source: str, package: str, name: str) -> Any:
    from importlib import import_module

    if source == "typing_extensions":
        fallback = Any if name == "Self" else _Parameter
        return getattr(typing, name, fallback)
    module = import_module(source, package)
    bring(module.__name__)
    try:
        return getattr(module, name)
    except AttributeError:
        return import_module(f"{module.__name__}.{name}")
