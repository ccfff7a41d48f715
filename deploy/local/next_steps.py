"""What to do on a stack to which nothing is connected: commands that work as they are printed, one after another."""

from __future__ import annotations

from collections.abc import Iterator

PROVINCE = "30"
"""Whose list `docs/danh-sach.csv` is."""
_KEY = '-H "X-API-Key: $INGEST_API_KEY"'
_JSON = "-H 'Content-Type: application/json'"
_CSV = "-H 'Content-Type: text/csv'"
_STEPS = (
    (
        "which kinds of sources there are, each with its settings and a body that connects one",
        f'curl {_KEY} "$INGEST/v1/sources/kinds"',
    ),
    (
        "connect one: here lists of clerks, which come as files",
        f'curl -X PUT {_KEY} {_JSON} "$INGEST/v1/sources/lists"'
        f' -d \'{{"province": "{PROVINCE}", "kind": "files", "settings": {{}}}}\'',
    ),
    (
        "whether it works as it is set: of a portal this tries address, password, list and a record",
        f'curl -X POST {_KEY} "$INGEST/v1/sources/lists/check"',
    ),
    (
        "what is in a list, and what of it nobody knows yet; then take it in",
        f'curl {_KEY} {_CSV} --data-binary @docs/danh-sach.csv "$INGEST/v1/imports/rehearsal?source=lists&format=text"',
        f'curl {_KEY} {_CSV} --data-binary @docs/danh-sach.csv "$INGEST/v1/imports?source=lists"',
    ),
    (
        "agencies and procedures that the dossiers name and nobody entered: look the files through, then hand them in",
        *(
            command
            for what in ("agencies", "procedures")
            for command in (
                f'curl {_KEY} "$INGEST/v1/catalogue/{PROVINCE}/{what}/proposal?format=csv" -o /tmp/motcua-{what}.csv',
                f"curl -X PUT {_KEY} {_CSV} --data-binary @/tmp/motcua-{what}.csv"
                f' "$INGEST/v1/catalogue/{PROVINCE}/{what}?merge=true"',
            )
        ),
    ),
    (
        "the figures",
        f'curl -H "X-API-Key: $METRICS_API_KEY" "$METRICS/v1/kpis?province={PROVINCE}&from=2023-08-01&to=2023-08-31"',
    ),
)
"""What each does, and its commands."""


def next_steps(before: str) -> Iterator[str]:
    """The lines; `before` stands before `make` where it must be told of the data folder."""
    yield "What to do next, in another shell in this folder:"
    yield "  # 1. addresses and your first keys, the operator's, as variables"
    yield f'  eval "$({before}make -s env)"'
    for number, (what, *commands) in enumerate(_STEPS, 2):
        yield f"  # {number}. {what}"
        for command in commands:
            yield f"  {command}"
    yield "A portal that is read needs its password first: services/ingest/sources/README.md tells the three variables to set"
    yield "before `make run WORLD=none`, and the body that connects it."
