"""Reading what the user asks for in their own words, in any of the three languages. Pure.

Known wishes are honoured; an instruction without any is met with another composition of the same idea.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from core.posts.writing import Direction

Key = TypeVar("Key", bound=str)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an instruction asks for. None: not mentioned."""

    direction: Direction = Direction.FIRST
    shorter: bool = False
    longer: bool = False
    question: bool = False
    hook: bool = False
    as_list: bool = False
    emoji: bool | None = None
    hashtags: bool | None = None
    language: str = ""
    style: str = ""
    tone: str = ""


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})", re.IGNORECASE)


_NOT = (
    r"\b(?:no|not|without|remove|drop|delete|less|fewer|don't|sin|quita|elimina|menos|sans|enlève|retire|supprime|"
    r"moins|pas)\b"
)
_SHORTER = _re(
    r"\bshort(?:er|en)?\b|\bbrief(?:er)?\b|\bconcise\b|\btrim\b|\bless text\b|\bmás (?:corto|breve)|\bcort[oa]\b|"
    r"\bbreve\b|\bresum|\bacorta|\bplus (?:court|bref)|\bcourte?\b|\bbref\b|\brésum|\braccourci|\btoo long\b|"
    r"\bdemasiado largo|\btrop long"
)
_LONGER = _re(
    r"\blong(?:er)?\b|\bexpand\b|\bmore detail|\bmore depth|\blarg[oa]\b|\bamplía|\bmás detalle|\bextiende|\bplus long|"
    r"\blongue?\b|\bdéveloppe|\bplus de détail|\btoo short\b|\bdemasiado corto|\btrop court"
)
_TOO = {
    True: _re(r"\btoo long\b|\bdemasiado larg|\btrop long"),
    False: _re(r"\btoo short\b|\bdemasiado cort|\btrop court"),
}
_QUESTION = _re(r"\bquestions?\b|\bpreguntas?\b|\bask (?:the|my|them|readers|people)\b")
_HOOK = _re(
    r"\bhook\b|\bfirst line\b|\bopening\b|\bgancho\b|\bprimera (?:línea|frase)\b|\baccroche\b|\bpremière (?:ligne|"
    r"phrase)\b"
)
_LIST = _re(r"\blists?\b|\bbullets?\b|\bpoints\b|\blistas?\b|\bviñetas?\b|\bpuntos\b|\blistes?\b|\bpuces\b")
_EMOJI = _re(r"\bemojis?\b|\bemoticon\w*|\bsmileys?\b|\bémojis?\b|\bémoticônes?\b")
_HASHTAGS = _re(r"\bhash ?tags?\b|\betiquetas\b|\bmots-dièse\b")

_DIRECTIONS = {
    Direction.STORY: _re(r"\bstory\b|\bnarrative\b|\bhistoria\b|\brelato\b|\bhistoire\b|\brécit\b"),
    Direction.BOLDER: _re(
        r"\bbold(?:er)?\b|\bblunt\b|\bstronger\b|\bdirect\b|\baudaz\b|\batrevid[oa]\b|\bdirect[oa]\b|\bcontundente\b|"
        r"\baudacieux\b|\bfranc\b|\bdirecte?\b|\bpercutant\b"
    ),
    Direction.PERSONAL: _re(
        r"\bpersonal\b|\bfirst person\b|\bprimera persona\b|\bpersonnel(?:le)?\b|\bpremière personne\b"
    ),
}
_LANGUAGES = {
    "en": _re(r"\b(?:in(?:to)?|to) english\b|\ben inglés\b|\bal inglés\b|\ben anglais\b"),
    "es": _re(r"\b(?:in(?:to)?|to) spanish\b|\ben (?:español|castellano)\b|\bal español\b|\ben espagnol\b"),
    "fr": _re(r"\b(?:in(?:to)?|to) french\b|\ben francés\b|\bal francés\b|\ben français\b"),
}
_STYLES = {
    "business": _re(r"\bbusiness\b|\bprofessional\b|\bprofesional\b|\bprofessionnel(?:le)?\b|\bempresarial\b"),
    "respectful": _re(
        r"\bformal\b|\brespectful\b|\bpolite\b|\brespetuos[oa]\b|\bformel(?:le)?\b|\brespectueu(?:x|se)\b|\bpoli\b"
    ),
    "playful": _re(r"\bplayful\b|\bjuguet[oó]n\b|\bjoueur\b|\bludique\b|\blúdic[oa]\b"),
    "jovial": _re(r"\bjovial\b|\bcheerful\b|\balegre\b|\bjoyeux\b"),
    "close_friends": _re(
        r"\bcasual\b|\binformal\b|\brelaxed\b|\bfriend(?:s|ly)?\b|\bamig\w+|\bdécontracté\w*|\bamis?\b"
    ),
}
_TONES = {
    "warm": _re(r"\bwarm(?:er)?\b|\bkind(?:er)?\b|\bcálid[oa]\b|\bcercan[oa]\b|\bchaleureu(?:x|se)\b"),
    "confident": _re(r"\bconfident\b|\bself-assured\b|\bsegur[oa]\b|\bassuré\w*|\bconfiant\w*"),
    "witty": _re(
        r"\bwitty\b|\bfunn(?:y|ier)\b|\bhumou?r\w*|\bgracios[oa]\b|\bdivertid[oa]\b|\bdrôle\b|\bingenios[oa]\b"
    ),
}


def wishes_of(instruction: str) -> Wishes:
    """What the instruction asks for."""
    text = instruction[:500]
    shorter, longer = _length(text)
    return Wishes(
        direction=_first(_DIRECTIONS, text) or Direction.FIRST,
        shorter=shorter,
        longer=longer,
        question=_wanted(_QUESTION, text) is True,
        hook=_wanted(_HOOK, text) is True,
        as_list=_wanted(_LIST, text) is True,
        emoji=_wanted(_EMOJI, text),
        hashtags=_wanted(_HASHTAGS, text),
        language=_first(_LANGUAGES, text) or "",
        style=_first(_STYLES, text) or "",
        tone=_first(_TONES, text) or "",
    )


def _length(text: str) -> tuple[bool, bool]:
    """Shorter, longer: "too long" asks for the first, "too short" for the second, "not so long" for the first."""
    if _TOO[True].search(text):
        return True, False
    if _TOO[False].search(text):
        return False, True
    shorter, longer = _wanted(_SHORTER, text), _wanted(_LONGER, text)
    return shorter is True or longer is False, longer is True or shorter is False


def _wanted(pattern: re.Pattern[str], text: str) -> bool | None:
    """True: asked for; False: unwanted ("no emoji", "sin emojis"); None: not mentioned."""
    found = pattern.search(text)
    if found is None:
        return None
    before = re.split(r"[,.;]| and | but | y | pero | et | mais ", text[: found.start()])[-1]
    return not re.search(_NOT, before, re.IGNORECASE)


def _first(table: Mapping[Key, re.Pattern[str]], text: str) -> Key | None:
    return next((key for key, pattern in table.items() if _wanted(pattern, text) is True), None)
