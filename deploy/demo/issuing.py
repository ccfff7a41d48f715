"""The conclusion is approved, issued, signed and verified; a dossier comes late, and a corrected conclusion takes its place."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.demo import pushing, responses
from deploy.demo.client import Client, JourneyError
from deploy.demo.revising import CONFIRMED
from deploy.local.services import ROOT
from shared.access.keys import create_key
from shared.contracts.restatements import Restatement
from shared.database import Database

APPROVER = "Trần Văn C"
_SCOPES = ["notices:read", "notices:write", "notices:approve"]
_WAIVED = "Đã đối chiếu trong lần chạy thử"
"""Why what stands against the approval does not keep the notice from being approved."""
_VERIFIER = "services.notices.verification"
_WHOLE = 3
"""Its exit code for a file that nobody changed, when it is not told whom to trust: certificates for trials prove nothing."""


def person_key(owner_url: str) -> str:
    """A key of the person who approves and issues: whoever drafted the notice may not."""

    async def create() -> str:
        database = Database(owner_url, size=1)
        try:
            async with database.transaction() as tx:
                return await create_key(tx, "notices", name=APPROVER, scopes=_SCOPES, person=True)
        finally:
            await database.close()

    return asyncio.run(create())


class Issuing:
    """Issues notices with a person's key: call `issue`, then `verify`, then, where a dossier came late, `correct`."""

    def __init__(
        self, notices: Client, person: Client, check: Callable[[str, bool, str], None], out: Path, *, patience: float
    ) -> None:
        """`notices` drafts, `person` decides; issued files are written into `out`; `patience` is in seconds, for a draft."""
        self._notices = notices
        self._person = person
        self._check = check
        self._out = out
        self._patience = patience

    def issue(self, number: int, file: str, *, corrects: int | None = None) -> responses.Issued:
        """Review, approve and issue a draft, and leave its PDF as `file`."""
        path = f"/v1/notices/{number}"
        self._notices.post(f"{path}/steps", {"step": "submit"}, responses.Life)
        edit = {"author": "A", "reason": "B", "edits": [{"key": "preamble.basis", "remove": True}]}
        refused = self._notices.post_or_conflict(f"{path}/revisions", edit, responses.Revision, responses.Refusal)
        self._check("what is in review is not edited", isinstance(refused, responses.Refusal), str(refused))
        review = self._person.get(f"{path}/review", responses.Review)
        contradictions = [one.id for one in review.obstacles if one.kind == "contradiction"]
        self._check("the audit before the approval finds no contradiction", not contradictions, str(contradictions))
        waive = [{"id": one.id, "reason": _WAIVED} for one in review.obstacles]
        life = self._person.post(f"{path}/steps", {"step": "approve", "waive": waive}, responses.Life)
        steps = [(one.step, one.person) for one in life.steps]
        ok = life.state == "approved" and steps[-1] == ("approve", True)
        self._check("the notice is approved by another person", ok, f"{life.state}, {steps}")
        issued = self._person.post(f"{path}/issue", {"corrects": corrects}, responses.Issued)
        self._check("the notice is issued with number and date", issued.state == "issued", issued.reference)
        content = self._notices.file(f"{path}/document.pdf")
        (self._out / file).write_bytes(content)
        return issued

    def verify(self, issued: responses.Issued, file: str) -> None:
        """Check that its file is known as unchanged, and a changed one as changed, by the service and without it."""
        content = (self._out / file).read_bytes()
        found = self._verified(content)
        ok = (found.ours, found.file, found.state) == (True, "unchanged", "issued")
        self._check("an issued file is ours, unchanged, in force", ok, str(found))
        at = len(content) // 2
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        found = self._verified(changed)
        self._check("a changed byte is found", (found.ours, found.file) == (True, "changed"), str(found))
        page = self._notices.file(f"/v/{issued.code}").decode()
        self._check("the public page names the notice", issued.reference in page, issued.code)
        self._check_alone(file, self._out / file, _WHOLE)
        forged = self._out / "changed.pdf"
        forged.write_bytes(changed)
        self._check_alone("a changed file", forged, 1)
        forged.unlink()

    def _check_alone(self, name: str, path: Path, code: int) -> None:
        command = [sys.executable, "-m", _VERIFIER, str(path)]
        done = subprocess.run(command, cwd=ROOT, env={"PYTHONIOENCODING": "utf-8"}, capture_output=True, text=True, check=False)
        last = (done.stdout.strip().splitlines() or [done.stderr])[-1]
        self._check(f"verified without a server: {name}", done.returncode == code, last)

    def correct(
        self, number: int, issued: responses.Issued, file: str, metrics: Client, query: Mapping[str, str], position: int
    ) -> None:
        """After a late dossier: what moved is stated, and a corrected notice takes the place of the issued one."""
        content = (self._out / file).read_bytes()
        moved = {one.key: one.by for one in self._verified(content).moved or []}
        self._check("verification tells what moved since", moved.get("received_new") == 1, str(moved.get("received_new")))
        restated = metrics.get("/v1/restatements", Restatement, **query, after=str(position)).total.kpis
        figure = restated.get("received_new")
        counts = (figure.before.numerator or 0, figure.after.numerator or 0) if figure is not None else (0, 0)
        self._check("the restatement counts the late dossier", counts[1] - counts[0] == 1, str(counts))
        corrected = self._drafted_anew(number)
        second = self.issue(corrected, "corrected.pdf", corrects=number)
        self._check("the corrected notice takes the place of the old one", second.corrects == number, str(second.corrects))
        found = self._verified(content)
        successor = found.superseded_by.reference if found.superseded_by is not None else None
        ok = (found.file, found.state, successor) == ("unchanged", "superseded", second.reference)
        self._check("the old file is superseded by the corrected one", ok, str(found))
        cited = self._notices.get(f"/v1/notices/{corrected}", responses.Notice).paragraph("preamble.supersedes")
        ok = cited is not None and issued.reference in cited.text
        self._check("the corrected notice cites the old one", ok, str(cited))
        because = "cập nhật muộn"
        ok = cited is not None and because in cited.text
        self._check("it names the kinds of dossiers that moved its figures", ok, because)
        self._check_alone("the corrected notice", self._out / "corrected.pdf", _WHOLE)

    def _drafted_anew(self, number: int) -> int:
        """A new draft of the inspection of a notice, on the newest figures."""
        inspection = self._notices.get(f"/v1/notices/{number}", responses.Notice).inspection
        path = f"/v1/inspections/{inspection}/notices"
        ordered = self._notices.post_or_conflict(path, {}, responses.Notice, responses.Unconfirmed)
        if isinstance(ordered, responses.Unconfirmed):
            confirmed = {"confirm": [reason.kind for reason in ordered.reasons], "reason": CONFIRMED}
            ordered = self._notices.post(path, confirmed, responses.Notice)
        deadline = time.monotonic() + self._patience
        while ordered.state in ("queued", "drafting"):
            if time.monotonic() > deadline:
                raise JourneyError(f"the corrected conclusion is not made after {self._patience:.0f} s")
            time.sleep(0.05)
            ordered = self._notices.get(f"/v1/notices/{ordered.id}", responses.Notice)
        self._check("the corrected conclusion is drafted", ordered.state == "draft", ordered.error or ordered.state)
        return ordered.id

    def _verified(self, content: bytes) -> responses.Verified:
        return self._notices.upload("/v1/verifications", content, responses.Verified)


LATE_DOSSIER: Mapping[str, object] = {
    **pushing.DOSSIER,
    "MaHoSo": "000.00.19.H30-230703-0001",
    "NgayTiepNhan": "20230703080000",
    "NgayHenTra": "20230710170000",
    "NgayKetThucXuLy": "20230707100000",
    "NgayTra": "20230707103000",
}
"""A dossier of the reference period that comes after the conclusion was issued."""
