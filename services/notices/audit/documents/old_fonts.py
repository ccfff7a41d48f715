"""Vietnamese from before Unicode: fonts (TCVN3 or ABC: `.VnTime`; VNI: `VNI-Times`) that draw other letters than are stored.

Where the font is known the letters are told with certainty; where it is not, such a text is recognised, and not read. Pure.
"""

from __future__ import annotations

import re
from dataclasses import replace

from services.notices.audit.documents.model import Block, Document
from shared.errors import Unreadable
from shared.languages import Bilingual

_TCVN3 = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬­®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
_VNI = {
    base + mark: letter
    for base, marks, letters in (
        ("a", "ùøûõïâáàåãäêéèúüë", "áàảãạâấầẩẫậăắằẳẵặ"),
        ("e", "ùøûõïâáàåãä", "éèẻẽẹêếềểễệ"),
        ("o", "ùøûõïâáàåãä", "óòỏõọôốồổỗộ"),
        ("u", "ùøûõï", "úùủũụ"),
        ("y", "ùøûõ", "ýỳỷỹ"),
        ("ô", "ùøûõï", "ớờởỡợ"),
        ("ö", "ùøûõï", "ứừửữự"),
    )
    for mark, letter in zip(marks, letters, strict=True)
} | dict(zip("ôöñæóòî", "ơưđỉĩịỵ", strict=True))
_VNI |= {old.upper(): letter.upper() for old, letter in _VNI.items()} | {
    old[0].upper() + old[1]: letter.upper() for old, letter in _VNI.items() if len(old) > 1
}
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))
_UNICODE = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9\u0300\u0301\u0303\u0309\u0323]")
"""What only Unicode has of Vietnamese: a text with one of these was not written for an old font, whatever it is set in."""
_FOREIGN = re.compile(r"(?<=[^\W\d_])[¡-¸º-¿ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþ]|[®§¸µ¶·¹](?=[^\W\d_])")
"""What Vietnamese has not within or before a word."""
_ADVICE = Bilingual(
    "The text is in an old Vietnamese encoding (TCVN3, VNI), or its characters were damaged: its words cannot be read. Convert "
    "it to Unicode (in UniKey: Ctrl+Shift+F6), save it and send that.",
    "Văn bản dùng bảng mã cũ (TCVN3, VNI) hoặc lỗi ký tự nên không đọc được. Chuyển sang Unicode (UniKey: Ctrl+Shift+F6), "
    "lưu lại rồi gửi.",
)


def is_old(font: str) -> bool:
    """Whether a font of this name draws other letters than are stored."""
    return font.lower().startswith((".vn", "vni-"))


def as_drawn(text: str, font: str) -> str:
    """What a font of this name shows for a text; the text itself where it is in Unicode, or the font is no old one."""
    if not is_old(font) or _UNICODE.search(text):
        return text
    if font.lower().startswith("vni-"):
        return _VNI_LETTER.sub(lambda found: _VNI[found.group()], text)
    shown = "".join(_TCVN3.get(sign, sign) for sign in text)
    return shown.upper() if font.endswith("H") else shown  # the fonts of capitals draw these for small letters


def without_old_letters(document: Document) -> Document:
    """The document without the blocks whose letters cannot be told, which it names; raises `Unreadable` where most are such."""
    old = [block for block in document.blocks if _is_garbled(_words(block))]
    if not old:
        return document
    if sum(len(_words(block)) for block in old) * 2 > len(document.text):
        raise Unreadable(_ADVICE)
    left = tuple(block for block in document.blocks if block not in old)
    told = (
        f"{len(old)} đoạn, bảng dùng bảng mã cũ (TCVN3, VNI) hoặc lỗi mã ký tự: không được đọc; chuyển sang Unicode rồi gửi lại"
    )
    return replace(document, blocks=left, unread=(*document.unread, told))


def _words(block: Block) -> str:
    if block.rows is None:
        return block.text
    return "\n".join({cell.start: cell.text for row in block.rows for cell in row}.values())


def _is_garbled(text: str) -> bool:
    foreign = len(_FOREIGN.findall(text))
    return foreign > 1 and foreign * 2 > len(_UNICODE.findall(text)) * 3  # a foreign name may stand among few words
