"""What passes between functions has a type: a dictionary of anything is checked by nobody and described to nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source import dotted, modules, tree

MAPPINGS = {"dict", "Mapping", "MutableMapping", "defaultdict"}

CEILINGS = {"services/ingest": 35, "services/metrics": 0, "services/notices": 0, "shared": 0, "deploy": 0, "migrations": 0}
"""How many there still are; only ever lowered."""


def _of_anything(annotation: ast.expr | None) -> bool:
    """Whether `dict[str, Any]` or a brother of it stands in the annotation."""
    return annotation is not None and any(
        isinstance(node, ast.Subscript)
        and dotted(node.value).rpartition(".")[2] in MAPPINGS
        and isinstance(node.slice, ast.Tuple)
        and dotted(node.slice.elts[-1]).rpartition(".")[2] == "Any"
        for node in ast.walk(annotation)
    )


def signatures(path: Path) -> Iterator[str]:
    """The parameters, results and fields of a module that are dictionaries of anything, as `path name`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            words = node.args
            named = [*words.posonlyargs, *words.args, *words.kwonlyargs]
            yield from (f"{path} {node.name}({one.arg})" for one in named if _of_anything(one.annotation))
            if _of_anything(node.returns):
                yield f"{path} {node.name}"
        elif isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and _of_anything(field.annotation):
                    yield f"{path} {node.name}.{ast.unparse(field.target)}"


@pytest.mark.parametrize("part", CEILINGS)
def test_no_signature_takes_or_gives_a_dictionary_of_anything(part: str) -> None:
    found = [one for path in modules(part.partition("/")[0]) if path.is_relative_to(part) for one in signatures(path)]
    assert len(found) <= CEILINGS[part], found
