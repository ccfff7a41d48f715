"""The page `docs/notice.md`: the life of a notice, drawn from the table of its steps. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from services.notices.drafting.model import TRANSITIONS, LifeStep, NoticeState

_MEANINGS: dict[NoticeState, str] = {
    "queued": "waits for a worker",
    "drafting": "a worker drafts it",
    "draft": "drafted; may be edited and regenerated",
    "failed": "will not be drafted",
    "in_review": "handed over for approval; nobody edits it",
    "approved": "may be issued",
    "issued": "in force; nothing of it changes any more",
    "superseded": "a corrected conclusion took its place",
    "withdrawn": "in force no more",
}


def page() -> str:
    """The page as Markdown; `tests/notices/test_life.py` holds the file equal."""
    return "\n".join(
        (
            "# The life of a notice",
            "",
            "Drawn from `services/notices/drafting/model.py` by `python -m services.notices.drafting`.",
            "Who took a step, when and why is stored with the notice (`GET /v1/notices/<id>/steps`), and never changed.",
            "",
            "```mermaid",
            *_diagram(),
            "```",
            "",
            "| state | means |",
            "|---|---|",
            *(f"| {state} | {_MEANINGS[state]} |" for state in get_args(NoticeState)),
            "",
            "| step | from | to | by | means |",
            "|---|---|---|---|---|",
            *_steps(),
            "",
        )
    )


def _diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "    [*] --> queued"
    for step, (sources, target, _) in TRANSITIONS.items():
        yield from (f"    {source} --> {target}: {step}" for source in sources)


def _steps() -> Iterator[str]:
    people = get_args(LifeStep)
    for step, (sources, target, means) in TRANSITIONS.items():
        yield f"| {step} | {', '.join(sources)} | {target} | {'people' if step in people else 'workers'} | {means} |"
