"""The keys of the corpus are right by their own operands, and wrong ones are noticed."""

from __future__ import annotations

import msgspec
import pytest

from tests.audit.drafting import compose
from tests.audit.judging import faults, judge
from tests.audit.keys import REPORT_KINDS, Claim, Text, corpus, load, write
from tests.quick import some


@pytest.mark.parametrize("text", some(corpus()), ids=lambda text: f"{text.half}-{text.name}")
def test_a_key_agrees_with_its_text(text: Text) -> None:
    assert list(faults(text)) == []


@pytest.mark.parametrize(
    ("half", "texts_at_least", "claims_at_least"),
    [
        ("before", 64, 900),
        ("after", 62, 800),
        ("third", 40, 240),
        ("fourth", 30, 240),
        ("fifth", 15, 80),
        ("sixth", 15, 70),
        ("seventh", 14, 45),
        ("eighth", 12, 95),
    ],
)
def test_half_of_the_texts_of_each_half_have_planted_errors(half: str, texts_at_least: int, claims_at_least: int) -> None:
    texts = corpus(half)
    assert len(texts) >= texts_at_least
    assert sum(len(text.key.claims) for text in texts) >= claims_at_least
    assert 0.4 <= sum(bool(text.key.planted) for text in texts) / len(texts) <= 0.6


@pytest.mark.parametrize("half", ["before", "after"])
def test_each_half_has_claims_of_every_kind_of_which_some_are_wrong(half: str) -> None:
    claims = [claim for text in corpus(half) for claim in text.key.claims]
    assert {claim.kind for claim in claims} == set(REPORT_KINDS)
    assert {claim.kind for claim in claims if claim.verdict == "contradicted"} >= set(REPORT_KINDS) - {"ratio"}
    assert {claim.reason for claim in claims} == {"", "base_not_printed", "readings_disagree"}


def test_the_texts_after_the_engine_are_mostly_prose() -> None:
    claims = [claim for text in corpus("after") for claim in text.key.claims]
    assert sum(claim.kind == "table" for claim in claims) <= len(claims) / 5


def draft(body: str) -> Text:
    return compose("draft", "before", "a draft", body)


def changed(text: Text, index: int, **fields: object) -> Text:
    claims = list(text.key.claims)
    claims[index] = msgspec.structs.replace(claims[index], **fields)
    return text._replace(key=msgspec.structs.replace(text.key, claims=claims))


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "contradicted"},
        {"computed": "501"},
        {"equation": "380 + 90"},
        {"quote": "Nhận mới 400 hồ"},
        {"kind": "total"},
        {"reason": "base_not_printed"},
        {"repairs": ["500 -> 501"]},
    ],
    ids=str,
)
def test_a_wrong_key_is_noticed(fields: dict[str, object]) -> None:
    text = draft("Nhận mới {s:380+90+30} hồ sơ: trực tuyến 380, trực tiếp 90, bưu chính 30.")
    assert list(faults(text)) == []
    try:
        noticed = list(faults(changed(text, 0, **fields)))
    except ValueError:
        return
    assert noticed


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("Có {r2:24.458/30.566|80,02}% hồ sơ (24.458/30.566).", "holds"),
        ("Có {r2:24.458/30.566|80,18|digits}% hồ sơ (24.458/30.566).", "contradicted"),
        ("Số hóa 98,89%, tăng {pt+:60,06->98,89|38,83}% so với 60,06%.", "holds"),
        ("Số hóa 98,89%, tăng {pt+:60,06->98,89|64,65|relative} điểm phần trăm so với 60,06%.", "contradicted"),
        ("Nhận 1.200 hồ sơ, tăng {rel+0:1.000->1.200}% so với 1.000 hồ sơ.", "holds"),
        ("Nhận 900 hồ sơ, tăng {rel+0:1.000->900|10|sign}% so với 1.000 hồ sơ.", "contradicted"),
        ("Đạt {r1:4,42 ngàn/4.561|96,9}% của 4.561 hồ sơ (4,42 ngàn).", "holds"),
        ("Đạt {r1:<27.000/28.800|93,5}%: gần 27.000 trong 28.800.", "holds"),
        ("Đạt {r1:<27.000/28.800|94,5|base}%: gần 27.000 trong 28.800.", "contradicted"),
        ("Trả lại {b>:30+15|40|list}: A 30, B 15.", "contradicted"),
        ("Có {r1:160/250 or 160/200|64,0}% của 250 hoặc 200: 160.", "undecided"),
        ("Có {r1:160/?|64,0}%: 160.", "undecided"),
        ("Ba phần {sh:33,3+33,3+33,3|33,3}%, 33,3% và 33,3%.", "holds"),
    ],
)
def test_a_claim_is_judged_by_what_its_figures_may_stand_for(body: str, verdict: str) -> None:
    text = draft(body)
    assert [claim.verdict for claim in text.key.claims] == [verdict]
    assert judge(text, text.key.claims[0]).verdict == verdict


def test_one_repair_that_mends_two_sums_is_the_only_one() -> None:
    text = draft(
        "Tổng số {s:30.566+372|30.938} hồ sơ, mới {s:24.458+6.108|30.556|digit_changed|30.566} hồ sơ"
        " (trực tuyến 24.458, trực tiếp 6.108), cũ 372."
        " Đã giải quyết 30.500, còn {s:30.938-30.500} hồ sơ; trực tuyến đạt {r2:24.458/30.938}%, trực tiếp {r2:6.108/30.938}%,"
        " cũ {r2:372/30.938}%."
    )
    contradicted: list[Claim] = [claim for claim in text.key.claims if claim.verdict == "contradicted"]
    assert [claim.repairs for claim in contradicted] == [["30.556 -> 30.566"]] * 2


def test_a_key_that_is_written_is_read_again(tmp_path: object) -> None:
    text = draft('Có {n:A, B|02} xã "tốt": A; B. Còn {s:3+4|07} hồ sơ (3 và 4).')
    write(text, tmp_path)  # type: ignore[arg-type]
    assert load(tmp_path / "draft.toml").key == text.key  # type: ignore[operator]
