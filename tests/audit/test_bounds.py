"""The cost of an audit: it grows with the length of a text and no faster, whatever the text is made of."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from services.notices.audit.documents.pages import Ruling
from services.notices.audit.documents.ruled import ruled_tables
from services.notices.audit.engine import audit_text
from services.notices.quantities.lexer import tokens
from tests.audit.generator import notice

SIZE = 5_000
"""Characters of the smaller text; the larger has `TIMES` as many."""
TIMES = 5
ALLOWED = 3 * TIMES
"""Linear would be `TIMES`, quadratic `TIMES` squared."""

MADE_OF = {
    "one long line": "tiếp nhận 5 hồ sơ, giải quyết 3 hồ sơ và ",
    "examples": "điển hình như: xã A 5 hồ sơ; ",
    "parts of parts": "10 hồ sơ, trong đó: ",
    "brackets within brackets": "(trong đó 5 hồ sơ: ",
    "sums": "gồm 1 và 2, ",
    "rates": "5 hồ sơ đạt 5%, ",
    "changes": "tăng 5% so với năm 2022 (4%), ",
    "items": "- Xã A 5 hồ sơ;\n",
    "headings": "I. KẾT QUẢ 5\n",
    "names": "xã An, xã Bình, ",
    "rows": "| a | 1 | 2 |\n",
    "columns": "a\t1\t2\n",
    "repetitions": "Tiếp nhận 5 hồ sơ. Tỷ lệ đúng hạn đạt 98,5%.\n",
    "digits": "1",
    "brackets": "(",
    "slashes": "12/",
    "references": "12/2023/NĐ-CP ",
    "addresses": "a.b-",
}


BROKEN: dict[str, Callable[[int], str]] = {
    "sums": lambda n: (
        f"Tháng {n % 12 + 1} xã nhận {700 + n % 37} hồ sơ, gồm: qua mạng {300 + n % 17} hồ sơ; tại quầy {190 + n % 7} hồ sơ.\n"
    ),
    "shares": lambda n: f"Xong {500 + n % 37} hồ sơ, trong đó đúng hạn {300 + n % 17} hồ sơ, đạt {90 - n % 7},5%.\n",
    "examples": lambda n: f"Có {95 + n % 3} hồ sơ trễ, nhiều nhất là các xã như Đồng Tâm 48 hồ sơ, Bình An 57 hồ sơ.\n",
}
"""Paragraphs whose claims all fail, by their number; one alone asks for repairs of which others may ask too."""
FEW = {"sums": 200, "shares": 100, "examples": 80}
"""Paragraphs of the smaller text."""


def seconds(text: str) -> float:
    """CPU seconds of an audit, the least of two: what else the processor does may only add."""
    spent = []
    gc.collect()
    gc.disable()  # its share grows with all that the other tests have left behind
    try:
        for _ in range(2):
            began = time.process_time()
            audit_text(text)
            spent.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(spent)


@pytest.mark.parametrize("name", MADE_OF)
def test_a_text_of_one_kind_costs_no_more_than_its_length(name: str) -> None:
    audit_text("")  # the vocabulary is read once
    part = MADE_OF[name]
    short = part * (SIZE // len(part))
    assert seconds(short * TIMES) < ALLOWED * max(seconds(short), 0.002)


def test_blanks_at_the_end_cost_no_more_than_their_number() -> None:
    # Squared, they would take hours.
    assert len(tokens("5 hồ sơ" + " " * 500_000)) == 3
    assert len(tokens("5 hồ sơ" + "\u00a0" * 500_000 + "1.250 hồ sơ")) == 6


def test_a_drawing_of_lines_is_not_searched_for_tables() -> None:
    # Each held against all others, they would take minutes.
    assert not list(ruled_tables([Ruling(True, 3.0 * n, n, n + 50.0) for n in range(20_000)], []))


def test_reports_cost_no_more_than_their_length() -> None:
    texts = [notice(seed).text for seed in range(30)]
    few = "\n".join(texts[:6])
    assert seconds("\n".join(texts)) < ALLOWED * seconds(few)


@pytest.mark.parametrize("name", BROKEN)
def test_claims_that_all_fail_cost_no_more_than_their_number(name: str) -> None:
    few, many = ("".join(BROKEN[name](n) for n in range(FEW[name] * times)) for times in (1, TIMES))
    assert len(audit_text(few).contradictions) >= FEW[name]
    assert seconds(many) < 2 * TIMES * seconds(few)
