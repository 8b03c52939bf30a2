"""Reading the user's words: cleaned, split into sentences, measured, cut. Pure, and careful with hostile text.

Numbers, names, URLs and addresses are never changed: text is split and cut at white space only.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

_LINK = re.compile(r"^(?:https?://|www\.)\S+$|^[^\s@]+@[^\s@]+\.[^\s@]+$", re.IGNORECASE)
_TAG = re.compile(r"^#\w+$")
_BULLET = re.compile(r"^(?:[-*•–—▪◦→>]|\(?\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*$|[。！？؟][”」』）]*$")
_CASELESS_END = re.compile(r"(?<=[。！？])")
_ABBREVIATIONS = re.compile(
    r"mrs?|ms|dr|prof|st|vs|e\.g|i\.e|inc|ltd|nr|sr|sra|srta|uds?|p\.ej|ej|mme|mlle|cf|approx|ca|fig|vol|art|av|pp?|m"
)
_CONTROLS = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|\u2028|\u2029|\u0085|\v|\f")
_SPACES = re.compile("[^\\S\n\u00a0\u202f]+")  # a no-break space is meant
_OPENERS = "\"'“‘«¿¡([„"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, and where it stood."""

    text: str
    paragraph: int
    item: bool = False  # of the user's own list


def clean(text: str) -> str:
    """The text without control characters and text-direction overrides; white space evened out, lines kept."""
    lines = _CONTROLS.sub(" ", _BREAKS.sub("\n", text)).split("\n")
    return re.sub("\n{3,}", "\n\n", "\n".join(_SPACES.sub(" ", line).strip() for line in lines)).strip()


def sentences(text: str) -> list[Sentence]:
    """The sentences of a cleaned text, in order. List items stay whole."""
    found: list[Sentence] = []
    for number, paragraph in enumerate(text.split("\n\n")):
        for line in _unwrapped(paragraph.split("\n")):
            bullet = _BULLET.match(line)
            if bullet:
                found.append(Sentence(line[bullet.end() :], number, item=True))
            else:
                found.extend(Sentence(part, number) for part in _split(line))
    return found


def _unwrapped(lines: list[str]) -> list[str]:
    """Lines that a narrow window broke, joined again."""
    joined: list[str] = []
    for line in filter(None, lines):
        if joined and len(joined[-1]) > 40 and line[0].islower() and not _END.search(joined[-1]):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def _split(line: str) -> list[str]:
    parts: list[str] = []
    current: list[str] = []
    words = line.split(" ")
    for word, following in zip(words, [*words[1:], ""], strict=True):
        *ended, rest = _CASELESS_END.split(word) if not is_link(word) else [word]
        for piece in filter(None, ended):
            parts.append(" ".join([*current, piece]))
            current = []
        if rest:
            current.append(rest)
            if _ends_sentence(rest, following):
                parts.append(" ".join(current))
                current = []
    return [*parts, " ".join(current)] if current else parts


def _ends_sentence(word: str, following: str) -> bool:
    if not _END.search(word) or is_link(word):
        return False
    bare = word.strip("\"'“”‘’«»()[]").rstrip(".").lower()
    if word.endswith(".") and _is_abbreviated(bare, following):
        return False
    return _is_mark(word) or any(c.isalnum() for c in bare)


def _is_abbreviated(bare: str, following: str) -> bool:
    """Dr., J., a.m. in the middle of a sentence, No. 5."""
    is_initial = len(bare) == 1 and bare.isalpha() and bare not in "aioy"
    goes_on = "." in bare and following[:1].islower()
    numbers = bare in ("no", "nos") and following[:1].isdigit()
    return is_initial or goes_on or numbers or bool(_ABBREVIATIONS.fullmatch(bare))


def _is_mark(word: str) -> bool:
    """A lone "!" or "?", as French sets it apart; "..." alone is no end."""
    return word[0] in "!?"


