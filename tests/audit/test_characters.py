"""Characters of a document: encodings, old fonts, blanks that nobody sees, marks of notes, letters in the place of digits."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from services.notices.audit.documents.files import read_file
from services.notices.audit.documents.old_fonts import as_drawn
from services.notices.audit.engine import audit
from shared.errors import Unreadable

TEXT = "Tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.448 hồ sơ, trực tiếp 6.108 hồ sơ."
TCVN3 = "TiÕp nhËn 30.556 hå s¬, trong ®ã: trùc tuyÕn 24.448 hå s¬, trùc tiÕp 6.108 hå s¬."
VNI = "Tieáp nhaän 30.556 hoà sô, trong ñoù: tröïc tuyeán 24.448 hoà sô, tröïc tieáp 6.108 hoà sô."


def code_page_1258(text: str) -> bytes:
    """As old programs wrote it: letters with their shapes, tones behind them."""
    out = b""
    for sign in text:
        marks = unicodedata.normalize("NFD", sign)
        tone = "".join(one for one in marks if one in "\u0300\u0301\u0303\u0309\u0323")
        shape = unicodedata.normalize("NFC", "".join(one for one in marks if one not in tone))
        out += (shape + tone).encode("cp1258")
    return out


READ: dict[str, tuple[str, Callable[[], bytes]]] = {
    "UTF-16 without its mark": ("a.txt", lambda: TEXT.encode("utf-16-le")),
    "UTF-16 of the other order": ("a.txt", lambda: TEXT.encode("utf-16-be")),
    "blank of no width in a number": ("a.txt", lambda: TEXT.replace("30.", "30.\u200b").encode()),
    "soft hyphen in a number": ("a.txt", lambda: TEXT.replace("30.", "30.\u00ad").encode()),
    "digits and stops of full width": (
        "a.txt",
        lambda: TEXT.translate({ord(one): ord(one) + 0xFEE0 for one in ".0123456789"}).encode(),
    ),
    "figure blanks between thousands": ("a.txt", lambda: TEXT.replace(".556", "\u2007556").encode()),
    "mark of a note": ("a.txt", lambda: TEXT.replace("30.556 hồ sơ", "30.556¹ hồ sơ²").encode()),
    "page of code page 1258 that names none": ("a.html", lambda: b"<html><p>" + code_page_1258(TEXT)),
    "page that names another encoding": ("a.html", lambda: b"<html><meta charset=utf-8><p>" + code_page_1258(TEXT)),
    "page in UTF-16 without its mark": ("a.html", lambda: f"<html><p>{TEXT}".encode("utf-16-le")),
    "page with one damaged byte": ("a.html", lambda: f"<html><p>{TEXT}<p>".encode() + b"\xff"),
    "note on a page": ("a.html", lambda: f"<html><p>{TEXT}".replace("556", "556<sup><a>[1]</a></sup>").encode()),
    "soft hyphens of a page": ("a.html", lambda: f"<html><p>{TEXT}".replace(".", "&shy;.<wbr>").encode()),
}


@pytest.mark.parametrize("name", READ)
def test_a_text_is_read_as_it_is_seen(name: str) -> None:
    file, made = READ[name]
    claims = audit(read_file(file, made())).claims
    assert [(one.verdict.value, one.equation.replace("\u2009", ".").replace(" 556", ".556")) for one in claims] == [
        ("holds", "30.556 = 24.448 + 6.108")
    ]


def test_places_in_a_text_with_blanks_of_no_width_are_those_of_the_text_as_sent() -> None:
    given = "Tiếp\u200b nhận 15\u200b hồ sơ: mới 9 hồ sơ, cũ 5 hồ sơ."
    (claim,) = audit(read_file("a.txt", given.encode("utf-16"))).claims
    assert given[claim.at.start : claim.at.end].rstrip("\u200b") == "15"


@pytest.mark.parametrize(
    "content",
    [TCVN3.encode(), TCVN3.encode("latin-1"), VNI.encode(), VNI.encode("latin-1"), TEXT.encode().decode("latin-1").encode()],
    ids=["TCVN3 in UTF-8", "TCVN3", "VNI in UTF-8", "VNI", "UTF-8 twice"],
)
def test_letters_of_old_fonts_are_refused_where_no_font_tells_them(content: bytes) -> None:
    for file, prefix in (("a.txt", b""), ("a.html", b"<html><p>")):
        with pytest.raises(Unreadable, match="UniKey"):
            read_file(file, prefix + content)


def test_a_paragraph_in_an_old_font_among_others_is_named_and_left_out() -> None:
    document = read_file("a.txt", f"{TEXT}\n{TEXT}\n{TCVN3.replace('6.108', '6.109')}".encode())
    assert len(document.blocks) == 2
    assert [one.partition(":")[0] for one in document.unread] == ["1 đoạn, bảng dùng bảng mã cũ (TCVN3, VNI) hoặc lỗi mã ký tự"]
    assert not audit(document).contradictions


def test_foreign_names_are_no_old_font() -> None:
    text = "Ông Müller (Công ty Röhm & Søn), bà Zoë và bà Françoise nộp 5 hồ sơ; máy in Canon® 2 chiếc."
    assert read_file("a.txt", text.encode()).text == text


def test_fonts_tell_the_letters_of_a_text() -> None:
    assert as_drawn(TCVN3, ".VnTime") == as_drawn(VNI, "VNI-Times") == TEXT
    assert as_drawn("ñy ban nh©n d©n", ".VnTimeH") == "ủy ban nhân dân".upper()
    assert as_drawn("UÛY BAN NHAÂN DAÂN ÑOÀNG THAÙP", "VNI-Helve") == "ỦY BAN NHÂN DÂN ĐỒNG THÁP"
    assert as_drawn(TEXT, ".VnTime") == TEXT
    assert as_drawn(TCVN3, "Arial") == TCVN3


@pytest.mark.parametrize("number", ["6.1O8", "6.l08", "24.44B", "l.234", "1O8"])
def test_a_number_with_letters_in_it_counts_nothing_and_is_named(number: str) -> None:
    document = read_file(
        "a.txt", f"Tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.448 hồ sơ, trực tiếp {number} hồ sơ.".encode()
    )
    assert document.unread == (f"1 số lẫn chữ (nhận dạng sai), không được đọc: “{number}”",)
    assert not audit(document).contradictions


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (rb"{\rtf1\ansi Tiep nhan 5 ho so}", "RTF"),
        (b'<?xml version="1.0"?><w:wordDocument/>', "XML"),
        (b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n<html>5</html>', "MHTML"),
        (b"", "empty"),
        (b"<html><p> </p></html>", "empty"),
    ],
)
def test_texts_of_other_kinds_are_refused_with_what_to_do(content: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told) as refused:
        read_file("a.txt", content)
    assert refused.value.detail_vi
