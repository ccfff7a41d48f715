"""What the runs of a Word paragraph show: results of fields, formulas and accepted changes, and nothing that is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.xmlchemy import BaseOxmlElement

from services.notices.audit.documents.characters import raised
from services.notices.audit.documents.old_fonts import as_drawn, is_old

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SKIPPED = frozenset((
    f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr", FALLBACK, f"{W}txbxContent", f"{W}instrText", f"{W}rt", f"{W}sdtPr",
    f"{_M}fPr", f"{_M}rPr", f"{_M}ctrlPr", f"{_M}dPr", f"{_M}naryPr", f"{_M}radPr", f"{_M}degHide", f"{_M}oMathParaPr",
))  # fmt: skip
_BREAKS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}softHyphen": ""}
_FORMULA = {f"{_M}den": "/", f"{_M}sup": "^"}
"""What stands before the second part of a formula when it is written in one line."""
_SYMBOLS = {0xA3: "≤", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB8: "÷", 0xB9: "≠"}
_OFF = ("0", "false", "off", "none")
_MAX_STYLES = 20
"""Styles that are based on one another."""


@dataclass(slots=True)
class Runs:
    """Reads the runs of paragraphs; `struck` counts the stretches that were struck through and left out."""

    styles: dict[str, BaseOxmlElement] = field(default_factory=dict)
    """By their ids."""
    usual: str | None = None
    """The style of paragraphs that name none."""
    defaults: Any = None
    """Properties that runs of no style have."""
    by_font: bool = False
    """Whether the document has fonts that show other letters than are stored."""
    struck: int = 0

    @classmethod
    def of(cls, opened: Any) -> Runs:
        """Those of a document."""
        styles = opened.styles.element
        fonts = (font for part in (styles, opened.element.body) for font in part.iter(f"{W}rFonts"))
        named = {style.get(f"{W}styleId", ""): style for style in styles.iter(f"{W}style")}
        return cls(
            named,
            next((name for name, style in named.items() if _is_usual(style)), None),
            styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"),
            any(is_old(name) for font in fonts for name in _names(font)),
        )

    def text(self, paragraph: Any) -> str:
        """What a paragraph shows, but for its text boxes; line breaks as `\\n`."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return self._in(paragraph, style.get(f"{W}val") if style is not None else self.usual)

    def _in(self, paragraph: Any, style: str | None) -> str:
        parts: list[tuple[str, bool, str]] = []  # text, whether in an instruction, font
        fields: list[bool] = []  # of each field that is open: whether its result has begun
        waiting: list[Iterator[Any]] = [iter(paragraph)]
        owners: list[tuple[Any, str]] = [(None, "")]
        while waiting:
            element = next(waiting[-1], None)
            if element is None:
                waiting.pop()
                owners.pop()
                continue
            tag = element.tag
            run, font = owners[-1]
            if tag == f"{W}r":
                properties = element.find(f"{W}rPr")
                if self._is_left_out(element, properties, style):
                    continue
                run, font = properties, self._font(properties, style) if self.by_font else ""
            if tag == f"{W}fldChar":
                _turn(element.get(f"{W}fldCharType"), fields)
            elif (visible := _visible(element, run)) is not None:
                parts.append((visible, not all(fields), font))
            elif tag not in _SKIPPED:
                if tag in _FORMULA:
                    parts.append((_FORMULA[tag], False, ""))
                waiting.append(iter(element))
                owners.append((run, font))
        # A field without an end was damaged, and nothing of it is an instruction.
        return _joined([(shown, font) for shown, instruction, font in parts if not instruction or not all(fields)])

    def _is_left_out(self, run: Any, properties: Any, style: str | None) -> bool:
        if self._has(properties, style, ("vanish",)):
            return True
        if self._has(properties, style, ("strike", "dstrike")):
            self.struck += any(map(str.isdigit, "".join(run.itertext(f"{W}t"))))
            return True
        return False

    def _has(self, properties: Any, style: str | None, names: tuple[str, ...]) -> bool:
        """Whether a run has a property by itself or by its styles."""
        for given in (properties, *self._inherited(properties, style)):
            for name in names:
                found = given.find(f"{W}{name}") if given is not None else None
                if found is not None:
                    return found.get(f"{W}val", "1") not in _OFF
        return False

    def _font(self, properties: Any, style: str | None) -> str:
        for given in (properties, *self._inherited(properties, style), self.defaults):
            fonts = given.find(f"{W}rFonts") if given is not None else None
            if fonts is not None and (names := _names(fonts)):
                return next(filter(is_old, names), names[0])
        return ""

    def _inherited(self, properties: Any, style: str | None) -> Iterator[Any]:
        own = properties.find(f"{W}rStyle") if properties is not None else None
        for begun in (own.get(f"{W}val") if own is not None else None, style):
            name = begun
            for _ in range(_MAX_STYLES):
                found = self.styles.get(name or "")
                if found is None:
                    break
                yield found.find(f"{W}rPr")
                based = found.find(f"{W}basedOn")
                name = based.get(f"{W}val") if based is not None else None


def _is_usual(style: Any) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on")


def _turn(kind: str | None, fields: list[bool]) -> None:
    if kind == "begin":
        fields.append(False)
    elif kind == "separate" and fields:
        fields[-1] = True
    elif kind == "end" and fields:
        fields.pop()


def _visible(element: Any, run: Any) -> str | None:
    """What an element of a run shows; None for one whose parts are to be read."""
    tag = element.tag
    if tag == f"{W}t":
        text = element.text or ""
        above = run.find(f"{W}vertAlign") if run is not None else None
        return raised(text) if above is not None and above.get(f"{W}val") == "superscript" else text
    if tag == f"{_M}t":
        return element.text or ""
    if tag in _BREAKS:
        return _BREAKS[tag]
    return _symbol(element) if tag == f"{W}sym" else None


def _symbol(element: Any) -> str:
    """A sign of a font: of the one with digits and signs, what it shows; of others a mark."""
    try:
        code = int(element.get(f"{W}char", ""), 16) & 0xFF
    except ValueError:
        return ""
    if element.get(f"{W}font", "").lower() != "symbol":
        return "•"
    sign = chr(code)
    return _SYMBOLS.get(code) or (sign if 0x20 <= code < 0x40 else "•")


def _joined(parts: list[tuple[str, str]]) -> str:
    if not any(font and is_old(font) for _, font in parts):
        return "".join(shown for shown, _ in parts)
    whole = "".join(shown for shown, _ in parts)
    out: list[str] = []
    place = 0
    while place < len(parts):
        begin, font = place, parts[place][1]
        while place < len(parts) and parts[place][1] == font:
            place += 1
        text = "".join(shown for shown, _ in parts[begin:place])
        # Words in Unicode may be set in such a font by mistake; then all of the paragraph are.
        out.append(as_drawn(text, font) if as_drawn(whole, font) != whole else text)
    return "".join(out)


def _names(fonts: Any) -> list[str]:
    return [name for kind in ("ascii", "hAnsi") if (name := fonts.get(f"{W}{kind}"))]
