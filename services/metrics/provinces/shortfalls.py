"""The reasons why responses may be incomplete: what each counts, what to do about it, and when it opens an alert. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.contracts.kpis import Text

ReasonKind = Literal[
    "worker_silent",
    "ingest_restored",
    "ingest_unreachable",
    "ingest_worker_silent",
    "sources_unknown",
    "behind",
    "recounting",
    "source_missing",
    "source_silent",
    "pull_unverified",
    "import_running",
    "import_interrupted",
    "quarantined",
    "petitions_rejected",
    "reconciliation_gap",
    "redating",
    "agency_unmapped",
    "procedure_unmapped",
    "nothing_counted",
    "period_before_data",
    "period_not_over",
]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One way in which a response can be incomplete."""

    kind: ReasonKind
    counts: str
    """What `count` of such a reason counts."""
    what_to_do: Text
    alerted: Text | None = None
    """Name of the alert that it opens by itself; None: it opens none."""
    alert_after: float = 0.0
    """Seconds that it must have lasted before its alert opens."""
    of_period: bool = False
    """It is counted of the query's period; without a query, of all days."""
    of_query: bool = False
    """It is known of a query only."""


SHORTFALLS: tuple[Shortfall, ...] = (
    Shortfall(
        "worker_silent",
        "loops of the metrics worker that stand still; 1 when no worker is alive",
        Text(
            "Tiến trình tính số liệu (metrics worker) không hoạt động: xem nhật ký và khởi động lại.",
            "The metrics worker does not count: read its log and start it again.",
        ),
        Text("Metrics worker không hoạt động", "The metrics worker shows no sign of life"),
    ),
    Shortfall(
        "ingest_restored",
        "1: ingest's feed is not the one that was counted, so nothing is counted",
        Text(
            "Dữ liệu của ingest đã được khôi phục hoặc thay thế: trỏ lại đúng cơ sở dữ liệu, hoặc gọi"
            " POST /v1/provinces/<province>/resync để tính lại từ đầu.",
            "Ingest was restored from a backup or exchanged: point metrics back to the one it followed, or"
            " POST /v1/provinces/<province>/resync to count the restored one from the beginning.",
        ),
        Text("Dữ liệu của ingest đã bị khôi phục hoặc thay thế", "Ingest was restored or exchanged"),
    ),
    Shortfall(
        "ingest_unreachable",
        "1: ingest does not answer, so it is not known how far its feed is",
        Text(
            "Không hỏi được ingest: kiểm tra ingest, INGEST_URL và INGEST_KEY của metrics API.",
            "Ingest does not respond: check that it runs, and INGEST_URL and INGEST_KEY of the metrics API.",
        ),
        Text("Không hỏi được ingest", "Ingest does not answer"),
    ),
    Shortfall(
        "ingest_worker_silent",
        "1: ingest's worker is silent, so its sources are not read",
        Text(
            "Tiến trình đồng bộ (ingest worker) không hoạt động: xem /readyz và nhật ký của ingest rồi khởi động lại.",
            "The ingest worker reads nothing: read ingest's /readyz and its log, and start it again.",
        ),
        Text("Ingest worker không hoạt động", "The ingest worker shows no sign of life"),
    ),
    Shortfall(
        "sources_unknown",
        "1: the quality of ingest's sources is not known yet",
        Text(
            "Chờ vài giây; nếu kéo dài, xem nhật ký của metrics worker.",
            "Wait a few seconds; if it lasts, read the metrics worker's log.",
        ),
    ),
    Shortfall(
        "behind",
        "versions in ingest's feed that are not counted yet",
        Text(
            "Chờ số liệu được tính tiếp; nếu kéo dài, xem nhật ký của metrics worker.",
            "Wait until they are counted; if it lasts, read the metrics worker's log.",
        ),
        Text("Số liệu chưa được tính kịp", "Counting is behind"),
        alert_after=60.0,
    ),
    Shortfall(
        "recounting",
        "1: counters are of an earlier release, or of several, and are being counted anew",
        Text(
            "Chờ tính lại xong sau khi nâng cấp; nếu kéo dài, xem nhật ký của metrics worker,"
            " và dừng mọi metrics worker của phiên bản cũ.",
            "Wait until all is counted anew after the upgrade; if it lasts, read the metrics worker's log, and stop each"
            " metrics worker of the earlier release.",
        ),
        Text("Số liệu chưa được tính lại sau khi nâng cấp", "Counting anew after an upgrade does not end"),
        alert_after=3600.0,
    ),
    Shortfall(
        "source_missing",
        "sources that fail or are late, or did when they were retired",
        Text(
            "Xem `missing` và GET /v1/sources của ingest; khôi phục kết nối với các nguồn đó; của nguồn đã ngừng sử dụng thì bỏ"
            " qua kèm lý do (POST /v1/sources/<nguồn>/dismiss).",
            "Read `missing` and ingest's GET /v1/sources; repair the connection to those sources; of one that is retired,"
            " dismiss it with a reason (POST /v1/sources/<source>/dismiss).",
        ),
    ),
    Shortfall(
        "source_silent",
        "sources that send or come in files, of which nothing came within the interval that they declare (or until retired)",
        Text(
            "Xem `missing`; hỏi đơn vị gửi dữ liệu, hoặc sửa `expected_every_seconds` của nguồn (PUT /v1/sources/<nguồn>);"
            " của nguồn đã ngừng sử dụng thì bỏ qua kèm lý do (POST /v1/sources/<nguồn>/dismiss).",
            "Read `missing`; ask who sends, or correct the source's `expected_every_seconds` (PUT /v1/sources/<source>); of one"
            " that is retired, dismiss it with a reason (POST /v1/sources/<source>/dismiss).",
        ),
    ),
    Shortfall(
        "pull_unverified",
        "sources of whose list it is not known that nothing was skipped, or of which not all was read as it is read now",
        Text(
            "Xem `missing`; đối chiếu các nguồn đó bằng POST /v1/sources/<nguồn>/reconcile của ingest. Nguồn có `reread_since`"
            " (GET /v1/sources): cổng được tự đọc lại toàn bộ, chờ xong; nguồn tự gửi hoặc nộp tệp thì gửi lại tất cả rồi xác"
            " nhận bằng POST /v1/sources/<nguồn>/sent-again. Nguồn đã ngừng sử dụng: bỏ qua kèm lý do"
            " (POST /v1/sources/<nguồn>/dismiss), hoặc kết nối lại để đối chiếu (PUT /v1/sources/<nguồn>).",
            "Read `missing`; reconcile those sources: ingest's POST /v1/sources/<source>/reconcile. One that has `reread_since`"
            " (GET /v1/sources): a portal is read whole again by itself, wait for that; one that sends or comes in files is to"
            " send everything again, and POST /v1/sources/<source>/sent-again says that it did. One that is retired: dismiss it"
            " with a reason (POST /v1/sources/<source>/dismiss), or connect it again to reconcile it (PUT"
            " /v1/sources/<source>).",
        ),
    ),
    Shortfall(
        "import_running",
        "sources of which a file is being taken in",
        Text(
            "Chờ nhập xong tệp: xem GET /v1/imports của ingest.",
            "Wait until the file is taken in: see ingest's GET /v1/imports.",
        ),
    ),
    Shortfall(
        "import_interrupted",
        "sources of which the import of a file was cut off",
        Text(
            "Xem GET /v1/imports của ingest; gửi lại tệp đó với resume=<số lượt nhập>, hoặc bỏ qua kèm lý do"
            " (POST /v1/imports/<số>/dismiss).",
            "Read ingest's GET /v1/imports; send that file again with resume=<number of the import>, or"
            " dismiss it with a reason (POST /v1/imports/<number>/dismiss).",
        ),
    ),
    Shortfall(
        "quarantined",
        "records that could not be read",
        Text(
            "Xem GET /v1/quarantine của ingest: lý do và cách xử lý từng bản ghi; bổ sung danh mục hoặc ánh xạ rồi đọc lại,"
            " yêu cầu nguồn gửi lại bản ghi đã sửa, hoặc bỏ qua kèm lý do (POST /v1/quarantine/dismiss), kể cả của nguồn đã"
            " ngừng sử dụng.",
            "Read ingest's GET /v1/quarantine: why, and what to do, record by record; correct the catalogue or the mapping and"
            " replay, have the source send the record corrected, or dismiss it with a reason (POST /v1/quarantine/dismiss),"
            " also of a source that is retired.",
        ),
    ),
    Shortfall(
        "petitions_rejected",
        "rows of files of petitions that were set aside",
        Text(
            "Xem GET /v1/petitions/rejected: tệp, trang tính, dòng, lý do và cách sửa từng dòng phản ánh, kiến nghị; gửi lại"
            " tệp đã sửa (POST /v1/petitions/files, kèm `corrects` cho dòng không có mã), hoặc bỏ qua kèm lý do"
            " (POST /v1/petitions/rejected/dismiss).",
            "Read GET /v1/petitions/rejected: file, sheet, line, reason and what to do, row by row; send the corrected file"
            " (POST /v1/petitions/files, with `corrects` for rows without a code), or dismiss them with a reason"
            " (POST /v1/petitions/rejected/dismiss).",
        ),
    ),
    Shortfall(
        "reconciliation_gap",
        "dossiers that differ from their sources, by the last reconciliations",
        Text(
            "Xem GET /v1/reconciliations của ingest: danh sách hồ sơ chênh lệch và nguyên nhân; đối chiếu lại sau khi xử lý;"
            " của nguồn đã ngừng sử dụng thì bỏ qua kèm lý do (POST /v1/reconciliations/<số>/dismiss).",
            "Read ingest's GET /v1/reconciliations: the dossiers that differ, and why; reconcile again when it is mended;"
            " of a source that is retired, dismiss it with a reason (POST /v1/reconciliations/<number>/dismiss).",
        ),
    ),
    Shortfall(
        "redating",
        "dossiers that a change of the catalogue has not reached yet",
        Text(
            "Chờ áp dụng xong thay đổi danh mục: xem GET /v1/catalogue/<tỉnh>/redatings của ingest.",
            "Wait until the change of the catalogue is applied: see ingest's GET /v1/catalogue/<province>/redatings.",
        ),
    ),
    Shortfall(
        "agency_unmapped",
        "dossiers of the period whose agency is not given, or not in the catalogue",
        Text(
            "Mở chỉ tiêu `unmapped`; bổ sung cơ quan vào danh mục"
            " (GET /v1/catalogue/<tỉnh>/agencies/proposal của ingest lập sẵn danh sách), hoặc để nguồn gửi mã cơ quan.",
            "Open the KPI `unmapped`; add the agencies to the catalogue"
            " (ingest's GET /v1/catalogue/<province>/agencies/proposal lists them as a file), or have the source name them.",
        ),
        of_period=True,
    ),
    Shortfall(
        "procedure_unmapped",
        "dossiers of the period whose procedure is not given, or not in the catalogue",
        Text(
            "Mở chỉ tiêu `unmapped`; bổ sung thủ tục vào danh mục"
            " (GET /v1/catalogue/<tỉnh>/procedures/proposal của ingest lập sẵn danh sách), hoặc để nguồn gửi mã thủ tục.",
            "Open the KPI `unmapped`; add the procedures to the catalogue"
            " (ingest's GET /v1/catalogue/<province>/procedures/proposal lists them as a file), or have the source name them.",
        ),
        of_period=True,
    ),
    Shortfall(
        "nothing_counted",
        "1: nothing of the province was counted by then",
        Text(
            "Chờ số liệu đầu tiên, hoặc chọn `as_of` muộn hơn.",
            "Wait for the first figures, or give a later `as_of`.",
        ),
        of_query=True,
    ),
    Shortfall(
        "period_before_data",
        "days of the period before the first dossier that is known was received",
        Text(
            "Số 0 của những ngày này là chưa có dữ liệu: chọn kỳ muộn hơn, hoặc nhập dữ liệu cũ.",
            "For these days 0 means that there are no data: choose a later period, or import the older dossiers.",
        ),
        of_query=True,
    ),
    Shortfall(
        "period_not_over",
        "days of the period that have not begun",
        Text(
            "Chờ hết kỳ, hoặc chọn ngày cuối không sau hôm nay.",
            "Wait until the period is over, or choose a last day that is not after today.",
        ),
        of_query=True,
    ),
)
"""In the order in which responses give them. Add a reason here, and how it is found in `completeness`."""

OF_QUERIES = frozenset(one.kind for one in SHORTFALLS if one.of_period or one.of_query)
"""Reasons that follow from the query and the revision of the province: a fingerprint of completeness leaves them out."""
