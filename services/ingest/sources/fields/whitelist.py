"""What every adapter does to a foreign record before anything of it may be kept: only listed fields, short, clean, in range."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias, TypeVar

import msgspec

from services.ingest.events.model import Event, Reason, Rejected, UnknownWord, Withheld
from services.ingest.events.records import Faulty
from services.ingest.sources.errors import RecordRejected, unforeseen
from services.ingest.sources.fields.codes import MAX_CODE, Codes, holds_a_person, is_personal, names_a_person
from services.ingest.sources.fields.departments import DEPARTMENTS, STEP_NAMES, KnownNames
from services.ingest.sources.fields.instants import without_placeholders
from services.ingest.sources.fields.withholding import WITHHELD, Withholding
from shared.dossier import Channel, Status
from shared.languages import Bilingual
from shared.spelling import FIELD, nearest, unknown_name

MAX_TEXT = 200
"""Longest text that is kept of a field; no code or name that we read is longer."""
NO_OFFSET = "is no date with an offset."
"""End of the detail of a record with such a date."""
MAX_WORD = 80
"""Longest word that is listed as unknown."""
MAX_ITEMS = 500
"""Longest list that is read; real dossiers have a few dozen tasks."""

Spec: TypeAlias = "Mapping[str, Spec | None]"
"""Fields to keep: name -> None for a plain value, a `Spec` for an object or a list of objects; the name "" in such a `Spec`
says that a plain value may stand in its place."""

PRESENT: Spec = {"": None, "(present)": None}
"""Marks a field of which only its presence may be known, such as the path of a file."""

Fields: TypeAlias = Mapping[str, object]
"""A record of which only listed fields are left: what they hold is still the sender's choice, and narrowed where it is read."""

