"""What every offline post must keep, checked from outside: with this file's own idea of numbers and names."""

import re
from functools import cache

from core.writers.phrases import PHRASES, every_line

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SENTENCE_START = re.compile(r"(?:^|[.!?…:。！？]|\n|[•→👉💡💬]|[\"'“‘«»¿¡(\[„])[\s•→👉💡💬\"'“‘«¿¡(\[„]*$")

IDEAS = {
    "en fact": "we cut our deploy time from 40 minutes to 6 by caching docker layers and deleting half the tests",
    "en story": (
        "Last year our onboarding took 3 weeks. New engineers waited for accounts, laptops and answers. Then Maria "
        "wrote a one-page checklist and gave every newcomer a buddy. Now people ship on day 4. The lesson for me: the "
        "hard part was never the tooling, it was that nobody owned it."
    ),
    "en topic": "pricing for freelancers",
    "en claim": "I think code review is about trust, not about finding bugs",
    "en moment": (
        "I was laid off in March after 7 years at Nordlicht. I told my team before HR did. Three of them had "
        "interviews lined up within a week because we had kept our network warm."
    ),
    "es moment": (
        "Hoy cumplo 10 años en Iberlog. Empecé en el almacén, de noche, y Ana me enseñó a leer los números. Gracias a "
        "quien me dio la primera llave."
    ),
    "fr moment": "Lundi, je rejoins Batisol comme cheffe de chantier.",
    "en question": "Why do we still run annual performance reviews?",
    "en list": (
        "What I look for in a junior designer:\n- asks why before how\n- shows unfinished work\n- can explain a "
        "decision in 2 sentences\nhttps://example.org/roles #design #hiring"
    ),
    "es story": (
        "Antes tardábamos 5 días en responder a un cliente. Creo que el problema no era el equipo, sino las reuniones. "
        "Quitamos 8 reuniones semanales y Lucía propuso un canal único de dudas. Ahora respondemos en 24 horas. Lo más "
        "difícil fue aprender a decir que no."
    ),
    "es topic": "cómo dar feedback a un jefe",
    "es claim": "creo que el trabajo remoto funciona mejor cuando escribimos más y hablamos menos",
    "fr story": (
        "Nous avons supprimé les évaluations annuelles chez Batisol. À la place, chaque équipe prend 20 minutes par "
        "mois pour parler du travail. Le plus difficile a été de convaincre les managers. Mais personne ne voudrait "
        "revenir en arrière."
    ),
    "fr topic": "le télétravail dans les petites entreprises",
    "fr fact": "on a perdu notre plus gros client parce que personne n'osait lui dire non",
}

HOSTILE = {
    "nothing": "",
    "white space": " \n\t \r\n ",
    "punctuation only": "?!?! ... --- ///",
    "one letter": "x",
    "one word": "Kubernetes",
    "a number": "1,234.56",
    "emoji": "🚀🚀 👩‍💻 🇫🇷",
    "html": "<script>alert('x')</script> <b>Sales & Marketing</b> grew 5% & <i>nobody</i> noticed",
    "right to left": "مرحبا بالعالم. هذا اختبار رقم 7\u202e evil \u202c",
    "chinese": "我们把部署时间从40分钟缩短到6分钟。团队很开心！" * 20,
    "chinese without an end": "我们把部署时间缩短" * 600,
    "links": "https://example.org/a?b=1.2&c=3#d www.example.com/x. Ask ann.lee@example.org, she knows 3 ways",
    "a link only": "https://example.org/very/long?x=1",
    "a huge link": "https://example.org/" + "a1B2" * 2_500,
    "a huge number": "1" * 10_000,
    "a huge word": "Aa" * 5_000,
    "long": "We moved 12 servers to Lyon and Ana kept the 4th one running. " * 160,
    "one long sentence": "we moved 12 servers to Lyon and " * 312,
    "newlines": "a plan\n\n\n\n\n" * 500 + "\n" * 5_000,
    "hashtags": "#one #two #three we hired 4 people #hiring #jobs",
    "only hashtags": "#one #two",
    "controls": "We\x00 grew\x07 7\u200b%\ufeff in\u2028Paris\r\nlast year",
    "template braces": "{topic} {0} %s {{ idea }} costs 5",
    "shouting": "WE CUT COSTS BY 30%!!! NOBODY AT ACME NOTICED!!!",
    "own spelling": "iPhone sales beat eBay. macOS users love it. @ann said so",
    "abbreviations": "Dr. J. Meyer met Mr. Ito at 9 a.m. in St. Ives, e.g. for 2.5 hours. It was No. 1.",
    "german": "Wir haben unsere Preise um 20 % erhöht und niemand ist gegangen. Frau Müller war überrascht.",
    "quotes": "“Ship it” said Ana. «¿Listo?» «Sí.» (And 3 more.)",
}


@cache
def our_words() -> frozenset[str]:
    return frozenset(
        word.casefold() for table in PHRASES.values() for line in every_line(table) for word in WORD.findall(line)
    )


def invented(text: str, *sources: str) -> set[str]:
    """Numbers and capitalised words of the text that are in none of the sources.

    A capital inside a sentence must stand so in a source. At a sentence's start the word may also be one of a source
    in small letters, or one of the writer's own phrases, none of which has a capital inside (tested).
    """
    source = "\n".join(sources)
    known, known_small = set(WORD.findall(source)), {word.casefold() for word in WORD.findall(source)}
    numbers = {number for number in NUMBER.findall(text) if number not in source}
    return numbers | {
        found[0]
        for found in WORD.finditer(text)
        if found[0][0].isupper()
        and found[0] not in known
        and not (SENTENCE_START.search(text[: found.start()]) and found[0].casefold() in known_small | our_words())
        and found[0] not in {"I", "I'd", "I'm", "I'll", "I've"}
    }
