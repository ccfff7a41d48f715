"""`make bench`: every promise about speed, each beside its floor in the same run; writes reports/bench.json.

A row is a module of this folder with `async def run(runs) -> dict[name, Row]`. Ratios compare medians of runs taken in turn,
so they hold when the machine's speed drifts; nothing here fails on a slow machine. `python -m tests.bench NAME ...` runs some.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import json
import os
import pkgutil
import platform
import sys
import time
from pathlib import Path
from typing import Any

import tests.bench


def modules() -> list[str]:
    """The names of all rows' modules."""
    return sorted(found.name for found in pkgutil.iter_modules(tests.bench.__path__) if not found.name.startswith("_"))


def main() -> int:
    """Exit code 0 when every row was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="modules to run; default: all")
    parser.add_argument("--runs", type=int, default=5)
    words = parser.parse_args()
    known = [name for name in modules() if hasattr(importlib.import_module(f"tests.bench.{name}"), "run")]
    unknown = sorted(set(words.names) - set(known))
    if unknown:
        parser.error(f"no such rows: {', '.join(unknown)}; there are: {', '.join(known)}")
    report = Path("reports/bench.json")
    rows: dict[str, Any] = json.loads(report.read_text())["rows"] if words.names and report.exists() else {}
    for name in words.names or known:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        measured = importlib.import_module(f"tests.bench.{name}").run(words.runs)
        rows |= asyncio.run(measured) if inspect.iscoroutine(measured) else measured
        report.parent.mkdir(exist_ok=True)
        report.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=2, ensure_ascii=False) + "\n")
        print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(f"{'row':24} {'ours':>14} {'floor':>14} {'ratio':>8}  unit")
    for name, row in rows.items():
        figures = f"{row['ours']:14,.3f} {row['floor']:14,.3f} {row['ratio']:8.3f}"
        print(f"{name:24} {figures}  {row['unit']} ({row['better']} is better)")
    return 0


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


if __name__ == "__main__":
    sys.exit(main())
