"""The calls of one batch: which may start, which are in flight, which have finished."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence

from core.delivery.attempts import Job, Result
from core.delivery.places import Places
from core.model import Channel, Priority

BATCH = 1000  # more than any batch has
AT_ONCE = {Channel.TELEGRAM: 5}  # of a batch: a chat waits for the shared pace, and should not wait as `sending`
FEW, MOMENT = 8, 0.004  # of more calls in flight than these, results are gathered for so many seconds


class Calls:
    """A place is held for each call in flight. What has finished comes into `done`."""

    def __init__(self, places: Places) -> None:
        self.done: asyncio.Queue[Result] = asyncio.Queue()
        self._places = places
        self._held = 0
        self._of_channel: Counter[Channel] = Counter()

    @property
    def flying(self) -> int:
        """How many are in flight."""
        return self._of_channel.total()

    def take(self, job: Job, starting: Counter[Channel]) -> bool:
        """Hold a place for a job beside those that fly or start; False where there is none."""
        if self._of_channel[job.channel] + starting[job.channel] >= AT_ONCE.get(job.channel, BATCH):
            return False
        taken = self._places.take(1, for_batch=job.delivery.priority == Priority.BATCH)
        self._held += taken
        return bool(taken)

    def start(self, admitted: Sequence[Job], going: Sequence[Job]) -> None:
        """Those that go: of the admitted ones, and those that go on with their next provider."""
        self._of_channel.update(job.channel for job in going)
        self._give_back(len(admitted) - len(going))

    async def finished(self) -> list[Result]:
        """What has finished: one at least where something is in flight. Of many, some more are waited for that are
        about to, since each turn is a transaction."""
        if not self.flying:
            return []
        results = [await self.done.get()]
        if self.flying > FEW:
            await asyncio.sleep(MOMENT)
        while not self.done.empty():
            results.append(self.done.get_nowait())
        self._of_channel.subtract(result.job.channel for result in results)
        self._give_back(len(results))
        return results

    def give_up(self) -> None:
        """Whatever became of them: their places are free."""
        self._give_back(self._held)

    def _give_back(self, count: int) -> None:
        self._held -= count
        self._places.give_back(count)


def admit(waiting: deque[Job], calls: Calls) -> list[Job]:
    """Take those from the queue whose channel has room, as far as there are places."""
    admitted: list[Job] = []
    starting: Counter[Channel] = Counter()
    for _ in range(len(waiting)):
        job = waiting.popleft()
        if calls.take(job, starting):
            admitted.append(job)
            starting[job.channel] += 1
        else:
            waiting.append(job)
    return admitted
