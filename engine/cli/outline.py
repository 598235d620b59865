"""Which file has which command, and its help in a line, read from the source: the list of all commands loads none of them. What a
command does is said by the command itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Outline:
    """A command as its file's source shows it."""

    name: str
    module: str
    help: str


def outlines(folder: Path) -> list[Outline]:
    """Return the commands of all files in a folder, in the order of the files. What a file has is in its ``COMMANDS``."""
    return [found for path in sorted(folder.glob("*.py")) for found in _outlines(path)]


def _outlines(path: Path) -> list[Outline]:
    source = path.read_text(encoding="utf-8")
    if "\nCOMMANDS" not in source:
        return []
    body = ast.parse(source).body
    functions = {one.name: one for one in body if isinstance(one, ast.FunctionDef)}
    listed = next((names for one in body if (names := _listed(one)) is not None), [])
    return [
        Outline(_name(functions[name]), path.stem, (ast.get_docstring(functions[name]) or "").partition("\n")[0])
        for name in listed
    ]


def _listed(statement: ast.stmt) -> list[str] | None:
    """Return the names in ``COMMANDS = (…)``, None for any other statement."""
    if isinstance(statement, ast.Assign):
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value = statement.target, statement.value
    else:
        return None
    if not (isinstance(target, ast.Name) and target.id == "COMMANDS" and isinstance(value, ast.Tuple)):
        return None
    return [one.id for one in value.elts if isinstance(one, ast.Name)]


def _name(function: ast.FunctionDef) -> str:
    """Return a command's name: said in its decorator, else the function's."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.args and ast.unparse(decorator.func).startswith("click."):
            first = decorator.args[0]
            if ast.unparse(decorator.func) in {"click.command", "click.group"} and isinstance(first, ast.Constant):
                return str(first.value)
    return function.name
