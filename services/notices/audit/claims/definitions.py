"""What a rate that is told by name alone may be: the measure of its part and those of its base. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.notices.audit.claims.facts import RECEIVED
from services.notices.audit.groups import DIVIDING


def definitions(meaning: dict[str, str]) -> Iterator[tuple[dict[str, str], list[dict[str, str]], bool]]:
    """What a named rate may be: the measure of its part, those of its base, and whether this is what people mean."""
    stage = meaning.get("stage", "")
    for dimension in DIVIDING:
        if dimension in meaning and dimension != "level":
            rest = {name: value for name, value in meaning.items() if name != dimension}
            values = [meaning[dimension]]
            if dimension == "time" and meaning["time"] == "on_time":
                values = ["in_time", "on_time"]
            if dimension == "channel" and stage in ("", *RECEIVED):
                for kind in RECEIVED:
                    yield (
                        {**rest, "stage": kind, dimension: values[0]},
                        [{**rest, "stage": other} for other in RECEIVED],
                        True,
                    )
                return
            for value in values:
                yield {**meaning, dimension: value}, [rest], value == values[0]
            return
    if stage == "resolved":
        yield meaning, [{**meaning, "stage": "handled"}, {**meaning, "stage": "received"}], True
    elif stage in ("digitised_intake", "digitised"):
        yield meaning, [{**meaning, "stage": one} for one in RECEIVED], False
    elif stage == "digitised_result":
        yield meaning, [{**meaning, "stage": "resolved"}], False
    elif stage in ("returned", "in_process", "supplemented", "paid"):
        yield meaning, [{**meaning, "stage": one} for one in ("handled", "received", "new")], False
