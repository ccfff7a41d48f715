"""Dossier codes: what looks like one is taken, everything else is refused without a word of it being kept.

The code is the one text of a record that is shown everywhere, so what stands in its place must not be a person's: names, e-mail
addresses, telephone and identity numbers are entered there, and the line for the signature below a list reads as a row. A code
has digits, in groups with at most one short word: `000.00.19.H23-230615-0042`, `H23.19-230615-0042`, `123/2023/BN`,
`HS-2023-0001`, `42`. A source whose codes look otherwise says so in its settings (`codes`, regular expressions as RE2 reads
them: its time grows with the length of the code alone, whatever an operator writes).

Refused unless a source declares such a pattern, since clerks key them in where a code is wanted and no known software numbers
dossiers so: a birthday alone (`12051985`, `19850512`; years from 1920 to 2009, so a day of receipt is none), the plate of a
vehicle (`29A-12345`), and ten digits that do not begin with a day (`8012345678`, `0123456789`: tax codes of persons and
households, and numbers of the old mobile prefixes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import re2

from services.ingest.events.model import Reason
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.empty_words import is_empty_word
from services.ingest.sources.fields.persons import is_name_of_person
from services.ingest.sources.fields.withholding import Withholding
from shared.vietnamese import visible

MAX_CODE = 64
MAX_PATTERNS, MAX_PATTERN_LENGTH = 20, 200
_PATTERN_BYTES = 512 * 1024
"""Memory for what all patterns of a source are compiled to, which bounds the time for one code too."""

_COMMON = re.compile(r"(?:[0-9]{1,4}\.){0,5}[A-Z][0-9]{1,3}(?:\.[0-9]{1,4}){0,3}-[0-9]{6}-[0-9]{1,7}").fullmatch
"""Unit, day and sequence: nearly all codes there are."""
_GROUP = r"(?:[0-9]+[A-Z]{0,5}|[A-Z]{1,4}[0-9]+[A-Z]{0,2}|[a-z]{1,4}[0-9]+)"
_WORD = r"(?:[A-Z]{1,5}|[a-z]{1,5})"
_MARK = r"[-./_]"
_GROUPS = rf"{_GROUP}(?:{_MARK}{_GROUP})*"
_KNOWN = re.compile(
    rf"{_GROUPS}(?:{_MARK}{_WORD}(?:{_MARK}{_GROUPS})?)?|{_WORD}{_MARK}{_GROUPS}"
    # Two letters and one name nobody; identifiers that software draws.
    r"|[A-Z]{1,2}-[A-Z]|[A-Z]|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24}"
).fullmatch

_DAY = r"(?:0[1-9]|[1-3][0-9]|4[0-4])(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_EXACT = re.compile(
    # Units, day and sequence; number and year; identifiers that software draws.
    rf"(?:(?:[A-Z]{{0,4}}[0-9]{{1,4}}|[A-Z]{{1,5}}){_MARK})*{_DAY}(?:{_MARK}?[0-9]{{1,7}})?"
    rf"|(?:{_WORD}{_MARK})?(?:[0-9]{{1,6}}[-/]20[0-4][0-9]|20[0-4][0-9]{_MARK}[0-9]{{1,7}})(?:[-/]{_WORD})?"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24}"
).fullmatch
"""Forms so clear that their digits, written together, may look like a landline or an identity number."""

_DIGITS = re.compile(r"[0-9]+")
_MARKS = re.compile(_MARK)
_NO_DIGITS = re.compile(r"[^0-9]+")
_ONE_NUMBER = re.compile(r"\+?[0-9][0-9 ./_-]*").fullmatch
"""A number alone, however it is grouped."""
_UNIT = re.compile(r"[A-Z][0-9]{2}(?![0-9])")
"""A province at the head of a code, whose digits are not part of the number after them."""
_MOBILE = re.compile(r"(?:0|84|0084)[35789][0-9]{8}").fullmatch
_TELEPHONE = re.compile(r"(?:0|84|0084)(?:[2-9][0-9]{7,9}|1[2689][0-9]{8})|0[2-9][0-9]{6}").fullmatch
_IDENTITY = re.compile(r"0(?!00)(?:[0-8][0-9]|9[0-6])(?:[01][0-9]{2}|[23][0-4][0-9])[0-9]{6}").fullmatch
"""Of twelve digits: the province's code (001 to 096), century and sex, year of birth, six more."""
_PASSPORT = re.compile(r"(?:.*[-./_])?[A-Za-z](?:[0-9]{7}|[-./_][1-9][0-9]{6})(?:[-./_].*)?").fullmatch
_BIRTH = re.compile(
    r"(?:.*[^0-9])?(?:(?:19[0-9]{2}|200[0-9])[-./_](?:0?[1-9]|1[0-2])[-./_](?:0?[1-9]|[12][0-9]|3[01])"
    r"|(?:0?[1-9]|[12][0-9]|3[01])[-./_](?:0?[1-9]|1[0-2])[-./_](?:19[0-9]{2}|200[0-9]))(?:[^0-9].*)?"
).fullmatch
_BIRTHDAY = re.compile(
    r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19[2-9][0-9]|200[0-9])"
    r"|(?:19[2-9][0-9]|200[0-9])(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
).fullmatch
_TAX_CODE = re.compile(r"(?:[0-9]{10})(?:-[0-9]{3})?").fullmatch
_PLATE = re.compile(r"[1-9][0-9][-. ]?[A-Z][A-Z0-9]?[-. ]?(?:[0-9]{3}\.?[0-9]{2}|[0-9]{4})").fullmatch
_BEGINS_WITH_A_DAY = re.compile(_DAY).match
_OLD_IDENTITY = 9
"""Digits of an identity card as it was until 2021."""
_LOOSE = 8
"""Shorter codes hold no number of a person."""
_PROBES = ("Nguyễn Văn An", "NGUYEN-VAN-AN", "nguyen.van.an", "NguyenVanAn", "nguyenvanan@example.vn", "an@example.vn")
"""What no pattern of a source may match."""


