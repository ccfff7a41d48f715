"""What passes between functions has a type: a dictionary of anything is checked by nobody and described to nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source import dotted, modules, tree

MAPPINGS = {"dict", "Mapping", "MutableMapping", "defaultdict"}

AT_THE_WIRE = {"shared/web/schemas.py Json": "an OpenAPI document, as FastAPI makes it and as it is finished"}
"""Those that stand at a wire where no type can be known, as `signatures` names them, each with its reason; five at most."""

CEILINGS = {"services/ingest": 0, "services/metrics": 0, "services/notices": 0, "shared": 0, "deploy": 0, "migrations": 0}
"""How many there still are beside those; only ever lowered."""


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
    """The parameters, results, fields and aliases of a module that are dictionaries of anything, as `path name`."""
    for alias in tree(path).body:
        if isinstance(alias, ast.Assign) and _of_anything(alias.value):
            yield f"{path} {ast.unparse(alias.targets[0])}"
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


def _found(part: str) -> list[str]:
    return [one for path in modules(part.partition("/")[0]) if path.is_relative_to(part) for one in signatures(path)]


@pytest.mark.parametrize("part", CEILINGS)
def test_no_signature_takes_or_gives_a_dictionary_of_anything(part: str) -> None:
    found = [one for one in _found(part) if one not in AT_THE_WIRE]
    assert len(found) <= CEILINGS[part], found


def test_the_exceptions_are_few_have_reasons_and_are_there() -> None:
    assert len(AT_THE_WIRE) <= 5
    assert all(AT_THE_WIRE.values())
    assert set(AT_THE_WIRE) <= {one for part in CEILINGS for one in _found(part)}
