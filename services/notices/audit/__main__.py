"""`python -m services.notices.audit FILE`: check the arithmetic of any notice, as plain text or DOCX."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import docx
import msgspec
from docx.opc.exceptions import OpcError

from services.notices.audit.claims import audit
from shared import commands

REPORT = Path("reports") / "audit.json"


def main(words: list[str]) -> int:
    """Print the entry of one file and store it in `reports/audit.json`; 0 when the file could be read."""
    if len(words) != 1 or not words[0]:
        print("Say which file: make audit FILE=notice.txt (plain text in UTF-8, or .docx)", file=sys.stderr)
        return 2
    path = Path(words[0])
    try:
        text = _text(path)
    except (OSError, zipfile.BadZipFile, OpcError, KeyError, ValueError) as error:
        print(f"{path} cannot be read as text or DOCX: {error}", file=sys.stderr)
        return 2
    entry = {path.name: msgspec.to_builtins(audit(text))}
    try:
        known = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    except ValueError as error:
        print(f"{REPORT} is no report ({error}): move it away", file=sys.stderr)
        return 1
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(known | entry, ensure_ascii=False, indent=2) + "\n")
    print(json.dumps(entry, ensure_ascii=False, indent=2))
    return 0


def _text(path: Path) -> str:
    if path.suffix.lower() == ".docx":
        return "\n\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    return path.read_text(encoding="utf-8-sig")


if __name__ == "__main__":
    sys.exit(commands.run(lambda: main(sys.argv[1:])))
