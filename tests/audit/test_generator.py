"""Generated notices: their keys are right, they differ, and a planted error is in them."""

from __future__ import annotations

from collections import Counter

from tests.audit.generator import notice
from tests.audit.judging import faults
from tests.audit.scoring import perfect, score
from tests.quick import cases


def test_correct_notices_have_right_keys_and_no_contradiction() -> None:
    for seed in range(cases(60)):
        text = notice(seed)
        assert list(faults(text)) == []
        assert not text.key.planted
        assert {claim.verdict for claim in text.key.claims} == {"holds"}


def test_every_planted_error_contradicts_a_claim() -> None:
    errors: Counter[str] = Counter()
    for seed in range(cases(150)):
        text = notice(seed, planted=True)
        assert list(faults(text)) == []
        assert len(text.key.planted) == 1
        errors[text.key.planted[0].error] += 1
    assert len(errors) >= (8 if cases(150) == 150 else 3), errors


def test_a_seed_is_always_the_same_notice_and_seeds_differ() -> None:
    assert notice(5) == notice(5)
    assert len({notice(seed).written for seed in range(20)}) == 20


def test_generated_notices_are_scored_like_the_corpus() -> None:
    texts = [notice(seed, planted=seed % 2 == 0) for seed in range(6)]
    half = score(texts, {text.name: perfect(text) for text in texts})["generated"]
    assert (half.recall, half.precision, half.decided, half.right) == (1, 1, 1, 1)
