"""Certificates for trials, made here: they prove nothing, and state so in their names."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

TRIAL = "(thử nghiệm)"
"""After the name of whoever a certificate is for: on trial."""
_NO_FORCE = "Không có giá trị pháp lý"
_MAX_BYTES = 64
"""Of a common name (X.520)."""
_VALIDITY = timedelta(days=3_650)


def trial_certificate(name: str, password: str, now: datetime) -> bytes:
    """A self-signed certificate with its key, as PKCS#12; its common name ends with `TRIAL`."""
    key = rsa.generate_private_key(65_537, 2_048)
    room = _MAX_BYTES - 1 - len(TRIAL.encode())
    common_name = f"{name.encode()[:room].decode(errors='ignore')} {TRIAL}"
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common_name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, _NO_FORCE)]
    )
    usage = {"digital_signature": True, "content_commitment": True} | dict.fromkeys(_UNUSED, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _VALIDITY)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    protection = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"trial", key, certificate, None, protection)


_UNUSED = (
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
