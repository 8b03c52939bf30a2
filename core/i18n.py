"""Every text the bot says, in the reader's language, from gettext catalogues.

English is the source text. The catalogues (`bot/locales/<language>/LC_MESSAGES/postrider.po`) are compiled in memory
at start, so no binary is kept in the repository and a changed text needs no build step.
"""

import gettext as gettext_module
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path

from core.model import LANGUAGES

LOCALES = Path(__file__).parent.parent / "bot" / "locales"
_language: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])
_catalogues: dict[str, gettext_module.NullTranslations] = {}


def _load(language: str) -> gettext_module.NullTranslations:
    path = LOCALES / language / "LC_MESSAGES" / "postrider.po"
    if not path.exists():
        return gettext_module.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def catalogue(language: str) -> gettext_module.NullTranslations:
    """The catalogue of one language, loaded once; an unknown language reads English."""
    if language not in _catalogues:
        _catalogues[language] = _load(language)
    return _catalogues[language]


def current_language() -> str:
    """The language that texts are being written in just now."""
    return _language.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write every text inside this block in `language`."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str) -> str:
    """The text in the current language. Placeholders are filled by the caller with `.format`."""
    return catalogue(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form for `count` in the current language."""
    return catalogue(_language.get()).ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return message


def nearest_language(code: str | None) -> str:
    """The supported language for a Telegram language code such as `pt-br`; English where there is none."""
    short = (code or "").split("-")[0].lower()
    return short if short in LANGUAGES else LANGUAGES[0]
