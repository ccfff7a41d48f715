"""What the guard tests look at: the files of the repository and the syntax trees of its modules."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deploy.local.services import ROOT

_MADE = {".git", ".venv", "var", "reports", "__pycache__", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the repository, relative to its root."""
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _MADE and not name.endswith(("_cache", ".egg-info"))]
        folders[:] = [name for name in folders if name not in {".hypothesis"}]
        found += [(Path(folder) / name).relative_to(ROOT) for name in names if not name.endswith(".pyc")]
    return tuple(sorted(found))


def modules(*roots: str) -> list[Path]:
    """The Python files under these folders, relative to the repository's root."""
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in roots]


@cache
def tree(path: Path) -> ast.Module:
    """Syntax tree of a module."""
    return ast.parse((ROOT / path).read_text(), filename=str(path))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """String constants of a module with their lines, docstrings left out; f-strings part by part."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
