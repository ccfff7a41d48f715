"""Asks for one XLSX export after another until it is ended, and writes a line for each that came; a process of its own.

Its words: the base URL, a key, the first and the last day, and a number that makes its questions new.
"""

from __future__ import annotations

import os
import sys
from itertools import count

import httpx

from shared.spreadsheets import XLSX


def main() -> None:
    """Until somebody ends it."""
    os.nice(19)  # a client is elsewhere: what it takes from this machine's processors is not the service's
    base, key, since, until, first = sys.argv[1:]
    with httpx.Client(headers={"X-API-Key": key, "Accept": XLSX}, timeout=60) as client:
        for number in count(int(first)):
            words: dict[str, str | int] = {"stream": "30", "by": "agency", "from": since, "to": until, "n": number}
            client.get(f"{base}/v1/kpis", params=words).raise_for_status()
            print(number, flush=True)


if __name__ == "__main__":
    main()
