"""Sentences as offices write them, each right; and wrong with one figure changed.

`sentences.txt`: texts between blank lines, in own words. `{right|wrong}` is a figure and what stands in its place in the wrong
text; a text with several is wrong in one of them at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notices.audit.engine import audit_text
from services.notices.audit.model import Verdict

_TEXTS = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").split("\n\n")
_CHANGED = re.compile(r"\{([^|{}]*)\|([^{}]*)\}")


def _right(text: str) -> str:
    return _CHANGED.sub(lambda one: one[1], text).strip()


def _wrong(text: str) -> Iterator[str]:
    for changed in _CHANGED.finditer(text):
        yield _right(text[: changed.start()] + changed[2] + text[changed.end() :])


@pytest.mark.parametrize("text", _TEXTS)
def test_nothing_is_contradicted_of_what_is_right(text: str) -> None:
    assert [one.equation for one in audit_text(_right(text)).claims if one.verdict is Verdict.contradicted] == []


@pytest.mark.parametrize("text", [each for text in _TEXTS for each in _wrong(text)])
def test_a_changed_figure_is_found(text: str) -> None:
    assert audit_text(text).contradictions
