"""A pretend Telegram, mailbox and phones: Postrider runs against it without any account.

Imports nothing of the product: the two talk over HTTP and SMTP only, as they would with the real services.
"""

from demo.people import ADMIN_ID, AUTHOR_ID
from demo.service import DEMO_TOKEN, Demo

__all__ = ["ADMIN_ID", "AUTHOR_ID", "DEMO_TOKEN", "Demo"]
