"""What the business needs from the outside: Protocols that storage, scheduler and the adapters fulfil."""

from core.ports.chat import DialogueRows as DialogueRows
from core.ports.chat import UpdateRows as UpdateRows
from core.ports.delivery import Deliveries as Deliveries
from core.ports.delivery import DeliveryLog as DeliveryLog
from core.ports.delivery import Events as Events
from core.ports.delivery import InboundMessages as InboundMessages
from core.ports.delivery import OperationCounts as OperationCounts
from core.ports.delivery import Suppressions as Suppressions
from core.ports.people import Addresses as Addresses
from core.ports.people import Audit as Audit
from core.ports.people import Codes as Codes
from core.ports.people import Links as Links
from core.ports.people import PersonalData as PersonalData
from core.ports.people import Rules as Rules
from core.ports.people import Users as Users
from core.ports.posts import Posts as Posts
from core.ports.posts import Samples as Samples
from core.ports.posts import Shelf as Shelf
from core.ports.providers import Clock as Clock
from core.ports.providers import Provider as Provider
from core.ports.providers import Providers as Providers
from core.ports.providers import Queue as Queue
from core.ports.providers import Reporting as Reporting
from core.ports.work import Database as Database
from core.ports.work import UnitOfWork as UnitOfWork