T = TypeVar("T")
_ERROR_PATH = re.compile(r" - at `\$\.?([^`]*)`")
_UNKNOWN_VALUE = re.compile(r"Invalid enum value '(.*)' - at ", re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def pruned(value: object, spec: Spec) -> dict[str, object]:
    """The fields of `value` that `spec` lists, shortened and free of what PostgreSQL or JSON cannot hold.

    An empty text is an absent one. Raises `RecordRejected` when `value` is no object or holds a list longer than `MAX_ITEMS`.
    """
    if not isinstance(value, dict):
        raise RecordRejected(Reason.wrong_type, "The record is no object.")
    return {name: _pruned(name, value[name], inner) for name, inner in spec.items() if value.get(name) not in (None, "")}


def _pruned(name: str, value: object, spec: Spec | None) -> object:
    if spec is PRESENT:
        return "present"
    if isinstance(value, list):
        if len(value) > MAX_ITEMS:
            raise RecordRejected(Reason.too_long, f"{name} is a list of more than {MAX_ITEMS} entries.")
        # No agreed field is a list of lists, and how deep they go is the sender's choice.
        return ["a list in a list" if isinstance(one, list) else _pruned(name, one, spec) for one in value if one is not None]
    if isinstance(value, dict):
        # What is listed as a plain value and comes as an object could hold anything: of it nothing is kept.
        return pruned(value, spec) if spec is not None else {}
    if spec is not None and "" not in spec:
        # The same the other way round: a text in the place of an object.
        return f"no object but {type(value).__name__}"
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return str(value) if value.bit_length() < 512 else "a number without end"
    return value


def storable(text: str, max_length: int = MAX_TEXT) -> str:
    """A foreign text as it may be stored: shortened, and without what PostgreSQL or JSON cannot hold."""
    return _UNSTORABLE.sub("\ufffd", text[:max_length])


def unknown_word(field: str, word: str, setting: str | None, hides: str | None = None) -> UnknownWord:
    """A word that nobody knows, as it may be listed: of one that may be a person's only that there is one."""
    word = storable(word.strip(), MAX_WORD)
    return UnknownWord(field, WITHHELD if is_personal(word) else word, setting, hides)


def code_of(code: str | None, field: str, codes: Codes) -> str | None:
    """The code of an agency or a procedure without surrounding space; raises `RecordRejected` where none looks so.

    Of what holds a person's number or an address nothing is kept: a code of `Withholding` stands for it.
    """
    if code is None:
        return None
    if len(code) > MAX_CODE:
        raise RecordRejected(Reason.too_long, f"{field} has more than {MAX_CODE} characters.")
    if not code.isprintable():
        raise RecordRejected(Reason.bad_code, f"{field} is no code.")
    return codes.withholding.code(code) if names_a_person(code) else code.strip() or None


def converted(fields: Fields, kind: type[T], *, needed: Sequence[str]) -> T:
    """Pruned fields as a typed record, or `RecordRejected` with the field that is missing or not as agreed."""
    for name in needed:
        if name not in fields:
            raise RecordRejected(Reason.no_code if name == "code" else Reason.missing_field, f"{name} is missing.")
    try:
        return msgspec.convert(fields, kind)
    except (msgspec.ValidationError, OverflowError, RecursionError):
        pass
    # `0000-00-00`, `0` and the like are no dates to a decoder, and none is meant.
    fields = without_placeholders(fields)
    for name in needed:
        if name not in fields:
            raise RecordRejected(Reason.missing_field, f"{name} holds no date.")
    try:
        return msgspec.convert(fields, kind)
    except (msgspec.ValidationError, OverflowError, RecursionError) as error:
        text = str(error)
        position = _ERROR_PATH.search(text)
        field = position[1] if position else "a field"
        if field.endswith(("Date", "at", "_to")):
            wrong = NO_OFFSET if "datetime" in text or "timezone" in text else "is no date."
            raise RecordRejected(Reason.bad_date, f"{field} {wrong}") from None
        if (unknown := _UNKNOWN_VALUE.match(text)) is not None:
            raise _unknown_value(field, unknown[1]) from None
        raise RecordRejected(Reason.wrong_type, f"{field} is not of the agreed type.") from None


def _unknown_value(field: str, value: str) -> RecordRejected:
    """Of a value that is none of the known ones: the nearest of these, and not the value itself."""
    channel = field.rpartition(".")[2] == "channel"
    known = [one.value for one in (Channel if channel else Status)]
    meant = nearest(value, known)
    suggested = f" Did you mean `{meant}`?" if meant is not None else ""
    what, reason = ("channel", Reason.unknown_channel) if channel else ("status", Reason.unknown_status)
    detail = f"{field} is not a known {what}.{suggested} Known: {', '.join(known)}."
    return RecordRejected(reason, detail, unknown_word(field, value, None))


_LISTED = Bilingual("The API's documents list them.", "Xem tài liệu của API.")


def require_listed(record: object, spec: Spec, outer: str = "") -> None:
    """Raise `RecordRejected` for the first field of a record that `spec` does not list, those of objects in it too.

    The detail holds nothing of the field but its name, and that only where it is a plain identifier without a person's number.
    """
    if not isinstance(record, dict):
        return
    if not record.keys() <= spec.keys():
        name = str(next(name for name in record if name not in spec))
        kind = Bilingual(f"field of {outer}", f"trường của {outer}") if outer else FIELD
        raise RecordRejected(
            Reason.unknown_field,
            unknown_name(kind, "" if holds_a_person(name) else name, spec, where=_LISTED).en,
        )
    for name, inner in spec.items():
        if inner is not None and name in record:
            parts = record[name]
            for part in parts if isinstance(parts, list) else (parts,):
                require_listed(part, inner, name)


def decode_record(
    value: object, spec: Spec, code_field: str, codes: Codes, event: Callable[[Fields], Event], *, closed: bool = False
) -> Event | Rejected:
    """The event that `event` makes of a record's pruned fields, or the rejected record with its reason.

    `closed`: its shape is ours, and a field that `spec` does not list is misspelt.
    """
    fields: dict[str, object] = {}
    try:
        if isinstance(value, Faulty):
            fields = pruned(value.value, spec)
            raise RecordRejected(Reason.unreadable, value.detail)
        fields = pruned(value, spec)
        if closed:
            require_listed(value, spec)
        return event(fields)
    except RecordRejected as wrong:
        rejection = wrong.with_traceback(None)  # it would hold this frame, and with it the record
    except Exception as error:
        rejection = unforeseen(error)
    # The instant of arrival is not stored with a rejected record, or each repetition would be another one.
    fields.pop("_arrived", None)
    return known_again(rejected_record(rejection, fields, code_field, codes), value)


def rejected_record(rejection: RecordRejected, fields: Fields, code_field: str, codes: Codes) -> Rejected:
    """The quarantined record: `fields` are pruned already.

    Where what stands in `code_field` is no code of the source, that is the reason, whatever else is wrong, and nothing is kept.
    """
    written = fields.get(code_field)
    if isinstance(written, float) and written.is_integer():
        written = int(written)
    if written is not None and (isinstance(written, bool) or not isinstance(written, str | int)):
        # Of another type, it could hold anything: only that it is of another one is kept.
        return Rejected(rejection.reason, rejection.detail, {**_without_persons(fields, codes.withholding), code_field: {}})
    try:
        code = None if written is None else codes.read(str(written), code_field)
    except RecordRejected as unlike:
        if unlike.reason is Reason.no_code:
            stored = _without_persons({name: fields[name] for name in fields if name != code_field}, codes.withholding)
            return Rejected(unlike.reason, unlike.detail, stored)
        return Rejected(unlike.reason, unlike.detail, {}, None, Withheld(str(written)))
    stored = _without_persons(fields, codes.withholding)
    if code is not None:
        # It is a code, judged already, however it is surrounded.
        stored[code_field] = fields[code_field]
    return Rejected(rejection.reason, rejection.detail, stored, code, unknown=rejection.unknown)


def known_again(rejected: Rejected, value: object) -> Rejected:
    """The rejected record of `value`; where nothing of it may be kept, it is known again by the whole of it, withheld."""
    if rejected.fields or rejected.withheld is not None:
        return rejected
    if isinstance(value, Faulty):
        return msgspec.structs.replace(rejected, withheld=Withheld(_bounded(value.raw.decode("latin-1"))))
    if isinstance(value, dict):
        value = {name: one for name, one in value.items() if name != "_arrived"}
    try:
        text = msgspec.json.encode(value).decode()
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return rejected
    return msgspec.structs.replace(rejected, withheld=Withheld(_bounded(text)))


def _bounded(text: str) -> str:
    """A long text by its digest: all rejected records of a request are held together."""
    return text if len(text) <= _MAX_WITHHELD else sha256(text.encode(errors="surrogatepass")).hexdigest()


_MAX_WITHHELD = 4_096


_NAMED_BY_CODE = frozenset(("id", "code", "agency", "procedure", "MaHoSo", "MaTTHC", "DonViXuLy"))


_DEPARTMENTS, _STEP_NAMES = KnownNames(DEPARTMENTS, {}, codes=True), KnownNames(STEP_NAMES, {})
_KNOWN_ONLY = {"PhongBanXuLy": _DEPARTMENTS, "department": _DEPARTMENTS, "ChucDanh": _STEP_NAMES, "step": _STEP_NAMES}
"""Fields in which people write their own names: of their texts only a known name is kept."""


def _without_persons(fields: Fields, withholding: Withholding) -> dict[str, object]:
    """Pruned fields as quarantine keeps them: a text that holds a person's number or address is withheld.

    So is what names a department or a step and is not known.
    """
    return {name: _stored(name, value, withholding) for name, value in fields.items()}


def _stored(name: str, value: object, withholding: Withholding) -> object:
    if name in _KNOWN_ONLY:
        # What is no text stays of its type, by which it is rejected, and empty.
        return (_KNOWN_ONLY[name].get(value) or WITHHELD) if isinstance(value, str) else type(value)()
    if name == "task" and isinstance(value, list):
        value = [_task(one) for one in value]
    return _without_person(value, name in _NAMED_BY_CODE, withholding)


def _task(task: object) -> object:
    """A task without the name of its department, and with the code of that where it looks like one."""
    if not isinstance(task, dict) or "agency" not in task:
        return task
    agency = task["agency"]
    code = _DEPARTMENTS.get(str(agency.get("code"))) if isinstance(agency, dict) else None
    return {**task, "agency": {} if code is None else {"code": code}}


def _without_person(value: object, is_code: bool, withholding: Withholding) -> object:
    if isinstance(value, dict):
        return _without_persons(value, withholding)
    if isinstance(value, list):
        return [_without_person(one, is_code, withholding) for one in value]
    if not isinstance(value, str):
        return value
    if is_code:
        # Read again it names what it named.
        return withholding.code(value) if names_a_person(value) else value
    return WITHHELD if holds_a_person(value) else value
