"""Asks for one XLSX export after another until it is ended, and writes a line for each that came; a process of its own.

Its words: the base URL, a key, the first and the last day, and a number of days by which the period begins earlier: each
question begins it one more day earlier, so that all are new.
"""

from __future__ import annotations

import os
import sys
from datetime import date, timedelta
from itertools import count

import httpx

from shared.spreadsheets import XLSX


def main() -> None:
    """Until somebody ends it."""
    os.nice(19)  # a client is elsewhere: what it takes from this machine's processors is not the service's
    base, key, since, until, first = sys.argv[1:]
    with httpx.Client(headers={"X-API-Key": key, "Accept": XLSX}, timeout=60) as client:
        for number in count(int(first)):
            begin = date.fromisoformat(since) - timedelta(days=number)
            words = {"province": "30", "by": "agency", "from": str(begin), "to": until}
            client.get(f"{base}/v1/kpis", params=words).raise_for_status()
            print(number, flush=True)


if __name__ == "__main__":
    main()
