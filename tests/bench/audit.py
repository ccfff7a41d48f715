"""`audit`: CPU of auditing ten pages of text, its growth with the length, and CPU per page of a PDF, each beside its limit.

The text is prose as conclusions have it, some ten figures a page. The growth is that of twice as many pages with tables, with a
hundred figures each.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.notices.audit.documents.files import read_file
from services.notices.audit.engine import audit, audit_text
from services.notices.composition.model import plain_text
from services.notices.rendering.pdf import pdf
from tests.audit.generator import notice
from tests.bench._rows import row
from tests.notices.reference import DATED_AT, composed

PAGE = 2_600
"""Characters of a page."""
OTHER = Path(__file__).parents[1] / "notices" / "contradictory.txt"
SECONDS_OF_TEN_PAGES = 0.05
GROWTH = 2.2
SECONDS_OF_A_PDF_PAGE = 0.1


def prose(pages: int) -> str:
    """So many pages of conclusions."""
    parts = itertools.cycle([plain_text(composed()[0]), OTHER.read_text()])
    return of_length(pages, parts)


def dense(pages: int) -> str:
    """So many pages of generated notices with tables, a hundred figures a page."""
    return of_length(pages, (notice(seed).text for seed in itertools.count()))


def of_length(pages: int, parts: Iterator[str]) -> str:
    """Texts one after another, cut at so many pages."""
    out = ""
    while len(out) < pages * PAGE:
        out += next(parts) + "\n"
    return out[: pages * PAGE]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of a run, the least of three: what else the processor does may only add."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def run(runs: int) -> dict[str, dict[str, Any]]:
    """The rows `audit`, `audit_growth` and `audit_pdf`; the audit of a PDF reads it first."""
    text, ten, twenty = prose(10), dense(10), dense(20)
    document = pdf(*composed(), dated_at=DATED_AT)
    pages = max(block.page or 1 for block in read_file("a.pdf", document).blocks)
    audit_text(text)  # the vocabulary is read once
    gc.collect()
    gc.freeze()  # what a bench has imported is not searched for garbage at each audit
    ours, growth, of_pages = [], [], []
    for _ in range(runs):
        ours.append(seconds(lambda: audit_text(text)))
        growth.append(seconds(lambda: audit_text(twenty)) / seconds(lambda: audit_text(ten)))
        of_pages.append(seconds(lambda: audit(read_file("a.pdf", document))) / pages)
    return {
        "audit": row(ours, [SECONDS_OF_TEN_PAGES] * runs, "s of CPU", "lower"),
        "audit_growth": row(growth, [GROWTH] * runs, "of ten pages", "lower"),
        "audit_pdf": row(of_pages, [SECONDS_OF_A_PDF_PAGE] * runs, "s of CPU per page", "lower"),
    }
