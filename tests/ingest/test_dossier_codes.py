"""What stands in the place of a dossier's code is a code, or nothing of it is kept anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from resource import RLIMIT_CPU, setrlimit
from typing import Any

import msgspec
import pytest

from services.ingest.events.model import Event, Reason, Rejected
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.codes import Codes, check_patterns, names_a_person
from services.ingest.sources.fields.whitelist import code_of, unknown_word
from services.ingest.sources.fields.withholding import WITHHELD, Withholding
from services.ingest.sources.kinds import files, national, own
from services.ingest.sources.named_codes import NamedCode, named_code, printed_name
from tests.ingest.igate_records import LATEST, record
from tests.ingest.pushing import Door, door, event
from tests.ingest.test_source_contract import national_dossier, national_progress
from tests.ingest.test_sources_igate_record import decoder

__all__ = ["door"]

TAKEN = (
    *("000.00.19.H23-230615-0042", "000.12.19.H30-230615-12345", "000.0001.19.H99-230615-0001", "H23.19-230615-0042"),
    *("G22.99.2-230615-0042", "123/2023/BN", "HS-2023-0001", "HS2023.000123", "H30-1", "H23-00042", "N1", "R1", "F-1-2"),
    *("0423/2023", "HS-0423-2023", "2023-00001", "10813-0042", "H09-1234567", "H30-00000123", "23061500042", "H30-000000123"),
    *("42", "1", "99", "case-10011", "H99-Q", "OC-A", "A-2", "A", "230615000042", "H23-230615001", "001-230615-001"),
    *("6390a1b26390a1b26390a1b2", "0b8e2f2e-8f6b-4c1c-9b57-1d9f2f7c8a11"),
)
PERSONAL = (
    *("012345678901", "001085012345", "096199000001", "HS-012345678901", "001.085.012.345", "0010-8501-2345"),
    *("012345678", "CMND012345678", "012.345.678", "0912345678", "0312345678", "84912345678", "+84912345678", "0084912345678"),
    *("HS-0912345678", "H30-0912345678", "0912.345.678", "0912-345-678", "an@example.vn", "nguyen.van.an@example.vn"),
    *("091-2000012", "091.2000.008.1", "0912.000.015-AN", "AN-0912-000014", "02838000013", "B1234567", "AN-B1234567"),
    *("AN.1990-01-02", "02-01-1990", "HS-91200000712", "H30-012345678", "0283.800.0013", "AN-001.085.012.345", "b-1234567"),
    *("Trần Thị Thử Nghiệm", "NGUYEN-VAN-THU", "NguyenVanThu", "nguyen.van.thu", "NGUYEN_VAN_THU", "Thu", "NguyenVanThu1985"),
    *("nguyenvanthu1985", "NGUYENVANTHU1985", "TRAN-THU-1985", "12 Nguyễn Trãi", "Nguyễn/1985", "H30-1 Nguyễn Văn Thử"),
    *("12051985", "19850512", "29A-12345", "30F-123.45", "8012345678", "8012345678-001", "0123456789"),
)
NOTHING = (
    *("", " ", "-", "--", "null", "NULL", "0", "000", "N/A", "n/a", "#N/A", "none", "None", "nan", "undefined", "chưa có"),
    *("Chưa  có", "chua co", "Không", "không có", ".", "/", "?", "***", "\u200b", "\u200b\ufeff", "\u00a0", "\t"),
    *("(chưa có)", "___"),
)


def kinds(code: object, **settings: Any) -> dict[str, Event | Rejected]:
    """A record of each kind with something in the place of its code."""
    of_national: Callable[[object], Event | Rejected] = national.decoder("x", national.Settings(**settings), LATEST)
    return {
        "igate": decoder(**settings).decode(record(code=code)),
        "own": own.decoder("x", own.Settings(**settings), LATEST)(event(code=code)),
        "dossier": of_national(national_dossier(MaHoSo=code)),
        "progress": of_national(national_progress(MaHoSo=code)),
        "files": files.decoder("x", files.Settings(**settings), LATEST)({"code": code, "received_at": "15/06/2023"}),
    }


@pytest.mark.parametrize("code", TAKEN)
def test_a_code_of_a_known_form_is_taken_in_every_kind(code: str) -> None:
    for kind, read in kinds(f" {code} ").items():
        assert isinstance(read, Event), (kind, read)
        assert read.code == code


@pytest.mark.parametrize("text", PERSONAL)
def test_what_may_be_a_persons_is_put_aside_without_a_word_of_it(text: str) -> None:
    for kind, read in kinds(text).items():
        assert isinstance(read, Rejected), (kind, read)
        assert (read.reason, read.code, read.fields) == (Reason.bad_code, None, {})
        assert text not in repr(read)


@pytest.mark.parametrize("text", NOTHING)
def test_a_word_for_nothing_is_no_code(text: str) -> None:
    for kind, read in kinds(text).items():
        assert isinstance(read, Rejected), (kind, read)
        assert (read.reason, read.code) == (Reason.no_code, None)


def test_it_is_put_aside_so_whatever_else_is_wrong() -> None:
    for wrong in ("0912345678", "Trần Thị Thử", "x" * 65):
        for read in (
            decoder().decode(record(code=wrong, dossierStatus={"name": "Không ai biết"})),
            own.decoder("x", own.Settings(), LATEST)(event(code=wrong, at="hôm qua")),
            national.decoder("x", national.Settings(), LATEST)(national_dossier(MaHoSo=wrong, TrangThaiHoSo="99")),
            files.decoder("x", files.Settings(), LATEST)({"code": wrong, "received_at": "hôm qua"}),
        ):
            assert isinstance(read, Rejected)
            assert (read.reason, read.fields) == (Reason.too_long if len(wrong) > 64 else Reason.bad_code, {})
    # As a number, and as what is no text at all.
    for odd in (912345678, [["0912345678"]], {"name": "0912345678"}, ["Trần Thị Thử"]):
        for read in kinds(odd).values():
            assert isinstance(read, Rejected)
            assert "912345678" not in repr(read)
            assert "Thử" not in repr(read)


def test_the_reason_tells_the_shape_of_a_code_and_never_that_of_a_name() -> None:
    def detail(text: str) -> str:
        with pytest.raises(RecordRejected) as raised:
            Codes().read(text, "code")
        return raised.value.detail

    assert "AAAAAAA.99-9999" in detail("TNMTABC.23-0042")
    for name in ("NGUYEN-VAN-THU", "Trần Thị Thử", "0912345678", "an1@example.vn"):
        assert "AA" not in detail(name)
        assert "99" not in detail(name)


PERSONS = (
    *("0912345678", "0912.345.678", "+84 912 345 678", "001085012345", "H30-0912345678", "Nguyễn Văn An", "NGUYỄN VĂN AN"),
    *("Nguyen Van An", "NGUYEN-VAN-AN", "Ông Trần Minh Quân", "Lê Thị Bưởi", "Siu Thị Hà", "Bùi Đăng Khoa"),
    *("Bà Lê Hoa", "Ông Trần Phú", "anh Vàng A Páo", "Đ/c Trần Minh Quân", "Ong Nguyen Binh", "Nguyễn Văn An (PCT)"),
    *("Hoàng Văn Thử", "Lưu Thị Thử", "Nguyễn Văn Trường", "Lê Văn Thử - Một cửa", "Tran Minh Quan", "Ông Nguyễn Văn Cừ"),
)
NO_PERSONS = (
    *("10813", "63900000", "639000001", "000.00.19.H30", "1.001612.000.00.00.H30", "2.000815.000.00.00.H26", "G09.21.05"),
    *("UBND huyện Thanh Hà", "Phường Nguyễn Văn Linh", "Phòng Văn Hóa", "Sở Tư pháp", "Đoàn Thanh Niên", "Hồ Sơ Đất Đai"),
    *("Vụ Pháp Chế", "Phong Tu Phap", "Chờ thuế", "Lâm nghiệp", "Trung tâm Y tế", "Bộ phận Một cửa", "MOT CUA", "H30.19"),
    # Places are named after people, and family names are words of agencies.
    *("Trần Phú", "Lê Chân", "Ngô Quyền", "Nguyễn Văn Cừ", "Hoàng Văn Thụ", "Lê Hồng Phong", "Lý Thường Kiệt", "Phan Thiết"),
    *("Hà Nội", "HÀ NỘI", "Hà Đông", "Thái Nguyên", "Ninh Bình", "Lâm Đồng", "Cao Bằng", "Hoàng Mai", "Châu Thành"),
    *("Hà Nội - Hoàng Mai", "Phan Rang - Tháp Chàm", "Bà Rịa", "Bà Triệu", "Bà Rịa Vũng Tàu", "Đồng Văn Hà Giang", "Ba Dinh"),
    *("Tôn Giáo", "Lưu Trữ Lịch Sử", "Viên Chức", "Cao Đẳng Y Tế", "Đào Tạo Nghề", "Đô Thị Và Hạ Tầng", "Lý Lịch Tư Pháp"),
    *(
        "Lê Lợi Phường Một",
        "HOANG-MAI",
        "NGO_QUYEN",
        "TRAN.PHU",
        "NGUYEN_TRAI_HD",
        "Do Thi Ha Tang",
        "Ban Thi Dua",
        "Cong Van Den",
    ),
    *("TỪ CHỐI", "Từ Chối", "Từ Chối Giải Quyết", "VUONG MAC", "Phan Hoi", "Phan Hoi Ket Qua", "Vi Phạm", "Cong Van Den"),
)


@pytest.mark.parametrize(("text", "kept"), [*((text, False) for text in PERSONS), *((text, True) for text in NO_PERSONS)])
def test_of_an_agency_a_procedure_and_an_unknown_word_no_number_and_no_name_of_a_person_is_kept(text: str, kept: bool) -> None:
    assert code_of(text, "agency", Codes()) == (text if kept else WITHHELD)
    if not kept:
        assert unknown_word("channel", text, None).word == WITHHELD
        assert printed_name(text) is None
        assert named_code("agency", text, "UBND xã A") is named_code("agency", "1", text) is None
        assert named_code("procedure", "1", "Cấp bản sao", parent=text, sector=text) == NamedCode(
            kind="procedure", code="1", name="Cấp bản sao"
        )
    elif not any(map(str.isdigit, text)):
        assert (unknown_word("channel", text, None).word, printed_name(text)) == (text, text)


@pytest.mark.parametrize("text", ["Ông Nguyễn Văn Thử 0912 345 678", "Phòng TN 001.085.012.345", "thu.nghiem@example.vn"])
def test_nothing_is_kept_of_an_agency_or_a_procedure_that_holds_a_persons_number(text: str) -> None:
    of_national = national.decoder("x", national.Settings(), LATEST)
    for read in (
        decoder().decode(record(agency={"code": text}, procedure={"code": text})),
        own.decoder("x", own.Settings(), LATEST)(event(agency=text, procedure=text)),
        of_national(national_dossier(DonViXuLy=text, MaTTHC=text)),
        files.decoder("x", files.Settings(), LATEST)({"code": "H30-1", "received_at": "15/06/2023", "agency": text}),
    ):
        assert isinstance(read, Event), read
        assert read.about is not None
        assert read.about.agency == WITHHELD
        assert text not in repr(read)
    assert code_of("UBND huyện Thanh Hà", "agency", Codes()) == "UBND huyện Thanh Hà"


def test_agencies_that_are_named_by_persons_stay_different_and_unreadable() -> None:
    withholding = Withholding(b"k" * 32, "x")
    of_lists = files.decoder("x", files.Settings(), LATEST, withholding)
    row: dict[str, object] = {"code": "H30-1", "received_at": "15/06/2023"}
    names = ("Nguyễn Văn An", "Lê Thị Bưởi", " NGUYỄN VĂN  AN")
    for read in (
        [decoder(withholding=withholding).decode(record(agency={"code": name})) for name in names],
        [own.decoder("x", own.Settings(), LATEST, withholding)(event(agency=name)) for name in names],
        [national.decoder("x", national.Settings(), LATEST, withholding)(national_dossier(DonViXuLy=name)) for name in names],
        [of_lists({**row, "agency": name}) for name in names],
    ):
        codes = [one.about.agency for one in read if isinstance(one, Event) and one.about is not None]
        assert codes[0] == codes[2] == withholding.code(names[0]) != codes[1]
        assert all(code is not None and code.startswith("withheld-") for code in codes)
    # What waits in quarantine names them as it did, once it can be read.
    waiting = of_lists({**row, "agency": names[0], "status": "Chờ ai đó"})
    assert isinstance(waiting, Rejected)
    again = of_lists({**waiting.fields, "status": "Đã trả kết quả"})
    assert isinstance(again, Event)
    assert again.about is not None
    assert again.about.agency == waiting.fields["agency"] == codes[0]
    assert not any(names_a_person(withholding.code(str(number))) for number in range(1_000))
    assert Withholding(b"k" * 32, "y").code(names[0]) != codes[0] != Withholding(b"l" * 32, "x").code(names[0])


@pytest.mark.parametrize("text", ["Gọi 0912345678", "CCCD 001085012345", "thu.nghiem@example.vn", "Nguyễn Thị Thử"])
def test_no_number_and_no_name_of_a_person_is_kept_of_a_field_that_cannot_be_read(text: str) -> None:
    of_national = national.decoder("x", national.Settings(), LATEST)
    for read in (
        decoder().decode(record(dossierStatus={"name": text})),
        decoder().decode(record(task=[{"name": text, "createdDate": text}])),
        own.decoder("x", own.Settings(), LATEST)(event(at=text, status=text)),
        of_national(national_dossier(TrangThaiHoSo=text, NgayTra=text, TaiLieuNop=[{"DuocSoHoa": text}])),
        files.decoder("x", files.Settings(), LATEST)({"code": "H30-1", "received_at": text, "status": text}),
    ):
        assert isinstance(read, Rejected), read
        assert read.code is not None
        assert text not in repr(read)
    # What a mapping can mend is kept as it was written, with its dates.
    unknown = of_national(national_dossier(TrangThaiHoSo="Chờ thuế"))
    assert isinstance(unknown, Rejected)
    assert unknown.fields == {**unknown.fields, "TrangThaiHoSo": "Chờ thuế"}
    assert WITHHELD not in repr(unknown)


def test_a_source_may_name_the_form_of_its_codes() -> None:
    for code in ("012345678901", "TNMTABC.23-0042"):
        for read in kinds(code, codes=["0\\d{11}", "TNMTABC\\.\\d\\d-\\d{4}"]).values():
            assert isinstance(read, Event), read
    assert isinstance(kinds("0912345678", codes=["0\\d{11}"])["own"], Rejected)
    with pytest.raises(ValueError, match="names or addresses"):
        check_patterns([".*"])
    check_patterns(["TNMT\\.\\d{2}-\\d+", "(?:HS|TN)?[A-Z]{2}/\\d{1,4}", "0?\\d+(?:\\.\\d+)*"])
    for bad in ("(", "a" * 300, "[^@]+@[^@]+", "[A-Za-z.]+", "(?=0)\\d+", "(\\d)-\\1", "((a{60}){16}){16}", "a{0,1001}"):
        with pytest.raises(ValueError, match="pattern 1 of codes"):
            check_patterns([bad])
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"codes": ["[A-Z-]+"]}, own.Settings)


HANGING = (
    ("0?" * 60 + "0{60}1", "0" * 62 + "2"),
    ("(?:0+)+1", "0" * 62 + "2"),
    ("0*" * 60 + "1", "0" * 62 + "2"),
    ("(?:[0-9]{1,60}\\.?){1,9}-", "1" * 64),
)


@pytest.mark.parametrize(("pattern", "code"), HANGING)
def test_no_pattern_of_a_source_takes_longer_than_its_code_is_long(pattern: str, code: str) -> None:
    reading = f"""
