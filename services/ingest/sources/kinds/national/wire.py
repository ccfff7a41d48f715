"""The records of the national synchronisation format as they are sent, as far as they may be read."""

from __future__ import annotations

from msgspec import Struct

from services.ingest.sources.fields.whitelist import PRESENT, Spec


class Paper(Struct, gc=False):
    """A paper that was handed in (`TaiLieuNop`)."""

    DuocSoHoa: str = ""
    """`1`: it was digitised."""
    DuocTaiSuDung: str = ""
    """`1`: it was taken from an earlier dossier."""
    DuocLayTuKhoDMQG: str = ""
    """`1`: it was taken from the personal storage of the national portal."""
    TrangThaiSoHoa: str = ""
    """`1`, `2` or `3`: it was digitised; `2` and `3`: from an earlier dossier."""


class Fee(Struct, gc=False):
    """A fee (`DanhSachLePhi`); only whether anything is due is read."""

    SoTien: str = ""
    """Its amount in đồng; where all are 0, nothing is due."""


class Supplement(Struct, gc=False):
    """A request for papers (`DanhSachHoSoBoSung`)."""

    NgayBoSung: str = ""
    """When they were asked for."""
    NgayTiepNhanBoSung: str = ""
    """When they came; empty while they have not."""
    NgayHenTraMoi: str = ""
    """The due date after that."""


class Result(Struct, gc=False):
    """A paper of the result (`DanhSachGiayToKetQua`)."""

    MaGiayToKetQua: str = ""
    """Its code: that there is one beside the file is read; the code itself is not kept."""
    DuongDanTepTinKetQua: str = ""
    """Path of its file: that there is one says that the result was digitised; the path itself is not kept."""


class NationalDossier(Struct, gc=False):
    """A dossier as `DongBoHoSoMC` sends it. Dates are `yyyyMMddHHmmss` in Việt Nam, empty when there is none.

    Whatever else the format has (names, numbers, contacts, free text) may be sent and is passed over unread.
    """

    MaHoSo: str
    """Code of the dossier."""
    TrangThaiHoSo: str
    """Status, `1` to `10`: registered, received, refused, in process, papers asked for, payment asked for, withdrawn, stopped,
    result ready, result handed over."""
    MaTTHC: str = ""
    """Code of the procedure, with or without its suffix."""
    KenhThucHien: str = ""
    """Channel: `1` at the counter, `2` online, `3` by post."""
    NgayNopHoSo: str = ""
    """When it was submitted."""
    NgayTiepNhan: str = ""
    """When it was received."""
    NgayHenTra: str = ""
    """The due date that was promised."""
    NgayTra: str = ""
    """When the result was handed over."""
    NgayTuChoi: str = ""
    """When it was refused."""
    NgayKetThucXuLy: str = ""
    """When it was closed."""
    DonViXuLy: str = ""
    """Code or name of the agency that handles it; names are mapped by `agencies` of the source's settings."""
    HoSoCoThanhPhanSoHoa: str = ""
    """`1`: papers of it were digitised."""
    DuocThanhToanTrucTuyen: str = ""
    """`1` or `2`: the fee was paid online."""
    TaiKhoanDuocXacThucVoiVNeID: str = ""
    """`1`: the applicant's account was verified with VNeID."""
    TaiLieuNop: list[Paper] = []
    """Papers that were handed in."""
    DanhSachLePhi: list[Fee] = []
    """Fees; none: nothing is due."""
    DanhSachHoSoBoSung: list[Supplement] = []
    """Requests for papers: the clock stands still between request and receipt."""
    DanhSachGiayToKetQua: list[Result] = []
    """Papers of the result."""


class NationalProgress(Struct, gc=False):
    """A step as `CapNhatTienDoHoSoMC` sends it; the official's name and note may be sent and are passed over unread.

    With a department or a time by which it was due it is a step of the internal process too, which ended at `ThoiDiemXuLy`.
    """

    MaHoSo: str
    """Code of the dossier."""
    ThoiDiemXuLy: str
    """When the step was taken, `yyyyMMddHHmmss` in Việt Nam."""
    TrangThai: str
    """The status that it led to, as `TrangThaiHoSo`."""
    PhongBanXuLy: str = ""
    """The department that took it. Only a known name or a code is kept of it; others are mapped by `departments` of the
    source's settings."""
    ChucDanh: str = ""
    """The role that took it. Only a known name is kept of it; others are mapped by `steps` of the source's settings."""
    NgayBatDau: str = ""
    """When it began."""
    NgayKetThucTheoQuyDinh: str = ""
    """By when it should have been done."""


FIELDS: Spec = {
    **dict.fromkeys(NationalDossier.__struct_fields__),
    "TaiLieuNop": dict.fromkeys(Paper.__struct_fields__),
    "DanhSachLePhi": dict.fromkeys(Fee.__struct_fields__),
    "DanhSachHoSoBoSung": dict.fromkeys(Supplement.__struct_fields__),
    "DanhSachGiayToKetQua": dict.fromkeys(Result.__struct_fields__, PRESENT),
    **dict.fromkeys(NationalProgress.__struct_fields__),
    # Ours: when the record came. Not stored with a rejected record, or each repetition would be another record.
    "_arrived": None,
}
"""Names of people, numbers, contacts, free text (`NoiDungXuLy`, `TrichYeuHoSo`, `GhiChu`) and paths of files are not in it."""
