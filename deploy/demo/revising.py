"""The conclusion is edited and composed anew, as a person does who finishes it; its pages are left as pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.demo import responses
from deploy.demo.client import Client, JourneyError

CONFIRMED = "Kết luận của lần chạy thử"
"""Why incomplete figures are used nevertheless."""
EDITED = "handling.intake"
EDIT = "Các cơ quan, đơn vị giải quyết {handled} hồ sơ, trong đó {received_new} hồ sơ mới tiếp nhận."
"""A paragraph that is edited, and its text with two figures of the notice."""
_AUTHOR = "Chạy thử"


class Revising:
    """Revises one notice: call `edit`, then `regenerate`, then `leave_pages`."""

    def __init__(self, notices: Client, number: int, check: Callable[[str, bool, str], None], *, patience: float) -> None:
        """`check` takes the name of what must hold, whether it does, and details; `patience` is in seconds, for a revision."""
        self._notices = notices
        self._path = f"/v1/notices/{number}"
        self._check = check
        self._patience = patience
        self._written: responses.Paragraph | None = None

    def edit(self) -> None:
        """Write a paragraph anew; its figures stay bound to what was counted."""
        edits = [{"key": EDITED, "text": EDIT}]
        made = self._revised("revisions", {"author": _AUTHOR, "reason": "Gọn hơn", "edits": edits})
        self._check("an edited paragraph is made", made.state == "made", made.error or made.state)
        self._written = written = self._read().paragraph(EDITED)
        bound = written is not None and not written.typed and written.text.startswith(EDIT.partition("{")[0])
        self._check("the figures of an edited paragraph stay bound", bound, str(written))

    def regenerate(self, newest: int) -> None:
        """Compose the notice anew on the figures of the newest position."""
        made = self._revised("regenerations", {"author": _AUTHOR})
        self._check("the notice is composed anew", made.state == "made", made.error or made.state)
        notice = self._read()
        detail = f"position {notice.position}, counted up to {newest}"
        self._check("the notice composed anew stands on the newest figures", notice.position == newest, detail)
        stands = notice.paragraph(EDITED)
        self._check("the edit outlives new figures", stands == self._written, str(stands))
        edited = [one.key for one in made.outcomes if one.edited]
        self._check("what became of each edited paragraph is stated", edited == [EDITED], f"edited: {edited}")
        broken = [check for check in notice.checks if not check.ok]
        self._check("the arithmetic of the notice composed anew", not broken, str(broken or "all equations hold"))

    def leave_pages(self, folder: Path) -> None:
        """Write each page as a picture, in place of those of an earlier run."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("conclusion-*.png"):
            old.unlink()
        page = 0
        while (picture := self._notices.find_file(f"{self._path}/pages/{page + 1}.png")) is not None:
            page += 1
            (folder / f"conclusion-{page:02}.png").write_bytes(picture)
        self._check("the pages of the notice are pictures", page > 1, f"{page} pages in {folder.name}/")

    def _read(self) -> responses.Notice:
        return self._notices.get(self._path, responses.Notice)

    def _revised(self, route: str, body: Mapping[str, object]) -> responses.Revision:
        """A revision once it is made or has failed; caveats of its figures are confirmed."""
        path = f"{self._path}/{route}"
        ordered = self._notices.post_or_conflict(path, body, responses.Revision, responses.Unconfirmed)
        if isinstance(ordered, responses.Unconfirmed):
            confirmed = {"confirm": [reason.kind for reason in ordered.reasons], "reason": CONFIRMED}
            ordered = self._notices.post(path, {**body, **confirmed}, responses.Revision)
        address = f"{self._path}/revisions/{ordered.revision}"
        deadline = time.monotonic() + self._patience
        while ordered.state not in ("made", "failed"):
            if time.monotonic() > deadline:
                raise JourneyError(f"{address} is not made after {self._patience:.0f} s: see the log of the notices worker")
            time.sleep(0.05)
            ordered = self._notices.get(address, responses.Revision)
        return ordered
