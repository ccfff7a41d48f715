"""Signatures in a PDF (PAdES, ETSI EN 319 142): that of the signatory, then that of the issuing body.

Runs in a process of `shared.sandbox` that is given the document and the keys and nothing else. What a reader sees of the
signatures is drawn by the typesetter; the fields themselves have no size, so that the pages stay what was approved, and they
are tagged as form elements, so that the document stays PDF/A-3a and PDF/UA-1.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Iterator
from datetime import datetime
from functools import cache, cached_property
from typing import Any

import msgspec
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from shared.errors import Unavailable
from shared.languages import Bilingual
from shared.sandbox.orders import orders

FIELDS = ("signatory", "body")
"""Names of the fields, in the order of signing."""
_DESCRIPTIONS = {"signatory": "Chữ ký số của người có thẩm quyền", "body": "Chữ ký số của cơ quan ban hành"}
_DIGEST = "sha256"
_RESERVED = 32_768
"""Bytes that are reserved for a signature at most: a chain of four certificates, and a time stamp with one of its own, take
half."""
_SIGNATURE, _TIME_STAMP = 4_096, 20_480
"""Bytes that are reserved beside the certificates: for a signature and its attributes, and for a time stamp with its chain. Who
reads the file pays for each by itself."""
_TOO_LARGE = "larger than expected"
"""How pyHanko says that a signature takes more."""


class SigningKey(msgspec.Struct, frozen=True):
    """A key with its certificate, as a file of PKCS#12."""

    content: bytes
    password: str

    def __repr__(self) -> str:
        """Nothing of it."""
        return "SigningKey(...)"


class SigningOrder(msgspec.Struct, frozen=True):
    """A document, and by whom it is to be signed."""

    document: bytes
    """Empty: only whose certificates these are is wanted."""
    signatory: SigningKey
    body: SigningKey
    location: str
    """Where it is issued."""
    address: str
    """Where it is verified: stands in the signatures, so that a file that was changed is still known."""
    timestamp_url: str = ""
    """Of an authority of time stamps (RFC 3161); empty: none."""
    only_stamped: bool = False
    """Only whether the authority gives a stamp is wanted: neither the document nor the keys are looked at."""


class Certified(msgspec.Struct, frozen=True):
    """Whose certificate signs, as its subject states it."""

    name: str
    """The common name."""
    issuer: str
    """Who vouches for it; of a self-made one the same name."""
    valid_from: datetime
    """From when it may sign."""
    valid_until: datetime
    """Until when."""
    chain: tuple[Certified, ...] = ()
    """Who vouches for it, as far as the file of PKCS#12 has their certificates: its issuer first."""


class Certificates(msgspec.Struct, frozen=True, tag=True):
    """Whose certificates sign."""

    signatory: Certified
    body: Certified


class SignedNotice(msgspec.Struct, frozen=True, tag=True):
    """A document with both signatures."""

    content: bytes


class NotSigned(msgspec.Struct, frozen=True, tag=True):
    """Why a document could not be signed."""

    reason: str
    reason_vi: str


