"""One repository per area; a unit of work holds them all, so that a change and its deliveries commit together."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from core.ports.batches import Audiences, BatchCards, BatchRows, Retention
from core.ports.chat import DialogueRows, UpdateRows
from core.ports.delivery import Deliveries, DeliveryLog, Events, InboundMessages, OperationCounts, Suppressions
from core.ports.operations import Costs, DeadLetterRows, Figures, Views
from core.ports.people import Addresses, Audit, Codes, Links, PersonalData, Rules, Users
from core.ports.posts import Posts, Samples, Shelf
from core.ports.providers import ProviderRows
from core.ports.templates import Templates


class UnitOfWork(Protocol):
    """The repositories of one transaction."""

    @property
    def dialogues(self) -> DialogueRows: ...

    @property
    def updates(self) -> UpdateRows: ...

    @property
    def operations(self) -> OperationCounts: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def suppressions(self) -> Suppressions: ...

    @property
    def delivery_log(self) -> DeliveryLog: ...

    @property
    def events(self) -> Events: ...

    @property
    def inbound(self) -> InboundMessages: ...

    @property
    def users(self) -> Users: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def codes(self) -> Codes: ...

    @property
    def links(self) -> Links: ...

    @property
    def addresses(self) -> Addresses: ...

    @property
    def rules(self) -> Rules: ...

    @property
    def personal_data(self) -> PersonalData: ...

    @property
    def batches(self) -> BatchRows: ...

    @property
    def batch_cards(self) -> BatchCards: ...

    @property
    def audience(self) -> Audiences: ...

    @property
    def retention(self) -> Retention: ...

    @property
    def templates(self) -> Templates: ...

    @property
    def providers(self) -> ProviderRows: ...

    has_outbox: bool  # deliveries were queued: wake the relay after the commit

    @property
    def posts(self) -> Posts: ...
    @property
    def shelf(self) -> Shelf: ...
    @property
    def samples(self) -> Samples: ...

    @property
    def views(self) -> Views: ...

    @property
    def figures(self) -> Figures: ...

    @property
    def dead_letters(self) -> DeadLetterRows: ...

    @property
    def costs(self) -> Costs: ...


class Database(Protocol):
    """Opens units of work. `begin` commits when its block ends well; `read` never writes."""

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]: ...
