"""Write `shared/data/calendar_base.csv` afresh from PyPI `holidays`: `python -m shared.workdays`.

The package's days are kept as a file so that a due date can be computed again years later whatever release of the package is
installed, and so that what a new release changes is seen as a difference in review. A test compares the file with the
installed release; this is the only other place that meets the package.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from pathlib import Path

import holidays

from shared.workdays.calendar import FIRST_YEAR, LAST_YEAR

_SWAP = re.compile(r"Ngày nghỉ \(thay cho ngày (\d\d/\d\d/\d{4})\)")
BASE = Path(__file__).parent.parent / "data" / "calendar_base.csv"


def days_of_the_package() -> str:
    """The package's days off and make-up days for Vietnam as CSV text: day, kind, name_vi, name_en."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    vi = holidays.country_holidays("VN", years=years, language="vi")
    en = holidays.country_holidays("VN", years=years, language="en_US")
    rows = []
    for day, name in vi.items():
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            if swap := _SWAP.fullmatch(name):  # the English label writes the other day in American order
                rows.append((day.isoformat(), "swap_off", name, f"Day off, worked on {swap[1]} instead"))
            else:
                rows.append((day.isoformat(), "holiday", name, en[day]))
    rows.extend(
        (day.isoformat(), "swap_worked", "Ngày làm bù", "Make-up day")
        for day in vi.weekend_workdays
        if FIRST_YEAR <= day.year <= LAST_YEAR
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("day", "kind", "name_vi", "name_en"))
    writer.writerows(sorted(rows))
    return text.getvalue()


def main() -> int:
    """Write the file; exit code 1 when it cannot be written."""
    fresh = days_of_the_package()
    try:
        kept = BASE.read_text(encoding="utf-8") if BASE.exists() else ""
        BASE.write_text(fresh, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        print(f"{BASE} cannot be read or written: {error}", file=sys.stderr)
        return 1
    print("unchanged" if fresh == kept else f"written anew: {len(fresh.splitlines()) - 1} days; look at the difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
