"""All settings together, and how they are read.

A wrong value stops the start with one line (`SettingsError`): the variable, what was wrong, an example.
"""

import re
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import SettingsError
from core.model import Channel
from core.settings.providers import (
    AmazonSesSettings,
    AmazonSettings,
    FcmSettings,
    GoogleWorkspaceSettings,
    MailgunSettings,
    MessagebirdSettings,
    PlivoSettings,
    PostmarkSettings,
    SandboxSettings,
    SendgridSettings,
    TwilioSettings,
    VonageSettings,
    WebhookSettings,
    WebpushSettings,
    http_url,
    with_host,
)

EXAMPLES = {
    "ACCESS": "open",
    "ACCESS_LIST": "123456789,@somebody",
    "ADMIN_TELEGRAM_IDS": "123456789,987654321",
    "AMAZONSES_ACCESS_KEY_ID": "AKIAXXXXXXXX",
    "AMAZONSES_REGION": "eu-west-1",
    "AMAZONSES_SECRET_ACCESS_KEY": "xxxxx",
    "AMAZONSES_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:postrider",
    "AMAZONSNS_ACCESS_KEY_ID": "AKIAXXXXXXXX",
    "AMAZONSNS_REGION": "eu-west-1",
    "AMAZONSNS_SECRET_ACCESS_KEY": "xxxxx",
    "CURRENCY": "EUR",
    "DATABASE_URL": "sqlite+aiosqlite:///var/postrider.db",
    "DEFAULT_TIMEZONE": "Europe/Paris",
    "EMAIL_PROVIDERS": "mailgun:1,sendgrid:2",
    "EMAIL_SPLIT": "mailgun:70,sendgrid:30",
    "EMAIL_STRATEGY": "best",
    "FCM_CREDENTIALS_FILE": "service-account.json",
    "FCM_PROJECT_ID": "my-project",
    "GOOGLEWORKSPACE_CLIENT_ID": "xxxxx.apps.googleusercontent.com",
    "GOOGLEWORKSPACE_CLIENT_SECRET": "GOCSPX-xxxxx",
    "GOOGLEWORKSPACE_REFRESH_TOKEN": "1//xxxxx",
    "LLM_BASE_URL": "http://127.0.0.1:11434/v1",
    "LOG_FORMAT": "json",
    "MAILGUN_API_KEY": "key-xxxxx",
    "MAILGUN_BASE_URL": "https://api.eu.mailgun.net",
    "MAILGUN_DOMAIN": "mg.example.org",
    "MAILGUN_WEBHOOK_SIGNING_KEY": "xxxxx",
    "MESSAGEBIRD_ACCESS_KEY": "live_xxxxx",
    "MESSAGEBIRD_ORIGINATOR": "Postrider",
    "MESSAGEBIRD_SIGNING_KEY": "xxxxx",
    "PLIVO_AUTH_ID": "MAXXXXX",
    "PLIVO_AUTH_TOKEN": "xxxxx",
    "PLIVO_FROM": "+14155550100",
    "POSTMARK_SERVER_TOKEN": "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    "POSTMARK_WEBHOOK_PASSWORD": "a long random text",
    "POSTMARK_WEBHOOK_USER": "postmark",
    "PROVIDERS_FILE": "providers.toml",
    "PUBLIC_URL": "https://desk.example.org",
    "PUSH_PROVIDERS": "fcm:1,webpush:2",
    "PUSH_SPLIT": "fcm:50,webpush:50",
    "PUSH_STRATEGY": "priority",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "RETRY_BACKOFF": "300,900,3600",
    "SECRET_KEY": "a random text of at least 32 characters",
    "SENDER_EMAIL": "desk@example.org",
    "SENDGRID_API_KEY": "SG.xxxxx",
    "SMS_PROVIDERS": "twilio:1,vonage:2",
    "SMS_SPLIT": "twilio:70,vonage:30",
    "SMS_STRATEGY": "cheapest",
    "SMTP_URL": "smtp+starttls://user:password@mail.example.org:587",
    "SPEND_CAPS": "sms:20,whatsapp:10.50",
    "TELEGRAM_API_BASE": "https://api.telegram.org",
    "TELEGRAM_BOT_TOKEN": "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
    "TELEGRAM_MODE": "polling",
    "TELEGRAM_WEBHOOK_SECRET": "letters-digits_and-dashes",
    "TWILIO_ACCOUNT_SID": "ACxxxxx",
    "TWILIO_AUTH_TOKEN": "xxxxx",
    "TWILIO_FROM": "+14155550100",
    "TWILIO_WHATSAPP_FROM": "+14155550101",
    "VONAGE_API_KEY": "xxxxx",
    "VONAGE_API_SECRET": "xxxxx",
    "VONAGE_FROM": "Postrider",
    "VONAGE_SIGNATURE_SECRET": "xxxxx",
    "WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "WEBPUSH_SUBJECT": "mailto:desk@example.org",
    "WEBPUSH_VAPID_PRIVATE_KEY": "a P-256 key, base64url",
    "WEB_PORT": "8080",
    "WHATSAPP_PROVIDERS": "twilio:1",
    "WHATSAPP_SPLIT": "twilio:100",
    "WHATSAPP_STRATEGY": "priority",
}


