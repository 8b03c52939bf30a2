"""Failures on request: a test says which call is to fail, how and how often."""

from dataclasses import asdict, dataclass
from typing import Any

MODES = ("status", "hang", "drop")
DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    """One failure to come.

    `method` "*" is any; `chat_id` narrows it to a chat; `skip` lets so many calls pass first; `times` 0 is forever.
    mode `status` refuses with `status` (and `retry_after` seconds for 429) without storing anything.
    mode `hang` does the call and answers `seconds` later, or never when `seconds` is null.
    mode `drop` closes the connection, after doing the call when `stored`.
    """

    method: str
    mode: str = "status"
    status: int = 500
    description: str = ""
    retry_after: int = 0
    seconds: float | None = None
    stored: bool = False
    times: int = 1
    skip: int = 0
    chat_id: int | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        if not 400 <= self.status <= 599:
            raise ValueError("status is between 400 and 599")

    def words(self) -> str:
        """The description Telegram would send."""
        if self.status == 429:
            return self.description or f"Too Many Requests: retry after {self.retry_after}"
        return self.description or DESCRIPTIONS.get(self.status, "Internal Server Error")


class Faults:
    """The failures to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Adds a failure behind those already waiting."""
        self._pending.append(fault)

    def clear(self) -> None:
        """Forgets all of them."""
        self._pending.clear()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The failure this call meets, used up by one."""
        for fault in self._pending:
            if fault.method.lower() not in ("*", method.lower()) or fault.chat_id not in (None, chat_id):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times == 1:
                self._pending.remove(fault)
            elif fault.times:
                fault.times -= 1
            return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        """What still waits."""
        return [asdict(fault) for fault in self._pending]
