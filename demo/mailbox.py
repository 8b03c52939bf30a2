"""The mailbox: every e-mail that arrived, parsed as far as it can be, by recipient address."""

import email
import email.policy
import re
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

MAILS_KEPT = 1_000
BYTES_KEPT = 150_000_000
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_LIGHT = re.compile(r"\(\s*prefers-color-scheme\s*:\s*light\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment or an inline picture."""

    name: str
    mime_type: str
    content_id: str
    content: bytes


@dataclass(slots=True)
class Mail:
    """One received e-mail. `status` is delivered or bounced; `at` is Unix time; `via` is smtp or sandbox."""

    id: int
    at: float
    sender: str
    recipients: list[str]
    raw: bytes
    via: str
    status: str = "delivered"
    subject: str = ""
    from_header: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    html: str = ""
    parts: list[Part] = field(default_factory=list)

    def header(self, name: str) -> str:
        """The first header of this name, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def summary(self) -> dict[str, Any]:
        """What a list of mails shows."""
        return {
            "id": self.id,
            "at": self.at,
            "from": self.from_header or self.sender,
            "to": self.recipients,
            "subject": self.subject,
            "preview": " ".join(self.text.split())[:160],
            "status": self.status,
            "via": self.via,
            "has_html": bool(self.html),
        }

    def details(self) -> dict[str, Any]:
        """All of it but the bytes of the parts."""
        parts = [{"name": part.name, "type": part.mime_type, "size": len(part.content)} for part in self.parts]
        return {
            **self.summary(),
            "headers": [list(pair) for pair in self.headers],
            "text": self.text,
            "html": self.html,
            "attachments": parts,
            "unsubscribe": unsubscribe_options(self),
        }


class Mailbox:
    """Mails by id, oldest first."""

    def __init__(self) -> None:
        self.mails: OrderedDict[int, Mail] = OrderedDict()
        self.last_id = 0
        self._bytes = 0

    def receive(self, sender: str, recipients: Iterable[str], raw: bytes, via: str = "smtp") -> Mail:
        """Takes a message as it came over the wire."""
        self.last_id += 1
        return self.keep(parsed(Mail(self.last_id, time.time(), sender, list(recipients), raw, via)))

    def keep(self, mail: Mail) -> Mail:
        """Keeps a mail; the oldest go when there are too many."""
        self.mails[mail.id] = mail
        self._bytes += len(mail.raw)
        while len(self.mails) > MAILS_KEPT or (self._bytes > BYTES_KEPT and len(self.mails) > 1):
            _, oldest = self.mails.popitem(last=False)
            self._bytes -= len(oldest.raw)
        return mail

    def to(self, address: str = "") -> list[Mail]:
        """The mails for an address (in any case), or all."""
        wanted = address.lower()
        return [mail for mail in self.mails.values() if not wanted or wanted in (to.lower() for to in mail.recipients)]

    def clear(self) -> None:
        """Empties the mailbox."""
        self.mails.clear()
        self._bytes = 0


def parsed(mail: Mail) -> Mail:
    """Fills in what `raw` says; a message that can't be parsed keeps its source as text."""
    try:
        message = email.message_from_bytes(mail.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        mail.headers = [(name, str(value)) for name, value in message.items()]
        mail.subject, mail.from_header = mail.header("Subject"), mail.header("From")
        _read_body(mail, message)
    except Exception:  # the standard parser fails in many ways on hostile input, and a mailbox must take anything
        mail.text = mail.raw.decode("utf-8", "replace")
    return mail


def _read_body(mail: Mail, message: EmailMessage) -> None:
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        inline = not part.get_filename() and part.get_content_disposition() != "attachment"
        if inline and kind == "text/plain" and not mail.text:
            mail.text = _decoded(content, part.get_content_charset())
        elif inline and kind == "text/html" and not mail.html:
            mail.html = _decoded(content, part.get_content_charset())
        else:
            content_id = str(part.get("Content-ID", "")).strip("<> ")
            mail.parts.append(Part(part.get_filename() or "attachment", kind, content_id, content))


def _decoded(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def unsubscribe_options(mail: Mail) -> dict[str, Any]:
    """What a mail program's unsubscribe button would do (RFC 2369, RFC 8058)."""
    links = re.findall(r"<([^<>]+)>", mail.header("List-Unsubscribe"))
    web = next((link for link in links if re.match(r"https?://", link, re.IGNORECASE)), "")
    mailto = next((link for link in links if link.lower().startswith("mailto:")), "")
    one_click = "one-click" in mail.header("List-Unsubscribe-Post").lower()
    return {"url": web, "mailto": mailto, "one_click": bool(web) and one_click}


def shown_html(mail: Mail, scheme: str) -> str:
    """The HTML as a mail program in a light or dark theme shows it; inline pictures come from the mail itself."""
    always, never = "(min-width: 0px)", "(max-width: 0px)"
    dark = scheme == "dark"
    html = _DARK.sub(always if dark else never, mail.html)
    html = _LIGHT.sub(never if dark else always, html)
    for index, part in enumerate(mail.parts):
        if part.content_id:
            html = html.replace(f"cid:{part.content_id}", f"/demo/mail/{mail.id}/parts/{index}")
    return f"<base target=_blank>{html}"
