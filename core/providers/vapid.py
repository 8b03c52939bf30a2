"""How a web server says to push services who it is (RFC 8292, "VAPID")."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

GOOD_FOR = timedelta(hours=12)  # RFC 8292 allows 24
SCALAR = 32  # bytes of a P-256 private key


def encoded(raw: bytes) -> str:
    """base64url without padding, as everything in Web Push is written."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes again; raises `ValueError`."""
    if not text.isascii():
        raise ValueError("not base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as the 65 bytes of an uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class VapidKey:
    """The server's own key. Browsers bind their subscriptions to its public half: with another key they are void."""

    def __init__(self, text: str) -> None:
        """From 32 bytes in base64url, as the usual generators print it; raises `ValueError`."""
        raw = decoded(text)
        if len(raw) != SCALAR:
            raise ValueError("is not a P-256 key in base64url")
        self._key = ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1())
        self.public = encoded(point_of(self._key))

    def authorization(self, origin: str, subject: str, now: datetime) -> str:
        """The header's value for a push service (its origin: `https://push.example.net`). `subject` is a mailto: or
        https: address at which whoever runs the service finds us."""
        claims = {"aud": origin, "exp": int((now + GOOD_FOR).timestamp()), "sub": subject}
        return f"vapid t={jwt.encode(claims, self._key, algorithm='ES256')}, k={self.public}"


def new_key() -> str:
    """A fresh private key, as WEBPUSH_VAPID_PRIVATE_KEY takes it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encoded(number.to_bytes(SCALAR))
