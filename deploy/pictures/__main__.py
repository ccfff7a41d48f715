"""Draws the two pictures of the README anew, from the stack that `make run` has up: `python -m deploy.pictures`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import httpx
import msgspec
import typst

from deploy.local.running import NotRunning, data_folder, running_on
from shared import commands

FOLDER = Path(__file__).parent
QUERY = "province=30&scope=294&from=2022-12-15&to=2023-07-20&kpi=received_new&kpi=resolved_overdue&kpi=in_time_share"
_PAGE = '#set page(width: 21cm, height: 29.7cm, margin: 0cm)\n#image("conclusion.pdf", page: 1, width: 100%)\n'
_JSON = """#set page(width: 18cm, height: auto, margin: 0.8cm, fill: rgb("fafafa"))
#set text(size: 8pt)
#raw(read("kpis.json"), lang: "json", block: true)
"""


def main() -> int:
    """Exit code 0, or 1 with one sentence when no stack runs or it has no conclusion yet."""
    data = data_folder()
    try:
        running = running_on(data)
    except NotRunning as error:
        print(f"motcua: {error}", file=sys.stderr)
        return 1
    response = httpx.get(f"{running.addresses['metrics']}/v1/kpis?{QUERY}", headers={"X-API-Key": running.keys["metrics"]})
    response.raise_for_status()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "conclusion.pdf").write_bytes((data / "documents" / "conclusion.pdf").read_bytes())
        (Path(folder) / "kpis.json").write_bytes(msgspec.json.format(response.content, indent=2))
        for name, text in (("conclusion", _PAGE), ("kpis", _JSON)):
            source = Path(folder) / f"{name}.typ"
            source.write_text(text)
            typst.compile(source, output=FOLDER / f"{name}.png", format="png", ppi=72.0)
    return 0


if __name__ == "__main__":
    sys.exit(commands.run(main))
