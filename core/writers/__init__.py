"""Who writes the posts: a model where `LLM_MODEL` is set, else the offline writer."""

from typing import Protocol

from pydantic import SecretStr

from core.errors import SettingsError
from core.posts.writing import Writer
from core.writers.offline import Offline

OPENAI = "https://api.openai.com/v1"


class _Llm(Protocol):
    """What is needed of `core.settings.LlmSettings`."""

    @property
    def base_url(self) -> str | None: ...
    @property
    def api_key(self) -> SecretStr | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def timeout(self) -> float: ...
    @property
    def transcribe_model(self) -> str | None: ...


def make_writer(llm: _Llm) -> Writer:
    """The writer that the settings ask for. Raises `SettingsError` where a server or a key is set without a model."""
    if not llm.model:
        if llm.base_url or llm.api_key:
            raise SettingsError(
                "LLM_MODEL: is missing beside LLM_BASE_URL or LLM_API_KEY (example: LLM_MODEL=llama3.1)"
            )
        return Offline()
    # Only now: whoever writes offline needs nothing of it.
    from core.writers.openai_compatible import OpenAICompatible

    key = llm.api_key.get_secret_value() if llm.api_key else ""
    return OpenAICompatible(llm.base_url or OPENAI, key, llm.model, llm.timeout, llm.transcribe_model)


__all__ = ["Offline", "make_writer"]