def is_link(word: str) -> bool:
    """A URL or an e-mail address, alone."""
    return bool(_LINK.match(word.strip("<>()[].,;")))


def split_off_tags(found: list[Sentence]) -> tuple[list[Sentence], list[str]]:
    """The sentences without the hashtags at their ends, and those hashtags."""
    kept: list[Sentence] = []
    tags: list[str] = []
    for sentence in found:
        words = sentence.text.split(" ")
        end = len(words)
        while end and _TAG.match(words[end - 1]):
            end -= 1
        tags += words[end:]
        if end:
            kept.append(Sentence(" ".join(words[:end]), sentence.paragraph, sentence.item))
    return kept, list(dict.fromkeys(tags))


def has_words(text: str) -> bool:
    """Whether there is a letter, a digit or a symbol such as an emoji in it: more than punctuation."""
    return any(unicodedata.category(c)[0] in "LNS" for c in text)


def capitalized(text: str) -> str:
    """With a capital at its start, unless the first word is spelled its own way (iPhone, a link, a tag)."""
    start = len(text) - len(text.lstrip(_OPENERS))
    if start == len(text):
        return text
    first = text[start:].split(maxsplit=1)[0]
    letter = text[start]
    plain = letter.isalpha() and first[1:] == first[1:].lower() and not is_link(first)
    safe = len(letter.upper()) == 1 and letter.upper().lower() == letter
    return text[:start] + letter.upper() + text[start + 1 :] if plain and safe else text


def lowered(text: str, lowerable: frozenset[str]) -> str:
    """Without its capital, if the first word is known to need none; a name keeps it."""
    first = re.match(r"[^\W\d_]+", text)
    known = first is not None and first[0].lower() in lowerable and first[0][1:] == first[0][1:].lower()
    return text[0].lower() + text[1:] if known else text


def finished(text: str) -> str:
    """A whole sentence: a capital at its start, a mark at its end."""
    text = capitalized(text).rstrip(" ,;–—")
    last = text.rstrip("\"'”’»)]")[-1:]
    return f"{text}." if last.isalnum() and not is_link(text.rsplit(" ", 1)[-1]) else text


def cut(text: str, limit: int, dangling: frozenset[str] = frozenset()) -> str:
    """The beginning of a text, at most `limit` characters, whole words only; "" where not even the first fits.

    Where there are no spaces because the script has none, it is cut between characters.
    """
    if len(text) <= limit:
        return text
    kept = text[: limit + 1].rpartition(" ")[0].split(" ")
    while len(kept) > 1 and kept[-1].strip(",;:").lower() in dangling:
        kept.pop()
    shortened = " ".join(kept).rstrip(" ,;:–—(")
    return shortened or _cut_caseless(text, limit)


def _cut_caseless(text: str, limit: int) -> str:
    """Cut beside a letter that knows no capitals (Chinese, Thai ...); numbers, names and links stay whole."""
    if is_link(text.split(maxsplit=1)[0] if text.strip() else ""):
        return ""
    places = (end for end in range(limit, 0, -1) if _is_caseless(text[end - 1]) or _is_caseless(text[end]))
    return text[: next(places, 0)]


def _is_caseless(character: str) -> bool:
    return unicodedata.category(character) == "Lo"


def flowing(texts: list[str]) -> str:
    """Sentences in a row; on a new line where the one before has no mark at its end (a link, an emoji)."""
    joined = texts[0]
    for before, text in pairwise(texts):
        joined += f" {text}" if _END.search(before) else f"\n{text}"
    return joined


def clip(text: str, limit: int) -> str:
    """A whole text cut to `limit` characters: at a paragraph or a sentence, else at a word, else anywhere."""
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    ends = [match.start() + 1 for match in re.finditer(r"[.!?…。！？](?=\s)|(?=\n)", head)]
    usable = [end for end in ends if limit // 2 < end <= limit]
    return (text[: usable[-1]] if usable else cut(text, limit) or text[:limit]).strip()
