"""A file of PKCS#12 that cannot sign is refused in words that tell the operator which one it is, and what it lacks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.sign import signers

from services.notices.issuing import signing
from services.notices.issuing.signing import Certificates, NotSigned, SigningKey, SigningOrder, response_to
from tests.notices.issued import key
from tests.notices.reference import DATED_AT

KEY, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def certificate(*usages: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A")])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 1, DATED_AT, datetime.now(UTC))
    if usages:
        usage = x509.KeyUsage(**{one: one in usages for one in USAGES})
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(KEY, hashes.SHA256())


def file_of(own: ec.EllipticCurvePrivateKey | None, cert: x509.Certificate | None, *others: x509.Certificate) -> bytes:
    protection = serialization.BestAvailableEncryption(b"secret")
    return pkcs12.serialize_key_and_certificates(b"a", own, cert, others or None, protection)


@pytest.fixture(scope="module")
def good() -> SigningKey:
    return key("A")


UNUSABLE = {
    "a key without its certificate": (file_of(KEY, None), "a private key and the certificate of that key"),
    "a key with the certificate of another": (file_of(OTHER, None, certificate()), "a private key and the certificate of that"),
    "a certificate without its key": (file_of(None, certificate()), "a private key and the certificate of that key"),
    "a certificate to encipher": (file_of(KEY, certificate("key_encipherment")), "key usage allows no signature"),
    "a certificate of an authority": (file_of(KEY, certificate("key_cert_sign", "crl_sign")), "key usage allows no signature"),
    "no PKCS#12": (certificate().public_bytes(serialization.Encoding.PEM), "no PKCS#12, or its password is another"),
    "an empty file, as while it is being replaced": (b"", "no PKCS#12, or its password is another"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_what_cannot_sign_is_named_with_its_setting(what: str, good: SigningKey) -> None:
    content, words = UNUSABLE[what]
    bad = SigningKey(content, "secret")
    for setting, signatory, body in (("SIGNATORY_CERTIFICATE", bad, good), ("BODY_CERTIFICATE", good, bad)):
        refused = response_to(SigningOrder(b"", signatory, body, "", ""))
        assert isinstance(refused, NotSigned)
        assert words in refused.reason
        assert (setting in refused.reason, setting in refused.reason_vi) == (True, True)


@pytest.mark.parametrize("usages", [(), ("digital_signature",), ("content_commitment",)])
def test_a_certificate_that_may_sign_does(usages: tuple[str, ...], good: SigningKey) -> None:
    given = SigningKey(file_of(KEY, certificate(*usages)), "secret")
    assert isinstance(response_to(SigningOrder(b"", given, good, "", "")), Certificates)


def test_a_key_that_is_not_the_one_of_its_certificate_signs_nothing(good: SigningKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that pack such a file there are, though none here: what is read of two files is put together."""
    own, other = (signing.signer_of(one, "body") for one in (good, SigningKey(file_of(KEY, certificate()), "secret")))
    mixed = signers.SimpleSigner(own.signing_cert, other.signing_key, own.cert_registry)
    monkeypatch.setattr(signers.SimpleSigner, "load_pkcs12_data", lambda *_: mixed)
    refused = response_to(SigningOrder(b"", SigningKey(b"mixed", ""), good, "", ""))
    assert isinstance(refused, NotSigned)
    assert "a private key and the certificate of that key" in refused.reason
