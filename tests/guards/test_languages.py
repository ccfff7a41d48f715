"""What people in offices can meet is written in Vietnamese and in English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import errors
from shared.errors import Problem
from tests.guards.source import modules, tree

FOR_PEOPLE = (
    "shared",
    "services/ingest/catalogue",
    "services/ingest/files",
    "services/ingest/imports",
    "services/ingest/checks",
    "services/ingest/provinces",
    "services/ingest/reconciliation",
    "services/ingest/sources",
    "services/notices/drafting/api",
    "services/notices/inspections",
    "services/notices/submissions",
)
"""Where problems are raised that clerks meet: files, inspections and notices, provinces, keys, settings of sources."""
FOR_OPERATORS = (
    "shared/access/keys.py",  # keys are made by a command
    "shared/settings.py",  # read when a process starts
    "shared/web/connections.py",  # what no browser sends, refused before the language is known
)
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Problem)} | {
    "ChildDied",
    "KeyInUse",
    "KeyMalformed",
    "KeyReused",
    "NotDrafted",
    "OutsideCalendar",
    "PreflightRefused",
    "SourceAway",
    "SourceMisconfigured",
    "SourceRefuses",
    "SourceUnreadable",
    "TooManyBodies",
    "TooSlow",
    "WorkerSilent",
    "WrongPath",
}


def english_only(source: ast.AST) -> Iterator[int]:
    """Lines where a problem, or an error of a validator, is made of one text."""
    for node in ast.walk(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and _one_text(node.args):
            yield node.lineno
        elif isinstance(node, ast.FunctionDef) and any("validator" in ast.unparse(one) for one in node.decorator_list):
            raised = (inner.exc for inner in ast.walk(node) if isinstance(inner, ast.Raise))
            yield from (one.lineno for one in raised if isinstance(one, ast.Call) and _one_text(one.args))


def _one_text(words: list[ast.expr]) -> bool:
    return bool(words) and isinstance(words[0], ast.Constant | ast.JoinedStr | ast.BinOp)


@pytest.mark.parametrize("place", FOR_PEOPLE)
def test_every_problem_that_a_clerk_can_meet_is_in_both_languages(place: str) -> None:
    found = [path for path in modules(place.partition("/")[0]) if str(path) == place or str(path).startswith(place + "/")]
    assert found, f"{place} is not there any more"
    offences = [f"{path}:{line}" for path in found if str(path) not in FOR_OPERATORS for line in english_only(tree(Path(path)))]
    assert not offences, f"give a Bilingual: {offences}"


def test_a_text_in_one_language_is_seen() -> None:
    source = """
raise Invalid(f"There is no {name}.")
raise NotFound("Nothing.", headers={})
raise Invalid(Bilingual("a", "b"))

class Order:
    @model_validator(mode="after")
    def _check(self): raise ValueError("no")
"""
    assert list(english_only(ast.parse(source))) == [2, 3, 8]
