"""The words that the audit reads by: what they say does not hang on the order in which a process happens to look."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from services.notices.audit import vocabulary

VOCABULARY = Path(vocabulary.__file__).with_name("vocabulary.toml")


def test_a_phrase_is_of_one_unit() -> None:
    """Of two, each process would take another one, and the same text would be judged in two ways."""
    units = tomllib.loads(VOCABULARY.read_text(encoding="utf-8"))["units"]
    many = Counter(phrase for phrases in units.values() for phrase in set(phrases))
    assert [phrase for phrase, times in many.items() if times > 1] == []
