"""Records in quarantine as callers see them."""

from __future__ import annotations

from services.ingest.components import Example

_WAITS: Example = {"province": "30", "source": "hai-duong", "reason": "bad_date"}


_BAD_DATE: Example = {"vi": "Ngày giờ không đúng định dạng.", "en": "A date is not in the agreed form."}


QUARANTINED: Example = {
    "id": 1702,
    **_WAITS,
    "detail": "acceptedDate is no date with an offset.",
    **_BAD_DATE,
    "todo_vi": "Sửa ngày tại phần mềm nguồn; lần đồng bộ sau sẽ nhận lại.",
    "todo_en": "Correct the date at the source; the next pull takes it in.",
    "code": "000.00.19.H30-230615-0042",
    "fields": {"code": "000.00.19.H30-230615-0042", "acceptedDate": "15/06"},
    "pull": 1702,
    "times": 4,
    "first_at": "2023-07-19T03:16:00Z",
    "last_at": "2023-07-20T03:16:00Z",
    "released_at": None,
    "released_by": None,
    "dismissed_at": None,
    "dismissed_by": None,
    "dismissed_for": None,
}


_COUNTS: Example = {"records": 12, "servings": 31, "since": "2023-07-19T03:16:00Z"}


DEPTH: Example = {"depth": [{**_WAITS, **_COUNTS, **_BAD_DATE}], "provinces": [{"province": "30", **_COUNTS}]}


DISMISSAL: Example = {"reason": "Hồ sơ thử của đơn vị cung cấp phần mềm"}
