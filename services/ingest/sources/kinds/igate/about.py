"""What a dossier of an iGate portal is: agency, procedure, channel, papers and fees."""

from __future__ import annotations

from services.ingest.events.model import About, Reason, UnknownWord
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.codes import Codes
from services.ingest.sources.fields.empty_words import is_empty_word
from services.ingest.sources.fields.vocabulary import CHANNELS, PAID_ONLINE, Names
from services.ingest.sources.fields.whitelist import code_of, unknown_word
from services.ingest.sources.kinds.igate.names import name_of
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.wire import Dossier
from shared.dossier import Channel
from shared.procedures import normal_code

_DIGITISED = (1, 2, 3)
"""`digitizingStatus` of a part that is digitised; 0 and none: it is not."""
_REMEMBERED = 20_000
"""Codes whose reading is kept."""


class AboutReader:
    """Reads rows of one source."""

    def __init__(self, settings: Settings, codes: Codes) -> None:
        """`settings` has the words that the source uses otherwise."""
        self._codes = codes
        self._channels: Names[Channel] = Names(CHANNELS, settings.channels)
        self._paid_online: Names[bool] = Names(PAID_ONLINE, settings.paid_online)
        self._agencies: dict[str | int, str] = {}
        self._procedures: dict[str | int, str] = {}

    @property
    def number_of_codes(self) -> int:
        """How many different codes of agencies and procedures were read."""
        return len(self._agencies) + len(self._procedures)

    def read(self, row: Dossier, *, received: bool, ended: bool) -> tuple[About, tuple[UnknownWord, ...]]:
        """What a row says of the dossier, and the words in it that nobody knows; raises `RecordRejected`."""
        unknown: tuple[UnknownWord, ...] = ()
        digitised = reused = odd = None
        if row.dossier_form_file is not None:
            digitised = reused = False
            for form in row.dossier_form_file:
                part = form.digitizing_status
                if part in _DIGITISED:
                    digitised = True
                    # 2: part re-used; 3: the result of another dossier re-used.
                    reused = reused or part in (2, 3)
                elif part:
                    odd = part
            if odd is not None and not digitised:
                digitised = reused = None
                unknown = (unknown_word("dossierFormFile.digitizingStatus", str(odd), None, "digitised_intake"),)
        fee_required = None
        if row.dossier_fee is not None and received:
            fee_required = False
            for fee in row.dossier_fee:
                if fee.amount:
                    fee_required = True
        payment = self._payment(row)
        paid_online = None if isinstance(payment, UnknownWord) else payment
        if isinstance(payment, UnknownWord):
            unknown = (*unknown, payment)
        agency, procedure = row.agency, row.procedure
        about = About(
            None if agency is None or agency.code is None else self._agencies.get(agency.code) or self._agency(agency.code),
            None
            if procedure is None or procedure.code is None
            else self._procedures.get(procedure.code) or self._procedure(procedure.code),
            self._channel(row),
            digitised,
            bool(row.dossier_result_file) if ended and row.dossier_result_file is not None else None,
            fee_required,
            paid_online,
            reused,
        )
        return about, unknown

    def _agency(self, written: str | int) -> str | None:
        code = code_of(str(written), "agency.code", self._codes)
        if code is not None and len(self._agencies) < _REMEMBERED:
            self._agencies[written] = code
        return code

    def _procedure(self, written: str | int) -> str | None:
        code = code_of(str(written), "procedure.code", self._codes)
        if code is not None:
            code = normal_code(code)
            if len(self._procedures) < _REMEMBERED:
                self._procedures[written] = code
        return code

    def _channel(self, row: Dossier) -> Channel | None:
        for field, named in (("applyMethod", row.apply_method), ("dossierReceivingKind", row.dossier_receiving_kind)):
            if named is not None and (name := name_of(named.name)) is not None:
                channel = self._channels.get(name)
                if channel is not None:
                    return channel
                if not is_empty_word(name):
                    # The other field may mean something else: it stands for this one only where this one says nothing.
                    raise RecordRejected(
                        Reason.unknown_channel,
                        f"Nobody knows the name of {field}: add it to 'channels' of the source.",
                        unknown_word(field, name, "channels"),
                    )
        return None

    def _payment(self, row: Dossier) -> bool | UnknownWord | None:
        """Whether the fee was paid online, or the word for the way to pay that nobody knows."""
        if row.payment_method is None or (name := name_of(row.payment_method.name)) is None:
            return None
        online = self._paid_online.get(name)
        if online is None and not is_empty_word(name):
            # Not worth putting a dossier aside: it is then not known to be online.
            return unknown_word("paymentMethod", name, "paid_online", "fee_online")
        return online
