"""The settings of providers: one block each, its prefix the provider's name. Credentials live here and nowhere else.

A `base_url` points an adapter at another server; where it has no default, the adapter makes it from the region.
"""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr


def http_url(value: str) -> str:
    """An address that HTTP can be spoken with, without a slash at its end; raises `ValueError`."""
    if not value.startswith(("http://", "https://")) or any(c.isspace() for c in value):
        raise ValueError("must begin with http:// or https://")
    return with_host(value).rstrip("/")


def with_host(value: str) -> str:
    """An address with a host in it, and no port but a number; raises `ValueError`, which does not repeat what may hold
    a password."""
    try:
        parts = urlsplit(value)
        is_good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError("names no host, or a port that is none")
    return value


Url = Annotated[str, AfterValidator(http_url)]


class MailgunSettings(BaseModel):
    """`MAILGUN_*`. The signing key of webhooks is not the API key."""

    api_key: SecretStr | None = None
    domain: str | None = None
    webhook_signing_key: SecretStr | None = None
    base_url: Url = "https://api.mailgun.net"


class SendgridSettings(BaseModel):
    """`SENDGRID_*`"""

    api_key: SecretStr | None = None
    base_url: Url = "https://api.sendgrid.com"
    webhook_public_key: str | None = None


class PostmarkSettings(BaseModel):
    """`POSTMARK_*`. Its webhooks are unsigned: they prove themselves by a name and a password."""

    server_token: SecretStr | None = None
    webhook_user: str | None = None
    webhook_password: SecretStr | None = None
    base_url: Url = "https://api.postmarkapp.com"


class AmazonSettings(BaseModel):
    """`AMAZONSES_*` and `AMAZONSNS_*`. Without a base_url, the region's own."""

    access_key_id: str | None = None
    secret_access_key: SecretStr | None = None
    region: str | None = None
    base_url: Url | None = None


class AmazonSesSettings(AmazonSettings):
    """`AMAZONSES_*` alone: anybody can have a topic that Amazon signs for, so one can be named."""

    topic_arn: str | None = None


class GoogleWorkspaceSettings(BaseModel):
    """`GOOGLEWORKSPACE_*`"""

    client_id: str | None = None
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    token_url: Url = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    base_url: Url = "https://gmail.googleapis.com"


class TwilioSettings(BaseModel):
    """`TWILIO_*`, for SMS and WhatsApp."""

    account_sid: str | None = None
    auth_token: SecretStr | None = None
    from_: str | None = Field(default=None, alias="from")
    whatsapp_from: str | None = None
    base_url: Url = "https://api.twilio.com"
    content_base_url: Url = "https://content.twilio.com"


class MessagebirdSettings(BaseModel):
    """`MESSAGEBIRD_*`"""

    access_key: SecretStr | None = None
    signing_key: SecretStr | None = None
    originator: str | None = None
    base_url: Url = "https://rest.messagebird.com"


class PlivoSettings(BaseModel):
    """`PLIVO_*`"""

    auth_id: str | None = None
    auth_token: SecretStr | None = None
    from_: str | None = Field(default=None, alias="from")
    base_url: Url = "https://api.plivo.com"


class VonageSettings(BaseModel):
    """`VONAGE_*`"""

    api_key: str | None = None
    api_secret: SecretStr | None = None
    signature_secret: SecretStr | None = None
    from_: str | None = Field(default=None, alias="from")
    base_url: Url = "https://rest.nexmo.com"


class FcmSettings(BaseModel):
    """`FCM_*`. The credentials file is a service account's, as Google's console gives it."""

    project_id: str | None = None
    credentials_file: str | None = None
    token_url: Url = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    base_url: Url = "https://fcm.googleapis.com"


class WebpushSettings(BaseModel):
    """`WEBPUSH_*`. The subject is a mailto: or https: address of whoever runs this. A base_url stands in for the
    origin of every browser's push service."""

    vapid_private_key: SecretStr | None = None
    subject: str | None = None
    base_url: Url | None = None


class WebhookSettings(BaseModel):
    """`WEBHOOK_*`: outgoing webhooks as Standard Webhooks has them."""

    secret: SecretStr | None = None
    allow_private: bool = False


class SandboxSettings(BaseModel):
    """`SANDBOX_*`: the gateway of the pretend mailbox and phones."""

    base_url: Url = "http://127.0.0.1:8081"
    api_key: SecretStr = SecretStr("sandbox")
