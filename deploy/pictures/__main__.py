"""Draws the pictures of the READMEs anew, from the stack that `make run` has up: `python -m deploy.pictures`.

The page of an audit is drawn by a browser: Chromium or Chrome has to be installed, or named by BROWSER.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import msgspec
import typst

from deploy.local.running import NotRunning, data_folder, running_on
from shared import commands
from shared.settings import SettingMissing

FOLDER = Path(__file__).parent
QUERY = "province=30&scope=294&from=2022-12-15&to=2023-07-20&kpi=received_new&kpi=resolved_overdue&kpi=in_time_share"
PERIOD = {"province": "30", "scope": "294", "from": "2022-12-15", "to": "2023-07-20"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
AUDIT_SIZE = "1000,2090"
"""Width and height of the audit's page in pixels."""
_PAGE = '#set page(width: 21cm, height: 29.7cm, margin: 0cm)\n#image("conclusion.pdf", page: 1, width: 100%)\n'
_JSON = """#set page(width: 18cm, height: auto, margin: 0.8cm, fill: rgb("fafafa"))
#set text(size: 8pt)
#raw(read("kpis.json"), lang: "json", block: true)
"""


def draw_audit(address: str, key: str, output: Path) -> None:
    """Audit the notice of this folder beside our figures, and draw the page of the result."""
    browser = os.environ.get("BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise SettingMissing("No browser is found to draw the audit with: install Chromium, or name one by BROWSER.")
    with httpx.Client(base_url=address, headers={"X-API-Key": key}, timeout=60) as client:
        sent = client.post(
            "/v1/audits", params=PERIOD, json={"text": (FOLDER / "notice.txt").read_text(), "name": "notice.txt"}
        )
        sent.raise_for_status()
        page = client.get(sent.headers["location"], headers={"Accept": "text/html", "Accept-Language": "en"})
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "audit.html").write_bytes(page.content)
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={AUDIT_SIZE}", f"--screenshot={output}"]
        subprocess.run(
            [browser, *options, f"--user-data-dir={folder}/profile", f"file://{folder}/audit.html"],
            check=True, stderr=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip


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
    draw_audit(running.addresses["notices"], running.keys["notices"], FOLDER / "audit.png")
    return 0


if __name__ == "__main__":
    sys.exit(commands.run(main))
