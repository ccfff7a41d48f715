"""The process that signs: it is given the document and the keys, and nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import msgspec

from services.notices.issuing.signing import Certificates, Certified, NotSigned, SignedNotice, SigningKey, SigningOrder
from shared.civil import civil_time
from shared.errors import Conflict, Guidance, Unavailable
from shared.languages import Bilingual, bilingual
from shared.logs import logger
from shared.sandbox.parent import SandboxLimits
from shared.sandbox.serving import SandboxServer, ServerDied
from shared.settings import Settings

log = logger("signing")

_LIMITS = SandboxLimits(megabytes=1024, seconds=600, idle_seconds=30.0)
_LIFETIME = 1_000
_STAMPED_SECONDS = 60.0
"""How long an authority that gave a stamp is taken to give another one: each may cost money."""
_SERVE = "services.notices.issuing.signing:serve"
_RESPONSE: msgspec.msgpack.Decoder[Certificates | SignedNotice | NotSigned] = msgspec.msgpack.Decoder(
    Certificates | SignedNotice | NotSigned
)


class SigningNotSet(Conflict):
    """This installation has no certificates to sign with."""

    type = "signing-not-set"
    title = "No certificates are set"
    guidance = Guidance(
        "The operator sets SIGNATORY_CERTIFICATE and BODY_CERTIFICATE, each with its password.",
        "Chưa có chứng thư số",
        "Hệ thống chưa được cấu hình chứng thư số để ký.",
        "Người vận hành đặt SIGNATORY_CERTIFICATE và BODY_CERTIFICATE kèm mật khẩu.",
    )


class CertificateNotValid(Conflict):
    """A certificate that is set here is not valid now."""

    type = "certificate-not-valid"
    title = "A certificate to sign with is not valid now"
    guidance = Guidance(
        "The operator sets a valid one: SIGNATORY_CERTIFICATE or BODY_CERTIFICATE, with its password.",
        "Chứng thư số không còn hoặc chưa có hiệu lực",
        "Chứng thư số dùng để ký đã hết hạn hoặc chưa đến ngày có hiệu lực.",
        "Người vận hành thay chứng thư còn hiệu lực: SIGNATORY_CERTIFICATE hoặc BODY_CERTIFICATE kèm mật khẩu.",
    )

    @classmethod
    def example(cls) -> Self:
        """It expired."""
        one = Certified("Trần Văn C", "CA", datetime(2021, 8, 18, tzinfo=UTC), datetime(2023, 8, 17, 16, 59, 59, tzinfo=UTC))
        return cls(_not_valid("SIGNATORY_CERTIFICATE", one, expired=True))


_NOTICE = timedelta(days=30)
"""How long before a certificate ends the log warns of it: a new one takes an office weeks to get."""


def demand_valid(certificates: Certificates, now: datetime) -> None:
    """Raise `CertificateNotValid` where one of them may not sign now, or who vouches for it: nobody accepts what it signs."""
    set_here = (("SIGNATORY_CERTIFICATE", certificates.signatory), ("BODY_CERTIFICATE", certificates.body))
    for setting, one in ((setting, one) for setting, own in set_here for one in (own, *own.chain)):
        if not one.valid_from <= now <= one.valid_until:
            raise CertificateNotValid(_not_valid(setting, one, expired=now > one.valid_until))
        if one.valid_until - now < _NOTICE:
            log.warning("a certificate to sign with ends soon", setting=setting, valid_until=one.valid_until.isoformat())


def _not_valid(setting: str, one: Certified, *, expired: bool) -> Bilingual:
    if expired:
        return bilingual(
            "The certificate of {name} was valid until {at}: nothing was issued. The operator sets a valid one in {setting}.",
            "Chứng thư số của {name} hết hạn lúc {at}: chưa ban hành. Người vận hành đặt chứng thư còn hiệu lực vào {setting}.",
            name=one.name,
            at=f"{civil_time(one.valid_until):%d/%m/%Y %H:%M:%S} +07:00",
            setting=setting,
        )
    return bilingual(
        "The certificate of {name} is valid from {at} on: nothing was issued. The operator sets a valid one in {setting}.",
        "Chứng thư số của {name} có hiệu lực từ {at}: chưa ban hành. Người vận hành đặt chứng thư còn hiệu lực vào {setting}.",
        name=one.name,
        at=f"{civil_time(one.valid_from):%d/%m/%Y %H:%M:%S} +07:00",
        setting=setting,
    )


@dataclass(frozen=True)
class SigningKeys:
    """The keys of this installation, and its authority of time stamps."""

    signatory: SigningKey
    body: SigningKey
    timestamp_url: str

    @staticmethod
    def of(settings: Settings) -> SigningKeys:
        """Read anew each time, so that a certificate may be replaced. Raises `SigningNotSet` and `Unavailable`."""
        given = (
            (settings.signatory_certificate, settings.signatory_password),
            (settings.body_certificate, settings.body_password),
        )
        if not all(path for path, _ in given):
            raise SigningNotSet(
                Bilingual(
                    "No certificates are set here: the operator sets SIGNATORY_CERTIFICATE and BODY_CERTIFICATE.",
                    "Chưa cấu hình chứng thư số: người vận hành đặt SIGNATORY_CERTIFICATE và BODY_CERTIFICATE.",
                )
            )
        try:
            keys = [SigningKey(Path(path).read_bytes(), password.get_secret_value()) for path, password in given]
        except OSError as error:
            raise Unavailable(
                Bilingual(
                    f"A certificate cannot be read ({type(error).__name__}). The operator must mend it.",
                    f"Không đọc được chứng thư số ({type(error).__name__}). Người vận hành cần sửa.",
                )
            ) from error
        return SigningKeys(keys[0], keys[1], settings.timestamp_url)


class Signer:
    """Signs in a process of its own."""

    def __init__(self) -> None:
        """No process is started before it is needed."""
        self._server = SandboxServer(_SERVE, _LIMITS, _LIFETIME)
        self._stamped: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        """Nothing is started."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """The process is ended."""
        await self._server.__aexit__(*error)

    async def certificates(self, keys: SigningKeys) -> Certificates:
        """Whose certificates sign. Raises `Unavailable`."""
        response = await self._response(SigningOrder(b"", keys.signatory, keys.body, "", "", keys.timestamp_url))
        assert isinstance(response, Certificates)
        return response

    async def demand_stamps(self, url: str) -> None:
        """Raise `Unavailable` where an authority of time stamps gives none; asked once in a minute. Empty: none is set."""
        now = time.monotonic()
        if url and self._stamped.get(url, now) <= now:
            none = SigningKey(b"", "")
            await self._response(SigningOrder(b"", none, none, "", "", url, only_stamped=True))
            self._stamped = {url: time.monotonic() + _STAMPED_SECONDS}

    async def sign(self, document: bytes, keys: SigningKeys, *, location: str, address: str) -> bytes:
        """The document with both signatures. Raises `Unavailable`."""
        response = await self._response(
            SigningOrder(document, keys.signatory, keys.body, location, address, keys.timestamp_url)
        )
        assert isinstance(response, SignedNotice)
        return response.content

    async def _response(self, order: SigningOrder) -> Certificates | SignedNotice:
        try:
            response = _RESPONSE.decode(await self._server.response(msgspec.msgpack.encode(order)))
        except ServerDied as error:
            raise Unavailable(
                Bilingual(
                    "The process that signs ended. Nothing was issued: try again.",
                    "Tiến trình ký bị dừng. Chưa ban hành: thử lại.",
                ),
                headers={"Retry-After": "2"},
            ) from error
        if isinstance(response, NotSigned):
            raise Unavailable(Bilingual(response.reason, response.reason_vi), headers={"Retry-After": "5"})
        return response
