"""Which failure an address asks for: its local part at sandbox.test, or a magic phone number."""

import re
from dataclasses import dataclass

DOMAIN = "sandbox.test"
MAGIC_NUMBERS = {
    "+15005550001": "refuse",
    "+15005550002": "fail-503",
    "+15005550003": "timeout",
    "+15005550004": "fail-429",
    "+15005550005": "bounce",
}
_TEMPORARY = {429, 500, 501, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` is accept, refuse, fail (with an HTTP `status`), bounce or timeout."""

    kind: str = "accept"
    status: int = 0


def outcome(address: str) -> Outcome:
    """What happens to a message for this e-mail address or phone number."""
    address = address.strip().lower()
    local, _, domain = address.rpartition("@")
    word = local if domain == DOMAIN else MAGIC_NUMBERS.get(re.sub(r"[\s()-]", "", address), "")
    if word in {"refuse", "bounce", "timeout"}:
        return Outcome(word)
    if match := re.fullmatch(r"fail-([45]\d\d)", word):
        return Outcome("fail", int(match[1]))
    return Outcome()


def smtp_reply(found: Outcome) -> str | None:
    """The answer to RCPT TO where the outcome is a failure; HTTP's temporary ones become 451."""
    if found.kind == "refuse":
        return "550 5.1.1 The email account that you tried to reach does not exist"
    if found.kind != "fail":
        return None
    if found.status in _TEMPORARY:
        return "451 4.3.0 Temporary failure, please try again later"
    return f"{found.status} {found.status // 100}.0.0 Failing as the address asks"
