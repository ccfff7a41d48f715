"""The scorer gives everything to a perfect engine, nothing to a silent one, and counts each fault where it belongs."""

from __future__ import annotations

import msgspec
import pytest

from tests.audit.documents import document
from tests.audit.drafting import compose
from tests.audit.keys import Text, corpus
from tests.audit.scoring import At, HalfScore, Reported, Response, main, perfect, score

TEXT = compose(
    "one", "before", "two sums",
    "Nhận {s:380+90+30|510|digit|500} hồ sơ: 380, 90, 30. Giải quyết {s:150+40+10; bal:210-10} hồ sơ: 150, 40, 10;"
    " còn 10 trong 210. Tỷ lệ {r1:150/200}%.",
)  # fmt: skip


def scored(claims: list[Reported], text: Text = TEXT) -> HalfScore:
    return score([text], {text.name: Response(claims)})[text.half]


def test_a_perfect_engine_gets_everything() -> None:
    texts = corpus()
    for half in score(texts, {text.name: perfect(text) for text in texts}).values():
        assert (half.recall, half.precision, half.decided, half.exact_repairs, half.right) == (1, 1, 1, 1, 1)
        assert (half.missed, half.false_alarms) == ([], [])


def test_a_silent_engine_gets_nothing() -> None:
    half = scored([])
    assert (half.recall, half.precision, half.decided, half.right) == (0, None, 0, 0)
    assert len(half.missed) == 1


def test_a_contradiction_where_there_is_none_costs_precision_alone() -> None:
    claims = [msgspec.structs.replace(one, verdict="contradicted") for one in perfect(TEXT).claims]
    half = scored(claims)
    assert (half.recall, half.decided) == (1, 1)
    assert half.precision == pytest.approx(1 / 4)
    assert len(half.false_alarms) == 3


def test_an_engine_may_name_another_figure_of_the_equation() -> None:
    start = TEXT.text.index("380")
    half = scored([Reported("contradicted", "sum", "380", At(start, start + 3), "380", "390")])
    assert (half.recall, half.precision) == (1, 1)


def test_the_right_figure_at_a_wrong_place_counts_for_nothing() -> None:
    start = TEXT.text.index("Tỷ lệ")
    half = scored([Reported("contradicted", "sum", "Tỷ lệ", At(start, start + 5), "510", "500")])
    assert (half.recall, half.precision) == (0, 0)


def test_undecided_is_not_decided() -> None:
    half = scored([msgspec.structs.replace(one, verdict="undecided") for one in perfect(TEXT).claims])
    assert (half.recall, half.decided) == (0, 0)


def test_a_second_repair_is_not_exact() -> None:
    text = next(text for text in corpus("before") if any(len(claim.repairs) == 1 for claim in text.key.claims))
    claims = [msgspec.structs.replace(one, repairs=one.repairs * 2 and []) for one in perfect(text).claims]
    assert scored(claims, text).exact_repairs == 0
    assert scored(perfect(text).claims, text).exact_repairs == 1


def test_every_text_becomes_a_document() -> None:
    starts = {"docx": b"PK", "xlsx": b"PK", "html": b"<!doctype html>", "text": b""}
    for text in corpus("before"):
        assert document(text).startswith(starts[text.key.format])


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "documents" in capsys.readouterr().err
