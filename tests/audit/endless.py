"""How the engine reads notices without end: false alarms on correct ones; planted errors that it finds, leaves open or misses.

.venv/bin/python -m tests.audit.endless 10000         # so many notices, half of them with an error; their score is reported
.venv/bin/python -m tests.audit.endless 10000 5000    # the same of others: those from this seed on
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from services.notices.audit.engine import audit_text
from tests.audit.generator import notice
from tests.audit.keys import Text
from tests.audit.scoring import REPORT, HalfScore, Response, match, score

SIZE = 300
"""Notices, where nobody says how many."""


class Endless(NamedTuple):
    """What became of generated notices."""

    notices: int
    alarmed: list[str]
    """Correct notices with a contradiction, and what it is."""
    found: int
    """Planted errors that a reported contradiction is about."""
    undecided: list[str]
    """Planted errors of which every reported claim is left open, with the reasons."""
    missed: list[str]
    """Planted errors that nothing is reported of."""
    score: dict[str, HalfScore]
    """As of a half of the corpus."""

    @property
    def planted(self) -> int:
        """Notices with an error."""
        return self.found + len(self.undecided) + len(self.missed)


def response(text: Text) -> Response:
    """What the engine reports of a text."""
    return msgspec.convert(msgspec.to_builtins(audit_text(text.text)), Response)


def measure(seeds: Iterable[int]) -> Endless:
    """Audit two notices for each seed: a correct one, and one with an error."""
    alarmed, undecided, missed = [], [], []
    texts: list[Text] = []
    responses: dict[str, Response] = {}
    found = 0
    for seed in seeds:
        correct, wrong = notice(seed), notice(seed, planted=True)
        wrong = wrong._replace(name=f"{wrong.name}-wrong")
        texts += [correct, wrong]
        responses |= {text.name: response(text) for text in (correct, wrong)}
        alarmed += [f"{seed}: {one.quote}" for one in responses[correct.name].claims if one.verdict == "contradicted"]
        paired = [one for one in match(wrong, responses[wrong.name].claims) if one.claim.verdict == "contradicted"]
        verdicts = {one.reported.verdict for one in paired if one.reported is not None}
        what = f"{seed}: {wrong.key.planted[0].error}: {paired[0].claim.quote}"
        if "contradicted" in verdicts:
            found += 1
        elif "undecided" in verdicts:
            undecided.append(what)
        else:
            missed.append(what)
    return Endless(len(texts), alarmed, found, undecided, missed, score(texts, responses))


def main(arguments: list[str]) -> int:
    """Print what became of so many notices, and add their score to `reports/audit-score.json`."""
    many, first = [int(one) for one in arguments] + [SIZE, 0][len(arguments) :]
    made = measure(range(first, first + many // 2))
    for name, told in (("false alarms", made.alarmed), ("undecided", made.undecided), ("missed", made.missed)):
        sys.stdout.write("".join(f"{name}: {one}\n" for one in told[:20]))
    sys.stdout.write(
        f"{made.notices} notices: {len(made.alarmed)} false alarms; of {made.planted} planted errors {made.found} found, "
        f"{len(made.undecided)} undecided, {len(made.missed)} missed\n"
    )
    known = msgspec.json.decode(REPORT.read_bytes()) if REPORT.exists() else {}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode({**known, **made.score}), indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
