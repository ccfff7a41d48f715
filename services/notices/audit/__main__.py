"""`python -m services.notices.audit FILE`: audit the figures of any notice, or of every notice in a folder.

With a province and a period the figures are also compared with ours, which metrics gives at METRICS to METRICS_API_KEY.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

from services.notices.audit import model
from services.notices.audit.comparison.figures import read_figures
from services.notices.audit.comparison.model import ComparisonVerdict, NoticeComparison
from services.notices.audit.comparison.service import OurFigures, our_figures
from services.notices.audit.documents.files import SUFFIXES, read_file
from services.notices.audit.engine import audit_with_reading
from services.notices.audit.explanations import explained
from services.notices.figures.metrics_client import KpiSelection, Metrics
from shared import commands
from shared.errors import Invalid, Problem

REPORT = Path("reports") / "audit.json"


class AuditedFile(NamedTuple):
    """What is stored of a file."""

    result: model.Audit
    comparison: NoticeComparison | None

    def entry(self) -> dict[str, object]:
        """Its entry of the report."""
        entry: dict[str, object] = msgspec.to_builtins(self.result)
        return entry if self.comparison is None else entry | {"comparison": msgspec.to_builtins(self.comparison)}


def main(arguments: list[str]) -> int:
    """Print the entry of a file, or a table of a folder's, and store them in `reports/audit.json`; 0 when all could be read."""
    words = _parser().parse_args(arguments)
    if not words.file:
        print("Say which file or folder: make audit FILE=notice.docx (text, DOCX, PDF, XLSX or HTML)", file=sys.stderr)
        return 2
    ours = _ours(words)
    path = Path(words.file)
    files = _files(path) if path.is_dir() else [path]
    if not files:
        print(f"{path} holds no document: text, DOCX, PDF, XLSX or HTML", file=sys.stderr)
        return 2
    entries: dict[str, object] = {}
    failed = 0
    for file in files:
        try:
            document = read_file(file.name, file.read_bytes())
        except (OSError, Problem) as error:
            print(f"{file} cannot be read: {error}", file=sys.stderr)
            failed += 1
            continue
        result, reading = audit_with_reading(document)
        comparison = None if ours is None else ours.compare(read_figures(document, reading, result))
        audited = AuditedFile(result, comparison)
        entries[file.name] = audited.entry()
        if path.is_dir():
            print(_row(file.name, audited))
        elif os.environ.get("EXPLAIN") == "1":
            print(explained(document))
    if not _store(entries):
        return 1
    if not path.is_dir() and entries:
        print(json.dumps(entries, ensure_ascii=False, indent=2))
    return 2 if failed else 0


def _files(folder: Path) -> list[Path]:
    """The documents of a folder; says which of its files are none."""
    found = sorted(one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    others = [one.name for one in found if one.suffix.lower() not in SUFFIXES]
    if others:
        print(f"{folder}: no documents, not audited: {', '.join(others)}", file=sys.stderr)
    return [one for one in found if one.suffix.lower() in SUFFIXES]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.notices.audit", description=__doc__)
    parser.add_argument("file", nargs="?", help="a file, or a folder of files")
    for name, text in (
        ("province", "compare with our figures of this province"),
        ("scope", "code of the agency that the notice is about; none: the whole province"),
        ("from", "first day of the notice's period"),
        ("to", "its last day"),
        ("period", "name of the period in place of the days: 2023-Q2"),
        ("as_of", "a position or an instant: our figures as known then"),
    ):
        parser.add_argument(f"--{name}", help=text, default=None)
    return parser


def _ours(words: argparse.Namespace) -> OurFigures | None:
    """Our figures that the words ask for, None where they ask for none; raises `Problem`."""
    given = vars(words)
    if not any(given[name] for name in ("province", "scope", "from", "to", "period", "as_of")):
        return None
    address, key = os.environ.get("METRICS"), os.environ.get("METRICS_API_KEY")
    if not words.province or not (words.period or (given["from"] and words.to)) or not address or not key:
        raise Invalid(
            "To compare with our figures, name PROVINCE and PERIOD (or FROM and TO), and give address and key of metrics in "
            'METRICS and METRICS_API_KEY: eval "$(make -s env)".'
        )
    selection = KpiSelection(words.province, words.scope or None, given["from"], words.to, words.period, words.as_of)

    async def ask() -> OurFigures:
        async with Metrics(address, key) as metrics:
            return await our_figures(metrics, selection)

    return asyncio.run(ask())


def _row(name: str, audited: AuditedFile) -> str:
    result = audited.result
    verdicts = [one.verdict for one in result.claims]
    told = ", ".join(f"{verdicts.count(verdict)} {verdict.value}" for verdict in model.Verdict)
    found = "; ".join(f"{one.equation} (computed {one.computed})" for one in result.contradictions)
    row = f"{name}: {result.figures} figures, {told}" + (f" — {found}" if found else "")
    if result.unread:
        row += f"; not read: {'; '.join(result.unread)}"
    if audited.comparison is None:
        return row
    compared = [one.verdict for one in audited.comparison.figures]
    return f"{row}; ours: " + ", ".join(f"{compared.count(verdict)} {verdict.value}" for verdict in ComparisonVerdict)


def _store(entries: dict[str, object]) -> bool:
    try:
        known = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    except ValueError as error:
        print(f"{REPORT} is no report ({error}): move it away", file=sys.stderr)
        return False
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(known | entries, ensure_ascii=False, indent=2) + "\n")
    return True


if __name__ == "__main__":
    sys.exit(commands.run(lambda: main(sys.argv[1:])))
