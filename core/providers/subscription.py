"""A browser's subscription: where its push service listens, and how to write so that only the browser can read it.

Encryption is RFC 8291 over RFC 8188 ("aes128gcm"), one record for each message. The libraries there are either speak
HTTP by themselves or are not kept up; with `cryptography` it is this one function, held to the RFC's own vector.
"""

import json
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.providers.vapid import decoded, encoded, point_of

SECRET, SALT, POINT = 16, 16, 65  # bytes
RECORD = 4096  # bytes that every push service takes
HEADER = SALT + 4 + 1 + POINT
OVERHEAD = HEADER + 1 + 16  # the delimiter and GCM's tag
ROOM = RECORD - OVERHEAD  # bytes of plain text (3,993)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What `PushSubscription.toJSON()` gives in a browser. `key` is the browser's public point, `auth` its secret."""

    endpoint: str
    key: bytes
    auth: bytes

    def text(self) -> str:
        """The one way in which a subscription is stored, so that it is known again."""
        keys = {"p256dh": encoded(self.key), "auth": encoded(self.auth)}
        return json.dumps({"endpoint": self.endpoint, "keys": keys}, separators=(",", ":"))

    def encrypt(
        self, plain: bytes, *, sender: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
    ) -> bytes:
        """The body of a push message. `sender` and `salt` are made anew for each message; only a test fixes them.
        Raises `ValueError` for a key that is no point of the curve."""
        sender, salt = sender or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(SALT)
        receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.key)
        ours = point_of(sender)
        shared = sender.exchange(ec.ECDH(), receiver)
        secret = _derived(shared, self.auth, b"WebPush: info\x00" + self.key + ours, 32)
        key = _derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
        header = salt + RECORD.to_bytes(4) + bytes([POINT]) + ours
        return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def subscription_of(text: str) -> Subscription:
    """A subscription from its JSON; raises `ValueError` where it is none that can be written to."""
    try:
        found = json.loads(text)
        keys = found["keys"]
        one = Subscription(str(found["endpoint"]), decoded(str(keys["p256dh"])), decoded(str(keys["auth"])))
    except (LookupError, TypeError) as error:
        raise ValueError("not a subscription") from error
    if len(one.auth) != SECRET:
        raise ValueError("not a subscription's secret")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), one.key)
    return one
