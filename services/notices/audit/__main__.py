"""`python -m services.notices.audit FILE`: audit the figures of any notice, or of every notice in a folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import msgspec

from services.notices.audit import model
from services.notices.audit.documents.files import SUFFIXES, read_file
from services.notices.audit.engine import audit
from services.notices.audit.explanations import explained
from shared import commands
from shared.errors import Problem

REPORT = Path("reports") / "audit.json"


def main(words: list[str]) -> int:
    """Print the entry of a file, or a table of a folder's, and store them in `reports/audit.json`; 0 when all could be read."""
    if len(words) != 1 or not words[0]:
        print("Say which file or folder: make audit FILE=notice.docx (text, DOCX, PDF, XLSX or HTML)", file=sys.stderr)
        return 2
    path = Path(words[0])
    files = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
    entries: dict[str, object] = {}
    failed = 0
    for file in files:
        try:
            document = read_file(file.name, file.read_bytes())
        except (OSError, Problem) as error:
            print(f"{file} cannot be read: {error}", file=sys.stderr)
            failed += 1
            continue
        result = audit(document)
        entries[file.name] = msgspec.to_builtins(result)
        if path.is_dir():
            print(_row(file.name, result))
        elif os.environ.get("EXPLAIN") == "1":
            print(explained(document))
    if not _store(entries):
        return 1
    if not path.is_dir() and entries:
        print(json.dumps(entries, ensure_ascii=False, indent=2))
    return 2 if failed else 0


def _row(name: str, result: model.Audit) -> str:
    verdicts = [one.verdict for one in result.claims]
    told = ", ".join(f"{verdicts.count(verdict)} {verdict.value}" for verdict in model.Verdict)
    found = "; ".join(f"{one.equation} (computed {one.computed})" for one in result.contradictions)
    return f"{name}: {result.figures} figures, {told}" + (f" — {found}" if found else "")


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