from services.ingest.sources.fields.codes import Codes, check_patterns, names_a_person
from services.ingest.sources.errors import RecordRejected
check_patterns([{pattern!r}] * 20)
codes = Codes([{pattern!r}] * 20)
for _ in range(100):
    try:
        codes.read({code!r}, "code")
    except RecordRejected:
        pass
"""
    # What backtracks takes longer than the sun shines: the kernel ends it.
    limit = (20, 20)
    subprocess.run([sys.executable, "-c", reading], check=True, preexec_fn=lambda: setrlimit(RLIMIT_CPU, limit))


# --- over a real API -----------------------------------------------------------------------------------------------------

SECRETS = ("0912345678", "012345678901", "NGUYEN-VAN-THU", "Trần Thị Thử Nghiệm", "thu.nghiem@example.vn")
LIST = (
    "Mã hồ sơ;Đơn vị;Ngày tiếp nhận\nH30-9;10813;15/06/2023\n;;\nTrần Thị Thử Nghiệm;;\n"
    "NGUYEN-VAN-THU;10813;15/06/2023\n012345678901;10813;15/06/2023\n"
)


async def everything(door: Door) -> str:
    """All that the schema of ingest holds, as text."""
    tables = await door.database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'ingest'")
    parts = [
        await door.database.fetchval(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM ingest.{row['tablename']} t")
        for row in tables
    ]
    return "\n".join(parts)


async def test_nothing_of_what_is_no_code_is_stored_logged_or_shown(door: Door, tmp_path: Path) -> None:
    await door.http.put("/v1/sources/lists", json={"province": "30", "kind": "files", "settings": {}})
    answers: list[str] = []
    for _ in range(2):
        sent = await door.own([event(1), *(event(2, code=code) for code in SECRETS)], **{"Idempotency-Key": SECRETS[0]})
        assert (sent.json()["accepted"], sent.json()["quarantined"]) == (1, len(SECRETS))
        answers.append(sent.text)
    again = await door.own([event(2, code=SECRETS[0])])
    assert again.json()["rejected"][0]["code"] is None
    for code in SECRETS:
        answers.append(json.dumps(await door.enveloped("DongBoHoSoMC", national_dossier(MaHoSo=code))))
        answers.append(json.dumps(await door.enveloped("CapNhatTienDoHoSoMC", national_progress(MaHoSo=code))))
    headers = {"Content-Type": "text/csv"}
    seen = await door.http.post("/v1/imports/rehearsal?source=lists", content=LIST.encode(), headers=headers)
    assert [(one["row"], one["code"], one["reason"]) for one in seen.json()["problems"]] == [
        (2, None, "bad_code"),
        (3, None, "bad_code"),
        (4, None, "bad_code"),
    ]
    taken = await door.http.post("/v1/imports?source=lists", content=LIST.encode(), headers=headers)
    assert (taken.json()["accepted"], taken.json()["quarantined"]) == (1, 3)
    aside = await door.http.get("/v1/quarantine?province=30")
    by_source: dict[str, list[dict[str, Any]]] = {}
    for one in aside.json()["records"]:
        assert (one["reason"], one["code"], one["fields"]) == ("bad_code", None, {})
        assert "codes" in one["todo_en"]
        by_source.setdefault(one["source"], []).append(one)
    # One entry for each text, however often it comes; the rows of a file by their number.
    assert sorted(one["times"] for one in by_source["own"]) == [1, 1, 1, 1, 2]
    assert [one["times"] for one in by_source["hai-duong"]] == [2] * len(SECRETS)
    assert sorted(one["detail"].split()[1] for one in by_source["lists"]) == ["2", "3", "4"]
    assert (await door.http.post("/v1/quarantine/replay?province=30")).json()["released"] == 0
    feed = await door.http.get("/v1/feed?province=30&after=0&limit=100")
    logs = "".join(file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file())
    for text in (*answers, seen.text, taken.text, aside.text, feed.text, await everything(door), logs):
        for secret in SECRETS:
            assert secret not in text
            assert json.dumps(secret)[1:-1] not in text
    # What is kept of a text is a digest with a key of this database: whoever reads it cannot try all numbers.
    before = await door.database.fetch("SELECT digest FROM ingest.quarantine WHERE source = 'own'")
    await door.database.execute("UPDATE ingest.digest_key SET key = '\\x00'")
    await door.own([event(2, code=code) for code in SECRETS])
    after = await door.database.fetch("SELECT digest FROM ingest.quarantine WHERE source = 'own'")
    assert len(after) == len(before) + len(SECRETS)


async def test_a_code_with_slashes_has_its_own_page(door: Door) -> None:
    await door.own([event(code="123/2023/BN")])
    assert (await door.dossier("123%2F2023%2FBN"))["code"] == "123/2023/BN"
    due = await door.http.get("/v1/dossiers/123%2F2023%2FBN/deadline?province=30")
    assert due.status_code == 200
    assert due.json()["code"] == "123/2023/BN"
    assert (await door.http.get("/v1/dossiers/123%2F2023%2FXX?province=30")).status_code == 404


@pytest.mark.parametrize(
    "value",
    [
        '"\\u0000"',
        "1e999",
        '[1, {"deep": "a\\u0000b"}]',
        "[" * 40 + "]" * 40,
        "[" * 900 + "]" * 900,
        "1" * 1_001,
        "{" + ",".join(f'"{key}":0' for key in range(5_001)) + "}",
    ],
)
async def test_a_value_that_none_may_be_costs_its_record_and_no_other(door: Door, value: str) -> None:
    good, bad = json.dumps(event(1)), json.dumps(event(2))[:-1] + f', "note": {value}}}'
    sent = await door.http.post(
        "/v1/events?source=own", content=f"[{good}, {bad}]".encode(), headers={"Content-Type": "application/json"}
    )
    assert sent.status_code == 200, sent.text
    assert (sent.json()["served"], sent.json()["accepted"], sent.json()["quarantined"]) == (2, 1, 1)
    assert [(one["index"], one["code"], one["reason"]) for one in sent.json()["rejected"]] == [(1, "H30-2", "unreadable")]
    dossiers = json.dumps(national_dossier())[:-1] + f', "NoiDung": {value}}}, {json.dumps(national_dossier(MaHoSo="H30-7"))}'
    session = (await door.national({"username": "x", "password": door.key}))["session"]
    for body in (
        f"[{dossiers}]",
        f'{{"session": "{session}", "madonvi": {value}, "service": "DongBoHoSoMC", "data": [{dossiers}]}}',
    ):
        auth = {"Authorization": f"Bearer {door.key}"} if body.startswith("[") else {"Authorization": ""}
        answer = await door.http.post("/v1/national/hai-duong", content=body.encode(), headers=auth)
        assert answer.json()["error_code"] == 0, answer.text
        assert "1 bản ghi" in answer.json()["message"]
    assert (await door.dossier("H30-7"))["facts"]["status"] == "delivered"
    # What is on the whitelist is kept, so a replay can take it in.
    assert (await door.http.post("/v1/quarantine/replay?province=30")).json()["released"] == 2

    await door.http.put("/v1/sources/lists", json={"province": "30", "kind": "files", "settings": {}})
    lines = "\n".join((bad.replace("H30-2", "H30-4"), good.replace("H30-1", "H30-3"))).encode()
    taken = await door.http.post("/v1/imports?source=lists", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert (taken.json()["accepted"], taken.json()["quarantined"]) == (1, 1)


async def test_a_byte_order_mark_before_what_is_sent_is_ignored(door: Door) -> None:
    body = "\ufeff" + json.dumps([national_dossier()])
    answer = await door.http.post("/v1/national/hai-duong", content=body.encode())
    assert answer.json()["error_code"] == 0
    assert (await door.dossier("000.00.19.H30-230615-0042"))["facts"]["status"] == "delivered"
    sent = await door.http.post(
        "/v1/events?source=own",
        content=("\ufeff" + json.dumps([event()])).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert sent.json()["accepted"] == 1