class Codes:
    """The codes that one source may use: the known forms, and its own."""

    def __init__(self, patterns: Sequence[str] = (), withholding: Withholding | None = None) -> None:
        """`patterns` have passed `check_patterns`; they go before everything that is refused."""
        self.withholding = withholding or Withholding()
        """What stands for codes of agencies and procedures that may be a person's."""
        self._own = _compiled("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None

    def read(self, written: str | None, field: str) -> str:
        """The code without surrounding space; raises `RecordRejected` where there is none, and where none looks so.

        The detail never holds what was written: of what has digits and is no person's number it has the classes of the
        characters (`AAA.99-9999`).
        """
        if written is not None and _COMMON(written):
            return written
        code = "" if written is None else written.strip() if written.isascii() else visible(written)
        if not code or is_empty_word(code):
            raise RecordRejected(Reason.no_code, f"{field} holds no code.")
        if len(code) > MAX_CODE:
            raise RecordRejected(Reason.too_long, f"{field} has more than {MAX_CODE} characters.")
        if not code.isascii() or not code.isprintable() or " " in code:
            raise RecordRejected(Reason.bad_code, f"{field} holds spaces or characters that no dossier code has.")
        if self._own is not None and self._own(code):
            return code
        if _may_be_a_persons(code):
            raise RecordRejected(
                Reason.bad_code, f"{field} may be a telephone, identity or passport number, a birthday, or an e-mail address."
            )
        if not _KNOWN(code):
            shape = f", which is written like {_shape(code)}" if any(letter.isdigit() for letter in code) else ""
            raise RecordRejected(Reason.bad_code, f"{field} does not look like a dossier's code{shape}.")
        return code


def check_patterns(patterns: Sequence[str]) -> None:
    """Raise `ValueError` unless these can be patterns of codes: quick to match, and no cloak for names and addresses."""
    if len(patterns) > MAX_PATTERNS:
        raise ValueError(f"codes has more than {MAX_PATTERNS} patterns")
    for number, pattern in enumerate(patterns, 1):
        if len(pattern) > MAX_PATTERN_LENGTH:
            raise ValueError(f"pattern {number} of codes has more than {MAX_PATTERN_LENGTH} characters")
        try:
            matches = _compiled(pattern)
        except re2.error:
            raise ValueError(
                f"pattern {number} of codes is no regular expression of RE2, or too large: allowed are characters, classes,"
                " groups, alternatives and repetitions; no look-around and no back-references"
            ) from None
        if any(matches(probe) for probe in _PROBES):
            raise ValueError(f"pattern {number} of codes matches names or addresses: name what stands in a code")
    try:
        Codes(patterns)
    except re2.error:
        raise ValueError("the patterns of codes are too large together: repeat less, or name fewer") from None


def _compiled(pattern: str) -> Callable[[str], object]:
    options = re2.Options()
    options.max_mem = _PATTERN_BYTES
    options.never_capture = True
    # RE2 would write the pattern to standard error.
    options.log_errors = False
    matches: Callable[[str], object] = re2.compile(pattern, options).fullmatch
    return matches


def _may_be_a_persons(code: str) -> bool:
    """Whether a code holds what is a number of a person wherever it stands, or is an address."""
    if "@" in code:
        return True
    if len(code) < _LOOSE:
        return False
    runs = _DIGITS.findall(code)
    together = _DIGITS.findall(_MARKS.sub("", _UNIT.sub("", code, count=1) if _UNIT.match(code) else code))
    if _BIRTHDAY(code) or _PLATE(code) or (_TAX_CODE(code) and not _BEGINS_WITH_A_DAY(code)):
        return True
    if _EXACT(code):
        return any(map(_MOBILE, (*runs, *together)))
    if any(map(_is_a_persons, runs)) or _PASSPORT(code) or _BIRTH(code):
        return True
    if [len(run) for run in runs] == [3, 3, 3] and not any(letter.isalpha() for letter in code):
        return True
    # Written in groups, as people do: 0912.345.678, and with a word beside it.
    return any(len(run) >= 9 and (_TELEPHONE(run) or _IDENTITY(run)) for run in together)


def names_a_person(text: str) -> bool:
    """Whether what stands where an agency or a procedure is named holds an address or a person's number, or is a person's name.

    A number alone is one when it is a mobile telephone or an identity number, however it is grouped; the nine digits of an old
    identity card and landlines are so only beside a word, since software numbers its agencies so.
    """
    text = text.strip()
    if "@" in text or is_name_of_person(text):
        return True
    if len(text) < _LOOSE:
        return False
    if _ONE_NUMBER(text):
        number = _NO_DIGITS.sub("", text)
        return bool(_MOBILE(number) or _IDENTITY(number))
    if " " not in text:
        return any(_MOBILE(run) or _IDENTITY(run) for run in _DIGITS.findall(text))
    return any(map(_is_a_persons, _DIGITS.findall(_MARKS.sub("", text.replace(" ", "")))))


def holds_a_person(text: str) -> bool:
    """Whether a text of any kind, a date too, holds an address or a person's number without a mark, or is a person's name."""
    return "@" in text or any(map(_is_a_persons, _DIGITS.findall(text))) or is_name_of_person(text)


def is_personal(text: str) -> bool:
    """Whether a word or a name that is shown to others holds anything of a person: nothing of it is kept then."""
    return names_a_person(text) or holds_a_person(text)


def _is_a_persons(run: str) -> bool:
    """Whether digits without a mark between them are a telephone or an identity number, also one that lost its zero."""
    if _TELEPHONE(run) or _IDENTITY(run):
        return True
    if _BEGINS_WITH_A_DAY(run):
        return False
    return (len(run) == _OLD_IDENTITY and not run.startswith("00")) or (len(run) == 11 and bool(_IDENTITY(f"0{run}")))


def _shape(code: str) -> str:
    return "".join("9" if one.isdigit() else "A" if one.isalpha() else one if one in "-./_" else "?" for one in code)