TELEGRAM = "https://api.telegram.org"


def _comma_list(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaList = Annotated[list[str], NoDecode]
Strategy = Literal["priority", "cheapest", "best", "split"]
LISTS = (
    *(f"{channel}_{what}" for channel in ("email", "sms", "whatsapp", "push") for what in ("providers", "split")),
    "spend_caps",
)


class TelegramSettings(BaseModel):
    """`TELEGRAM_*`"""

    bot_token: SecretStr | None = None
    api_base: str = TELEGRAM
    mode: Literal["polling", "webhook"] | None = None
    webhook_secret: SecretStr | None = None
    rate_per_second: float = Field(default=25, gt=0)  # Telegram allows a bot about 30 messages a second

    @field_validator("bot_token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        number, _, secret = value.get_secret_value().partition(":")
        if not number.isdigit() or not secret:
            raise ValueError("is not a token as BotFather gives it")
        return value

    @field_validator("api_base")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return http_url(value)

    @field_validator("webhook_secret")
    @classmethod
    def _is_allowed(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value() if value else ""
        if len(secret) > 256 or not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret):
            raise ValueError("may hold 1 to 256 letters, digits, _ and -")
        return value if secret else None


class WebSettings(BaseModel):
    """`WEB_*`"""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    metrics_token: SecretStr | None = None


class DemoSettings(BaseModel):
    """`DEMO_*`: the pretend Telegram that runs where no token is set."""

    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)
    smtp_port: int = Field(default=8025, ge=0, le=65535)


class LlmSettings(BaseModel):
    """`LLM_*`: any server that speaks OpenAI's API. Unset: the offline writer."""

    base_url: str | None = None
    api_key: SecretStr | None = None
    model: str | None = None
    timeout: float = Field(default=60, gt=0)
    transcribe_model: str | None = None

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return http_url(value) if value else None


class SmtpSettings(BaseModel):
    """`SMTP_*`. The URL's scheme is smtp, smtp+starttls or smtps."""

    url: SecretStr | None = None
    timeout: float = Field(default=20, gt=0)

    @field_validator("url")
    @classmethod
    def _is_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else ""
        if text and not text.startswith(("smtp://", "smtp+starttls://", "smtps://")):
            raise ValueError("must begin with smtp://, smtp+starttls:// or smtps://")
        if text:
            with_host(text)
        return value if text else None


class DailySettings(BaseModel):
    """`DAILY_*`: limits for each user and day (UTC). 0 means none are allowed."""

    draft_limit: int = Field(default=50, ge=0)
    mail_limit: int = Field(default=100, ge=0)


class CircuitSettings(BaseModel):
    """`CIRCUIT_*`: when a provider is left alone for a while. `failure_rate` of at least `min_calls` calls within
    `window` seconds opens it; after `probe_after` seconds one call may try; `close_after` good ones close it."""

    failure_rate: float = Field(default=0.5, gt=0, le=1)
    min_calls: int = Field(default=10, ge=1)
    window: float = Field(default=60, gt=0)
    probe_after: float = Field(default=30, gt=0)
    close_after: int = Field(default=3, ge=1)


class Settings(BaseSettings):
    """All of it. Nested blocks take their prefix: `SENDGRID_API_KEY` is `settings.sendgrid.api_key`."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="ignore",
    )

    telegram: TelegramSettings = TelegramSettings()
    web: WebSettings = WebSettings()
    demo: DemoSettings = DemoSettings()
    llm: LlmSettings = LlmSettings()
    smtp: SmtpSettings = SmtpSettings()
    mailgun: MailgunSettings = MailgunSettings()
    sendgrid: SendgridSettings = SendgridSettings()
    postmark: PostmarkSettings = PostmarkSettings()
    amazonses: AmazonSesSettings = AmazonSesSettings()
    googleworkspace: GoogleWorkspaceSettings = GoogleWorkspaceSettings()
    twilio: TwilioSettings = TwilioSettings()
    messagebird: MessagebirdSettings = MessagebirdSettings()
    amazonsns: AmazonSettings = AmazonSettings()
    plivo: PlivoSettings = PlivoSettings()
    vonage: VonageSettings = VonageSettings()
    fcm: FcmSettings = FcmSettings()
    webpush: WebpushSettings = WebpushSettings()
    webhook: WebhookSettings = WebhookSettings()
    sandbox: SandboxSettings = SandboxSettings()
    circuit: CircuitSettings = CircuitSettings()
    daily: DailySettings = DailySettings()

    public_url: str | None = None
    database_url: str = "sqlite+aiosqlite:///var/postrider.db"
    secret_key: SecretStr | None = None
    access: Literal["open", "approve", "list"] = "open"
    access_list: CommaList = []
    admin_telegram_ids: Annotated[list[int], NoDecode] = []
    sender_email: str = "postrider@localhost"
    sender_name: str = "Postrider"
    default_timezone: str = "UTC"
    email_providers: CommaList = []
    sms_providers: CommaList = []
    whatsapp_providers: CommaList = []
    push_providers: CommaList = []
    providers_file: str | None = None
    email_strategy: Strategy = "priority"
    sms_strategy: Strategy = "priority"
    whatsapp_strategy: Strategy = "priority"
    push_strategy: Strategy = "priority"
    email_split: CommaList = []  # name:percent
    sms_split: CommaList = []
    whatsapp_split: CommaList = []
    push_split: CommaList = []
    spend_caps: CommaList = []  # channel:amount a UTC day
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    redis_url: SecretStr | None = None
    health_check_seconds: float = Field(default=60, gt=0)
    retention_days: int = Field(default=90, ge=8)  # caps and soft bounces look back a week
    retry_backoff: Annotated[list[float], NoDecode] = [300, 900, 3600]
    unknown_resend_after: float = Field(default=600, gt=0)  # seconds
    lease_seconds: float = Field(default=60, ge=1)
    provider_timeout: float = Field(default=20, gt=0)  # seconds for one provider call
    worker_concurrency: int = Field(default=50, ge=1, le=1000)
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    _split = field_validator("access_list", "admin_telegram_ids", *LISTS, "retry_backoff", mode="before")(_comma_list)

    @field_validator("public_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return http_url(value) if value else None

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("must begin with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return value

    @field_validator("default_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a timezone name")
        return value

    @field_validator("sender_email")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        local, _, domain = value.rpartition("@")
        if not local or not domain or any(c.isspace() for c in value):
            raise ValueError("is not an e-mail address")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("must begin with redis:// or rediss://")
        return value

    @field_validator("email_split", "sms_split", "whatsapp_split", "push_split")
    @classmethod
    def _name_and_share(cls, value: list[str]) -> list[str]:
        for entry in value:
            name, _, share = entry.partition(":")
            if not name or not share.isdecimal() or int(share) > 100:
                raise ValueError(f"has an entry that is not name:percent: {entry!r}")
        return value

    @field_validator("spend_caps")
    @classmethod
    def _channel_and_amount(cls, value: list[str]) -> list[str]:
        for entry in value:
            channel, _, amount = entry.partition(":")
            if channel not in set(Channel) or not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", amount):
                raise ValueError(f"has an entry that is not channel:amount: {entry!r}")
        return value

    @field_validator("email_providers", "sms_providers", "whatsapp_providers", "push_providers")
    @classmethod
    def _name_and_priority(cls, value: list[str]) -> list[str]:
        for entry in value:
            name, _, priority = entry.partition(":")
            if not name or not (priority or "1").isdigit():
                raise ValueError(f"has an entry that is not name:priority: {entry!r}")
        return value

    @field_validator("retry_backoff")
    @classmethod
    def _positive(cls, value: list[float]) -> list[float]:
        if not value or any(seconds <= 0 for seconds in value):
            raise ValueError("needs one or more positive numbers of seconds")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        if self.database_url.startswith("postgresql") and not self.secret_key:
            raise ValueError("SECRET_KEY is required with PostgreSQL, so that every machine signs alike")
        if self.telegram.mode == "webhook" and not self.public_url:
            raise ValueError("PUBLIC_URL is required with TELEGRAM_MODE=webhook")
        return self

    @cached_property
    def telegram_mode(self) -> Literal["polling", "webhook"]:
        """What TELEGRAM_MODE says; unset, a webhook where PUBLIC_URL is set, else polling. Telegram itself calls https
        addresses only; a Bot API server of one's own calls any."""
        if self.telegram.mode:
            return self.telegram.mode
        can_be_called = self.public_url and (
            self.public_url.startswith("https://") or self.telegram.api_base != TELEGRAM
        )
        return "webhook" if can_be_called else "polling"

    @property
    def is_demo(self) -> bool:
        """No token: the pretend Telegram is started."""
        return self.telegram.bot_token is None


def priorities(entries: list[str]) -> dict[str, int]:
    """`["mailgun:1", "sendgrid:2"]` as names and priorities; an entry without a number takes its place in the list."""
    pairs = (entry.partition(":") for entry in entries)
    return {name: int(number or place) for place, (name, _, number) in enumerate(pairs, start=1)}


def load_settings(**values: Any) -> Settings:
    """Read the environment and `.env`; raise `SettingsError` with one line per wrong variable."""
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError("\n".join(_line(dict(problem)) for problem in error.errors())) from None


def _line(problem: dict[str, Any]) -> str:
    name = "_".join(str(part) for part in problem["loc"] if not isinstance(part, int)).upper()
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not name:  # a rule about several settings names them itself
        return message
    example = EXAMPLES.get(name)
    return f"{name}: {message}" + (f" (example: {name}={example})" if example else "")
