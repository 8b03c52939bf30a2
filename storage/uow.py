"""The unit of work over one SQLAlchemy connection. A repository is one file and one line here."""

from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.addresses import AddressesTable
from storage.audience import AudienceTables
from storage.audit import AuditLog
from storage.batch_cards import BatchCardsTable
from storage.batches import BatchesTable
from storage.costs import CostsTable
from storage.dead_letters import DeadLettersTable
from storage.deliveries import DeliveriesTable
from storage.delivery_log import DeliveryLog
from storage.dialogues import DialoguesTable
from storage.events import EventsTable
from storage.figures import FiguresTables
from storage.inbound import InboundTable
from storage.links import LinksTable
from storage.operations import OperationsTable
from storage.posts import PostsTable
from storage.privacy import PersonalDataTables
from storage.providers import ProvidersTable
from storage.retention import RetentionTables
from storage.rules import RulesTable
from storage.samples import SamplesTable
from storage.shelf import ShelfTable
from storage.suppressions import SuppressionsTable
from storage.templates import TemplatesTable
from storage.updates import UpdatesTable
from storage.users import UsersTable
from storage.verification import CodesTable
from storage.views import Views


class SqlUnitOfWork:
    """All repositories of one transaction. `has_outbox` says that deliveries were queued in it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.has_outbox = False

    @cached_property
    def posts(self) -> PostsTable:
        return PostsTable(self.connection)

    @cached_property
    def shelf(self) -> ShelfTable:
        return ShelfTable(self.connection)

    @cached_property
    def samples(self) -> SamplesTable:
        return SamplesTable(self.connection)

    @cached_property
    def users(self) -> UsersTable:
        return UsersTable(self.connection)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.connection)

    @cached_property
    def codes(self) -> CodesTable:
        return CodesTable(self.connection)

    @cached_property
    def links(self) -> LinksTable:
        return LinksTable(self.connection)

    @cached_property
    def addresses(self) -> AddressesTable:
        return AddressesTable(self.connection)

    @cached_property
    def rules(self) -> RulesTable:
        return RulesTable(self.connection)

    @cached_property
    def personal_data(self) -> PersonalDataTables:
        return PersonalDataTables(self.connection)

    @cached_property
    def batches(self) -> BatchesTable:
        return BatchesTable(self.connection)

    @cached_property
    def batch_cards(self) -> BatchCardsTable:
        return BatchCardsTable(self.connection)

    @cached_property
    def audience(self) -> AudienceTables:
        return AudienceTables(self.connection)

    @cached_property
    def retention(self) -> RetentionTables:
        return RetentionTables(self.connection)

    @cached_property
    def deliveries(self) -> DeliveriesTable:
        return DeliveriesTable(self.connection)

    @cached_property
    def suppressions(self) -> SuppressionsTable:
        return SuppressionsTable(self.connection)

    @cached_property
    def dialogues(self) -> DialoguesTable:
        return DialoguesTable(self.connection)

    @cached_property
    def delivery_log(self) -> DeliveryLog:
        return DeliveryLog(self.connection)

    @cached_property
    def events(self) -> EventsTable:
        return EventsTable(self.connection)

    @cached_property
    def inbound(self) -> InboundTable:
        return InboundTable(self.connection)

    @cached_property
    def updates(self) -> UpdatesTable:
        return UpdatesTable(self.connection)

    @cached_property
    def operations(self) -> OperationsTable:
        return OperationsTable(self.connection)

    @cached_property
    def views(self) -> Views:
        return Views(self.connection)

    @cached_property
    def figures(self) -> FiguresTables:
        return FiguresTables(self.connection)

    @cached_property
    def dead_letters(self) -> DeadLettersTable:
        return DeadLettersTable(self.connection)

    @cached_property
    def costs(self) -> CostsTable:
        return CostsTable(self.connection)

    @cached_property
    def templates(self) -> TemplatesTable:
        return TemplatesTable(self.connection)

    @cached_property
    def providers(self) -> ProvidersTable:
        return ProvidersTable(self.connection)
