"""Every setting, from the environment and `.env`; `.env.example` names them all.

A wrong value stops the start with one line (`SettingsError`): the variable, what was wrong, an example.
"""

from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import SettingsError

EXAMPLES = {
    "ACCESS": "open",
    "ACCESS_LIST": "123456789,@somebody",
    "ADMIN_TELEGRAM_IDS": "123456789,987654321",
    "DATABASE_URL": "sqlite+aiosqlite:///var/postrider.db",
    "DEFAULT_TIMEZONE": "Europe/Paris",
    "EMAIL_PROVIDERS": "smtp:1,sendgrid:2",
    "LLM_BASE_URL": "http://127.0.0.1:11434/v1",
    "LOG_FORMAT": "json",
    "PUBLIC_URL": "https://desk.example.org",
    "RETRY_BACKOFF": "300,900,3600",
    "SECRET_KEY": "a random text of at least 32 characters",
    "SENDER_EMAIL": "desk@example.org",
    "SENDGRID_API_KEY": "SG.xxxxx",
    "SMTP_URL": "smtp+starttls://user:password@mail.example.org:587",
    "TELEGRAM_API_BASE": "https://api.telegram.org",
    "TELEGRAM_BOT_TOKEN": "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
    "TELEGRAM_MODE": "polling",
    "TELEGRAM_WEBHOOK_SECRET": "letters-digits_and-dashes",
    "WEB_PORT": "8080",
}


TELEGRAM = "https://api.telegram.org"


def _comma_list(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaList = Annotated[list[str], NoDecode]


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
        return _http_url(value)

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
        return _http_url(value) if value else None


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
        return value if text else None


class SendgridSettings(BaseModel):
    """`SENDGRID_*`"""

    api_key: SecretStr | None = None
    base_url: str = "https://api.sendgrid.com"
    webhook_public_key: str | None = None


class SandboxSettings(BaseModel):
    """`SANDBOX_*`: the gateway of the pretend mailbox and phones."""

    base_url: str = "http://127.0.0.1:8081"
    api_key: SecretStr = SecretStr("sandbox")


class DailySettings(BaseModel):
    """`DAILY_*`: limits for each user and day (UTC). 0 means none are allowed."""

    draft_limit: int = Field(default=50, ge=0)
    mail_limit: int = Field(default=100, ge=0)


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
    sendgrid: SendgridSettings = SendgridSettings()
    sandbox: SandboxSettings = SandboxSettings()
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
    retry_backoff: Annotated[list[float], NoDecode] = [300, 900, 3600]
    unknown_resend_after: float = Field(default=600, gt=0)  # seconds
    lease_seconds: float = Field(default=60, ge=1)
    provider_timeout: float = Field(default=20, gt=0)  # seconds for one provider call
    worker_concurrency: int = Field(default=50, ge=1, le=1000)
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    _split = field_validator("access_list", "admin_telegram_ids", "email_providers", "retry_backoff", mode="before")(
        _comma_list
    )

    @field_validator("public_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return _http_url(value) if value else None

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

    @field_validator("email_providers")
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


def _http_url(value: str) -> str:
    if not value.startswith(("http://", "https://")) or any(c.isspace() for c in value):
        raise ValueError("must begin with http:// or https://")
    return value.rstrip("/")


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