def serve(_: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Orders come as their size and their MessagePack, in chunks; for each goes a `SignedNotice` or `NotSigned`."""
    for body in orders(chunks):
        yield msgspec.msgpack.encode(response_to(msgspec.msgpack.decode(body, type=SigningOrder)))


def response_to(order: SigningOrder) -> Certificates | SignedNotice | NotSigned:
    """Whose certificates sign, the signed document, or why it is not signed."""
    try:
        if order.only_stamped:
            asyncio.run(_stamper(order).async_timestamp(hashlib.sha256(b"").digest(), _DIGEST))
            return SignedNotice(b"")
        if not order.document:
            return Certificates(_holder(signer_of(order.signatory, "signatory")), _holder(signer_of(order.body, "body")))
        return SignedNotice(signed(order.document, order))
    except Unavailable as error:
        return NotSigned(error.text.en, error.text.vi)
    except TimestampRequestError as error:
        return NotSigned(
            f"The authority of time stamps {order.timestamp_url} gives none: {str(error)[:200]}. Nothing was issued: try again;"
            " if it stays so, the operator checks TIMESTAMP_URL.",
            f"Tổ chức cấp dấu thời gian {order.timestamp_url} không cấp được. Chưa ban hành: thử lại; nếu vẫn lỗi,"
            " người vận hành kiểm tra TIMESTAMP_URL.",
        )
    except SigningError as error:
        return NotSigned(
            f"The document could not be signed: {str(error)[:300]}", f"Không ký được tài liệu: {type(error).__name__}."
        )


class _TimeStamper(HTTPTimeStamper):
    """Asks its authority once more where it fails: what was rendered and signed so far is not lost by one lost packet."""

    async def async_timestamp(self, message_digest: Any, md_algorithm: Any) -> Any:
        """Raises `TimestampRequestError` where both fail, also of what is no reply of an authority."""
        for attempt in range(_ATTEMPTS):
            try:
                return await super().async_timestamp(message_digest, md_algorithm)
            except (TimestampRequestError, ValueError, TypeError, KeyError, OSError) as error:
                if attempt == _ATTEMPTS - 1:
                    raise TimestampRequestError(str(error) or type(error).__name__) from error
        raise AssertionError


_ATTEMPTS, _PATIENCE = 2, 5
"""How often the authority is asked for a stamp, and how many seconds it may take: both signatures' end before the process is
held to hang."""


def signed(document: bytes, order: SigningOrder) -> bytes:
    """The document with both signatures, each as an incremental update: what was signed before stays as it is.

    Raises `Unavailable` where a key cannot be opened or a signature is too large, and what pyHanko raises where the authority
    of time stamps gives none.
    """
    keys = {"signatory": signer_of(order.signatory, "signatory"), "body": signer_of(order.body, "body")}
    stamper = _stamper(order) if order.timestamp_url else None
    current = document
    for name in FIELDS:
        writer = IncrementalPdfFileWriter(io.BytesIO(current))
        _keep_metadata(writer)
        if current is document:  # with the fields of both in one update: each more is read by whoever reads the file
            _add_fields(writer)
        metadata = signers.PdfSignatureMetadata(
            field_name=name,
            md_algorithm=_DIGEST,
            location=order.location,
            contact_info=order.address,
            subfilter=SigSeedSubFilter.PADES,
            name=_holder(keys[name]).name,
        )
        signer = signers.PdfSigner(metadata, keys[name], timestamper=stamper)
        try:
            reserved = 2 * _reserved(keys[name], stamped=stamper is not None)  # in hexadecimal digits
            current = signer.sign_pdf(writer, bytes_reserved=reserved).getvalue()
        except SigningError as error:
            if _TOO_LARGE not in str(error):
                raise
            raise _too_large(name) from error
    return current


def _stamper(order: SigningOrder) -> _TimeStamper:
    return _TimeStamper(order.timestamp_url, timeout=_PATIENCE)


def _reserved(signer: signers.SimpleSigner, *, stamped: bool) -> int:
    chain = {one.dump() for one in (signer.signing_cert, *signer.cert_registry) if one is not None}
    return min(_RESERVED, sum(map(len, chain)) + _SIGNATURE + _TIME_STAMP * stamped)


def _too_large(name: str) -> Unavailable:
    return Unavailable(
        Bilingual(
            f"The signature of the {name} takes more than the {_RESERVED:,} bytes that are reserved for it: its file of PKCS#12"
            " holds too many certificates. The operator must leave those of its own chain in it and no others.",
            f"Chữ ký ({name}) vượt {_RESERVED:,} byte dành sẵn trong PDF: tệp PKCS#12 chứa quá nhiều chứng thư."
            " Người vận hành chỉ giữ lại chuỗi chứng thư của chính nó.",
        )
    )


class _Signer(signers.SimpleSigner):
    """Opens an RSA key once: that proves its primes each time, and takes longer than all the rest of a signature."""

    @cached_property
    def _opened(self) -> Any:
        return serialization.load_der_private_key(self.signing_key.dump(), password=None)

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """As the library makes it."""
        mechanism = self.get_signature_mechanism_for_digest(digest_algorithm)["algorithm"].native
        if mechanism == f"{_DIGEST}_rsa" and isinstance(self._opened, RSAPrivateKey):
            return self._opened.sign(data, PKCS1v15(), hashes.SHA256())
        return super().sign_raw(data, digest_algorithm)


@cache
def signer_of(key: SigningKey, field: str) -> signers.SimpleSigner:
    """Opened once in a process: that takes longer than signing. `field`: of which signature, one of `FIELDS`.

    Raises `Unavailable` where file or password is wrong, where key or certificate is missing, where the two do not belong
    together, and where the certificate is not one to sign with.
    """
    try:
        signer = signers.SimpleSigner.load_pkcs12_data(key.content, [], key.password.encode())
    except ValueError:
        signer = None
    except AttributeError:  # how pyHanko tells that it finds neither a key nor a certificate of that key
        raise _unusable(field, *_INCOMPLETE) from None
    if signer is None:
        raise _unusable(field, *_UNREADABLE)
    assert isinstance(signer, signers.SimpleSigner)
    certificate = signer.signing_cert
    assert certificate is not None
    opened = _Signer(certificate, signer.signing_key, signer.cert_registry)
    if opened._opened.public_key() != serialization.load_der_public_key(certificate.public_key.dump()):
        raise _unusable(field, *_INCOMPLETE)
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        raise _unusable(field, *_NOT_TO_SIGN)
    return opened


_UNREADABLE = (
    "cannot be opened: its file is no PKCS#12, or its password is another",
    "không mở được: tệp không phải PKCS#12 hoặc sai mật khẩu",
)
_INCOMPLETE = (
    "cannot sign: its file does not hold a private key and the certificate of that key",
    "không ký được: tệp không có đủ khóa bí mật và chứng thư của khóa đó",
)
_NOT_TO_SIGN = (
    "cannot sign: its key usage allows no signature, so no reader would accept one",
    "không ký được: mục đích sử dụng khóa không cho phép ký, chữ ký sẽ không được chấp nhận",
)


def _unusable(field: str, why: str, why_vi: str) -> Unavailable:
    setting = f"{field.upper()}_CERTIFICATE"
    return Unavailable(
        Bilingual(
            f"The certificate of {setting} {why}. Nothing was issued: the operator mends it and its password.",
            f"Chứng thư số ở {setting} {why_vi}. Chưa ban hành: người vận hành cần sửa tệp và mật khẩu.",
        )
    )


def _holder(signer: signers.SimpleSigner) -> Certified:
    certificate = signer.signing_cert
    assert certificate is not None
    return _certified(certificate, tuple(_certified(one) for one in _chain(certificate, signer)))


def _certified(certificate: x509.Certificate, chain: tuple[Certified, ...] = ()) -> Certified:
    validity = certificate["tbs_certificate"]["validity"]
    return Certified(
        _subject_name(certificate.subject),
        _subject_name(certificate.issuer),
        validity["not_before"].native,
        validity["not_after"].native,
        chain,
    )


def _chain(certificate: x509.Certificate, signer: signers.SimpleSigner) -> Iterator[x509.Certificate]:
    """Of an authority with several certificates the one that is valid longest: a reader takes any that leads to its root."""
    seen = {certificate.subject.hashable}
    while (issuer := certificate.issuer.hashable) not in seen:
        found = [one for one in signer.cert_registry if one.subject.hashable == issuer]
        if not found:
            return
        certificate = max(found, key=lambda one: one.not_valid_after)
        seen.add(issuer)
        yield certificate


def _subject_name(name: Any) -> str:
    return str(name.native.get("common_name") or name.human_friendly)


def _add_fields(writer: IncrementalPdfFileWriter) -> None:
    """Two signature fields, without size and tagged."""
    for name in FIELDS:
        append_signature_field(writer, SigFieldSpec(name, on_page=-1, box=(0, 0, 0, 0)))
    fields = writer.root["/AcroForm"]["/Fields"]
    references = [fields.raw_get(index) for index in range(len(fields))]
    tree = writer.root["/StructTreeRoot"]
    top = tree["/K"]
    parent = top.raw_get(0) if isinstance(top, generic.ArrayObject) else tree.raw_get("/K")
    parents = tree["/ParentTree"]
    following = int(tree.get("/ParentTreeNextKey", 0)) or _next_key(parents)
    elements = []
    for offset, (name, reference) in enumerate(zip(FIELDS, references, strict=True)):
        widget = reference.get_object()
        widget["/TU"] = generic.TextStringObject(_DESCRIPTIONS[name])
        widget["/StructParent"] = generic.NumberObject(following + offset)
        page = widget.raw_get("/P")
        of_object = generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/OBJR"),
                generic.pdf_name("/Obj"): reference,
                generic.pdf_name("/Pg"): page,
            }
        )
        element = writer.add_object(
            generic.DictionaryObject(
                {
                    generic.pdf_name("/Type"): generic.pdf_name("/StructElem"),
                    generic.pdf_name("/S"): generic.pdf_name("/Form"),
                    generic.pdf_name("/P"): parent,
                    generic.pdf_name("/Pg"): page,
                    generic.pdf_name("/Alt"): generic.TextStringObject(_DESCRIPTIONS[name]),
                    generic.pdf_name("/K"): of_object,
                }
            )
        )
        elements.append(element)
        writer.update_container(widget)
    _append_children(writer, parent.get_object(), elements)
    _append_parents(writer, tree, parents, following, elements)


def _append_children(
    writer: IncrementalPdfFileWriter, parent: generic.DictionaryObject, elements: list[generic.IndirectObject]
) -> None:
    children = parent["/K"]
    if isinstance(children, generic.ArrayObject):
        children.extend(elements)
        writer.update_container(children)
    else:
        parent["/K"] = generic.ArrayObject([parent.raw_get("/K"), *elements])
    writer.update_container(parent)


def _append_parents(
    writer: IncrementalPdfFileWriter,
    tree: generic.DictionaryObject,
    parents: generic.DictionaryObject,
    following: int,
    elements: list[generic.IndirectObject],
) -> None:
    numbered = [part for offset, one in enumerate(elements) for part in (generic.NumberObject(following + offset), one)]
    if "/Nums" in parents:
        parents["/Nums"].extend(numbered)
        writer.update_container(parents["/Nums"])
    else:
        limits = generic.ArrayObject([generic.NumberObject(following), generic.NumberObject(following + len(elements) - 1)])
        leaf = {generic.pdf_name("/Nums"): generic.ArrayObject(numbered), generic.pdf_name("/Limits"): limits}
        parents["/Kids"].append(writer.add_object(generic.DictionaryObject(leaf)))
        writer.update_container(parents["/Kids"])
    tree["/ParentTreeNextKey"] = generic.NumberObject(following + len(elements))
    writer.update_container(parents)
    writer.update_container(tree)


def _next_key(parents: generic.DictionaryObject) -> int:
    if "/Kids" in parents:
        return max(_next_key(kid) for kid in parents["/Kids"])
    numbers = parents["/Nums"]
    return max((int(numbers[index]) for index in range(0, len(numbers), 2)), default=-1) + 1


def _keep_metadata(writer: IncrementalPdfFileWriter) -> None:
    """The document is dated when it is issued; a signature has its own time and changes nothing else."""
    writer._update_meta = lambda: None  # type: ignore[method-assign]
