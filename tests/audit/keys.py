"""The key of a text: every claim that its figures make, and the errors that were planted. `README.md` tells the semantics."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from tests.audit.equations import Figure, figure, figures

CORPUS = Path(__file__).parent / "corpus"
REPORT_KINDS = {
    "sum": "sum", "balance": "sum", "bound": "bound", "rate": "rate", "ratio": "rate", "points": "change", "relative": "change",
    "difference": "change", "repeat": "repeat", "shares": "share", "names": "list", "table": "table",
}  # fmt: skip
"""The kinds of a key, and what they are called in `reports/audit.json`."""
STRUCTURAL = {"part_left_out", "sign", "name_left_out", "words"}
"""Errors that no change of a figure undoes."""
Verdict = Literal["holds", "contradicted", "undecided"]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An equation that a text claims."""

    kind: str
    verdict: Verdict
    quote: str
    """Words of the text with the claimed figure in them."""
    claimed: str
    """The figure that is claimed, as printed."""
    equation: str
    """What it must equal: operands as printed, or names with `;` between them."""
    computed: str = ""
    direction: str = ""
    """`up` or `down` of a change."""
    reason: str = ""
    """Why it is undecided: `base_not_printed` or `readings_disagree`."""
    nth: int = 1
    """Which of the equal quotes of the text."""
    repairs: list[str] = []
    """Single figures whose change mends the most claims and breaks none, as `30.556 -> 30.566`."""

    @property
    def names(self) -> list[str]:
        """What is listed, of the kind `names`."""
        return [name.strip() for name in self.equation.split(";")]

    @property
    def figures(self) -> list[Figure]:
        """The claimed figure, then those of the equation."""
        return [figure(self.claimed), *([] if self.kind == "names" else figures(self.equation))]


class Planted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An error that was put into a text."""

    figure: str
    """The wrong figure as printed; of a structural error the claimed figure that it makes wrong."""
    error: str
    true: str = ""
    """What stood there before; nothing for a structural error."""


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is true of one text."""

    about: str
    claims: list[Claim]
    planted: list[Planted] = []
    format: str = "text"
    """As which document the text is given to an engine: `text`, `docx`, `xlsx` or `html`."""
    typing: str = "nfc"
    """`nfd` where letters and marks are typed apart."""


class Span(NamedTuple):
    """Characters of a text, from `start` up to, not including, `end`."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether they have a character in common."""
        return self.start < other.end and other.start < self.end


class Repair(NamedTuple):
    """One figure changed."""

    span: Span
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"


@lru_cache(maxsize=8192)
def occurrences(text: str, figure_text: str) -> tuple[Span, ...]:
    """Where a figure stands in a text as a whole: 54 is not in 1.540."""
    edge = r"\d" if figure_text[:1].isdigit() else r"\w"
    end = r"\d" if figure_text[-1:].isdigit() else r"\w"
    pattern = rf"(?<!{edge})(?<!\d[.,]){re.escape(figure_text)}(?!{end})(?![.,]\d)"
    return tuple(Span(*found.span()) for found in re.finditer(pattern, text))


class Text(NamedTuple):
    """A text of the corpus with its key."""

    name: str
    half: str
    written: str
    """As it lies in the corpus: NFC."""
    key: Key

    @property
    def text(self) -> str:
        """As it is given to an engine; places are counted in it, by code points."""
        return unicodedata.normalize("NFD", self.written) if self.key.typing == "nfd" else self.written

    def find(self, one: Figure) -> Span:
        """Where a figure stands."""
        found = occurrences(self.text, self._typed(one.printed))
        if len(found) < one.nth:
            raise ValueError(f"{self.name}: {one} is not in the text")
        return found[one.nth - 1]

    def find_quote(self, claim: Claim) -> Span:
        """Where the quoted words stand."""
        quote, start = self._typed(claim.quote), -1
        for _ in range(claim.nth):
            start = self.text.find(quote, start + 1)
            if start < 0:
                raise ValueError(f"{self.name}: not found: {claim.quote!r}")
        return Span(start, start + len(quote))

    def _typed(self, words: str) -> str:
        return unicodedata.normalize("NFD", words) if self.key.typing == "nfd" else words

    def is_rate(self, one: Figure) -> bool:
        """Whether a per cent sign or points follow a figure."""
        after = self.text[self.find(one).end :][:6]
        return bool(re.match(r"\s{0,2}(?:%|phần|điểm)", unicodedata.normalize("NFC", after)))


def load(path: Path) -> Text:
    """A text with its key, from the path of either."""
    key = msgspec.toml.decode(path.with_suffix(".toml").read_bytes(), type=Key)
    return Text(path.stem, path.parent.name, path.with_suffix(".txt").read_text(), key)


def corpus(half: str = "*") -> list[Text]:
    """All texts, by half and name."""
    return [load(path) for path in sorted(CORPUS.glob(f"{half}/*.toml"))]


def write(text: Text, folder: Path) -> None:
    """Puts a text and its key into a folder: one claim a line."""
    key = text.key
    lines = [f"about = {_quoted(key.about)}"]
    lines += [
        f"{name} = {_quoted(value)}"
        for name, value in (("format", key.format), ("typing", key.typing))
        if value not in {"text", "nfc"}
    ]
    for name, rows in (("planted", key.planted), ("claims", key.claims)):
        if rows or name == "claims":
            lines += [f"{name} = [", *(f"  {_inline(row)}," for row in rows), "]"]
    (folder / f"{text.name}.toml").write_text("\n".join(lines) + "\n")
    (folder / f"{text.name}.txt").write_text(text.written)


def _inline(row: Claim | Planted) -> str:
    values: dict[str, str | int | list[str]] = msgspec.to_builtins(row)
    parts = []
    for name, value in values.items():
        if isinstance(value, list):
            parts.append(f"{name} = [{', '.join(map(_quoted, value))}]")
        else:
            parts.append(f"{name} = {value if isinstance(value, int) else _quoted(value)}")
    return f"{{ {', '.join(parts)} }}"


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
