"""Names are made of the words of `docs/glossary.md`: one word for each concept, and none that hides several."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source import modules, tree

REPLACED = {
    "stream": "province, unless bytes or events flow",
    "place": "cursor, index or position",
    "asked": "query",
    "asking": "query",
    "question": "query",
    "answer": "response",
    "kept": "stored, retained or inserted",
    "told": "the noun of what is returned",
    "said": "stated",
    "says": "states",
    "say": "sentence, text or describe",
    "shown": "the noun of what is shown",
    "doorbell": "notifier",
    "ring": "notify",
    "bell": "notifier",
    "look": "poll",
    "looked": "polled",
    "rounds": "PollLoop",
    "laws": "rulesets",
    "repeats": "retries",
    "asker": "client",
    "restraint": "rate limit",
    "passing": "transient",
    "stale": "expired or outdated",
    "largest": "max",
    "longest": "max",
    "most": "max",
    "generation": "revision",
    "proof": "consistency check or verification",
    "prove": "check or verify",
    "proving": "checking or verifying",
    "opening": "drilldown",
    "entered": "manual input",
    "matter": "context",
    "unfit": "rejected",
    "aside": "quarantined",
    "happened": "occurred",
    "appointed": "portal due",
    "salvage": "recover",
    "beside": "baseline or the noun",
    "piece": "chunk or part",
    "promised": "target",
    "standing": "fingerprint",
}
"""A word that no name has, and what to say instead; plurals with `s` are meant too."""
ALLOWED = {"event_stream", "StreamingResponse", "place_of_issue"}
DONE: tuple[str, ...] = ("deploy", "services/ingest", "services/metrics", "services/notices", "shared")
"""Folders whose names are clean."""


def words(name: str) -> Iterator[str]:
    """The words of a snake_case or CamelCase name, in lower case, without a plural's `s`."""
    for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name):
        lower = word.lower()
        yield lower if lower in REPLACED else lower.removesuffix("s")


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Names that a module gives: its own, classes, functions, parameters, fields, constants."""
    yield 0, path.parent.name if path.stem == "__init__" else path.stem
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
            yield from ((one.lineno, one.arg) for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.lineno, node.target.id
        elif isinstance(node, ast.Assign):
            yield from ((node.lineno, one.id) for one in node.targets if isinstance(one, ast.Name) and one.id.isupper())


@pytest.mark.parametrize("folder", DONE)
def test_no_name_has_a_word_that_was_replaced(folder: str) -> None:
    offences = [
        f"{path}:{line}: {name}: {word} -> {REPLACED[word]}"
        for path in modules(folder.split("/")[0])
        if str(path).startswith(folder + "/")
        for line, name in names(path)
        if name not in ALLOWED
        for word in words(name)
        if word in REPLACED
    ]
    assert not offences, "\n" + "\n".join(offences)


@pytest.mark.parametrize("name", ["SourcePlace", "set_place", "KpiAnswer", "MOST_ROWS", "told_open_at", "proofs"])
def test_a_replaced_word_is_seen_in_any_name(name: str) -> None:
    assert set(words(name)) & REPLACED.keys()
