"""What is derived from SECRET_KEY: link tokens, six-digit codes, keyed hashes of addresses.

Nothing here is stored in the clear: a code or a token is rebuilt from its row when a text is rendered.
"""

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from core.errors import SettingsError

CODE_DIGITS = 6
SHORTEST_SECRET = 32  # characters


class Keys:
    """Derives everything from one secret; each use has its own label, so that no value serves for another."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def _mac(self, label: str, *parts: object) -> bytes:
        return hmac.digest(self._secret, "\x1f".join((label, *map(str, parts))).encode(), "sha256")

    def address_hash(self, channel: str, address: str) -> str:
        """64 hex digits; the same for addresses that differ only in case."""
        return self._mac("address", channel, address.strip().casefold()).hex()

    def code(self, verification_id: int) -> str:
        """The six digits of a verification row."""
        return str(int.from_bytes(self._mac("code", verification_id)) % 10**CODE_DIGITS).zfill(CODE_DIGITS)

    def is_code(self, verification_id: int, typed: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.code(verification_id).encode(), typed.encode())

    def link_token(self, purpose: str, link_id: int, generation: int) -> str:
        """43 characters of base64url: fits a deep link's 64."""
        return urlsafe_b64encode(self._mac("link", purpose, link_id, generation)).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What is stored of a link token."""
    return sha256(token.encode()).hexdigest()


def secret_in(path: Path) -> str:
    """The secret kept in a file, made at the first start and readable by its owner only. Raises `SettingsError` where
    the file holds none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    found = path.read_text().strip()
    if len(found) < SHORTEST_SECRET:
        raise SettingsError(f"SECRET_KEY: {path} holds no key; delete it, and a new one is made at the next start")
    return found
