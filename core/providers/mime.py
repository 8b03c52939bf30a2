"""A mail as RFC 5322 has it, for providers that take it whole, and the forms of addresses that all of them take."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime, parseaddr
from hashlib import sha256

import idna

from core.errors import Misconfigured, Refused
from core.model import Message

KEY = "postrider_key"  # what providers call our idempotency key when they hand it back with a report
POLICY = MAIL_POLICY.clone(cte_type="7bit")  # not every relay speaks 8BITMIME
UTF8 = POLICY.clone(utf8=True)  # for addresses beyond ASCII, which can't be encoded in a header
ADDRESS = re.compile(r'[^\s<>()\[\],;:"@\\]+@[^\s<>()\[\],;:"@\\]+')


def built(message: Message, sender: str, key: str, now: datetime) -> EmailMessage:
    """The mail with both its texts. Its Message-ID is made from our key, so that a mail sent twice has the same one and
    mail programs show it once. Raises `Refused` for a recipient that is none, `Misconfigured` for headers of ours."""
    mail = EmailMessage(policy=POLICY)
    try:
        author = author_of(message, sender)
        mail["Subject"] = one_line(message.subject)
        mail["From"] = author
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:40]}@{author.domain}>"
        for header, value in headers_of(message).items():
            mail[header] = value
    except (MessageError, LookupError, ValueError) as error:
        raise Misconfigured("bad_header", type(error).__name__) from error
    mail["To"] = address(message.to)
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return mail


def as_bytes(mail: EmailMessage) -> bytes:
    """The mail as it goes over the line, in ASCII unless its recipient is not."""
    return mail.as_bytes(policy=POLICY if mail["To"].addresses[0].addr_spec.isascii() else UTF8)


def author_of(message: Message, sender: str) -> Address:
    """Who a message is from: its own sender, else ours; raises `MessageError`, `LookupError` or `ValueError` where that
    is no address."""
    name, mailbox = parseaddr(message.sender or sender)
    return Address(name, addr_spec=mailbox)


def author_text(message: Message, sender: str) -> str:
    """The same as one text, `Postrider <desk@example.org>`; raises `Misconfigured`."""
    try:
        return str(author_of(message, sender))
    except (MessageError, LookupError, ValueError) as error:
        raise Misconfigured("bad_header", type(error).__name__) from error


def headers_of(message: Message) -> Mapping[str, str]:
    """Its further headers, one line each: a line break would begin another header."""
    return {name: one_line(value) for name, value in message.headers.items()}


def one_line(text: str) -> str:
    """A header's value without line breaks."""
    return " ".join(text.split())


def address(text: str) -> Address:
    """An address whose domain is in ASCII; raises `Refused` for what is none."""
    if not ADDRESS.fullmatch(text):
        raise Refused("invalid_address", "not an address")
    local, _, domain = text.rpartition("@")
    try:
        # Python's own codec has the rules of 2003: mail to straße.de would go to strasse.de, which is somebody else's.
        encoded = domain.encode("idna") if domain.isascii() else idna.encode(domain, uts46=True)
        return Address(username=local, domain=encoded.decode())
    except UnicodeError as error:
        raise Refused("invalid_address", "the domain is not one") from error


def is_ascii_mailbox(to: str) -> bool:
    """Whether what stands before the @ is ASCII: many providers take no other (RFC 6531), though any domain."""
    return to.rpartition("@")[0].isascii()
