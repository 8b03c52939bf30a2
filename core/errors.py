"""What can go wrong: errors a user may read, and the kinds of failure a provider call can have.

The kind of a `SendError` decides what follows (`core.delivery.states.after_failure`); an adapter names it, never
guesses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class AppError(Exception):
    """A refusal that the user may read.

    `message` is the English sentence, marked with `core.i18n.N_` and translated when it is shown; `values` fills its
    `{placeholders}`. It says what was wrong and gives an example of good input.
    """

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.values)


class NotFound(AppError):
    """There is no such thing, or it is somebody else's: the answer is the same."""


class SettingsError(Exception):
    """A setting is missing or wrong: one line that names the variable, what was wrong and an example."""


class BadSignature(Exception):
    """A webhook's signature does not match its raw bytes."""


class DatabaseAway(Exception):
    """The database can't be reached or written just now. The same may go well in a while."""


class RenderError(Exception):
    """A template could not be rendered; nothing half-rendered is ever sent."""


class SendError(Exception):
    """A provider call that did not succeed. `code` is normalised (`rate_limited`, `invalid_address` ...);
    `detail` is the provider's own words, without addresses or secrets, at most 500 characters."""

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail[:500]
        self.retry_after = retry_after  # seconds the provider asked us to wait


class Refused(SendError):
    """This address can't be reached. `hard` suppresses the address."""

    def __init__(self, code: str, detail: str = "", *, hard: bool = False) -> None:
        super().__init__(code, detail)
        self.hard = hard


class Unavailable(SendError):
    """Provably not sent: could not connect, 429, 5xx. `maybe_sent` marks 500, 502 and 504, which are counted as
    possible duplicates when another provider takes over."""

    def __init__(
        self, code: str, detail: str = "", *, retry_after: float | None = None, maybe_sent: bool = False
    ) -> None:
        super().__init__(code, detail, retry_after=retry_after)
        self.maybe_sent = maybe_sent


class Uncertain(SendError):
    """Perhaps sent: the answer never came. Never handed to another provider."""


class Misconfigured(SendError):
    """Our fault: a bad key, an unexpected 4xx. Never blames the recipient."""
