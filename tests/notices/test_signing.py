"""How a document is signed: by any kind of key, in no more steps than there are signatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from services.notices.issuing.signing import SigningKey, SigningOrder, signed
from services.notices.verification.offline import verify_offline
from tests.notices.issued import ADDRESS, key

END = b"%%EOF"


def certified(made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> SigningKey:
    """A key of any kind with a certificate that it signed itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "C")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, made.public_key(), 7, now - timedelta(1), now + timedelta(1))
    certificate = builder.sign(made, hashes.SHA256())
    protection = serialization.BestAvailableEncryption(b"secret")
    return SigningKey(pkcs12.serialize_key_and_certificates(b"c", made, certificate, None, protection), "secret")


@pytest.mark.parametrize(
    "made",
    [rsa.generate_private_key(65_537, 2_048), ec.generate_private_key(ec.SECP256R1())],
    ids=["RSA", "ECDSA"],
)
def test_what_any_kind_of_key_signs_holds(made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, rendered: bytes) -> None:
    found = verify_offline(signed(rendered, SigningOrder(b"", certified(made), key("B"), "Thanh Hà", ADDRESS)))
    assert (found.state, [one.holder[0] for one in found.signatures]) == ("unchanged", ["C", "B"])


def test_a_document_is_written_once_for_each_signature_and_a_key_is_opened_once(
    rendered: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    load = serialization.load_der_private_key

    def counted(data: bytes, password: bytes | None) -> object:
        opened.append(data)
        return load(data, password)

    monkeypatch.setattr(serialization, "load_der_private_key", counted)
    order = SigningOrder(b"", certified(rsa.generate_private_key(65_537, 2_048)), key("B"), "Thanh Hà", ADDRESS)
    for _ in range(3):
        content = signed(rendered, order)
        assert content.startswith(rendered)
        assert content[len(rendered) :].count(END) == 2
    assert len(opened) == 2  # proving the primes of one takes longer than all the rest
