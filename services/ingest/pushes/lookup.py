"""`TraCuuHoSo`: a dossier as its source told it, in the fields of `DongBoHoSoMC` that are kept. Pure."""

from __future__ import annotations

from datetime import datetime

from services.ingest.dossiers.folding import DossierState
from services.ingest.sources.kinds.national import CHANNELS, NUMBERS
from services.ingest.sources.kinds.national.wire import NationalDossier, Supplement
from shared.civil import VIETNAM
from shared.dossier import Outcome, Status

_NUMBERS = {status: number for number, status in NUMBERS.items()}
_CHANNELS = {channel: number for number, channel in CHANNELS.items()}
_FLAGS = {True: "1", False: "0", None: ""}


def national_record(state: DossierState) -> NationalDossier:
    """The record of a dossier in this state; what was not told, or is not kept, is empty."""
    about, refused = state.about, state.outcome is Outcome.refused
    return NationalDossier(
        MaHoSo=state.code,
        TrangThaiHoSo=_NUMBERS.get(state.status, ""),
        MaTTHC=about.procedure or "",
        KenhThucHien="" if about.channel is None else _CHANNELS[about.channel],
        NgayTiepNhan=_written(state.received_at),
        NgayHenTra=_written(state.due_at),
        NgayTra=_written(state.delivered_at),
        NgayTuChoi=_written(state.closed_at) if refused else "",
        NgayKetThucXuLy="" if refused else _written(state.closed_at),
        DonViXuLy=about.agency or "",
        HoSoCoThanhPhanSoHoa=_FLAGS[about.digitised_intake],
        DuocThanhToanTrucTuyen=_FLAGS[about.fee_online],
        DanhSachHoSoBoSung=[
            Supplement(NgayBoSung=_written(pause.from_at), NgayTiepNhanBoSung=_written(pause.to_at))
            for pause in state.pauses
            if pause.kind is Status.supplement_requested
        ],
    )


def _written(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")
