"""What the offline writer knows of each language's words: enough to tell what may be moved, split or lower-cased."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words, all in lower case."""

    stops: frozenset[str]  # words that tell the language
    lowerable: frozenset[str]  # first words that lose their capital inside a sentence
    backward: frozenset[str]  # first words that lean on the sentence before
    pronouns: frozenset[str]  # anywhere in a sentence, they lean on an earlier one
    verbs: frozenset[str]  # a text with one of these states something
    past: re.Pattern[str]  # the writer did or saw something
    moment: re.Pattern[str]  # thanks, news of one's own, a farewell
    lesson: re.Pattern[str]
    contrast: re.Pattern[str]  # at the start of a sentence: a turn
    then: re.Pattern[str]
    now: re.Pattern[str]
    hedges: re.Pattern[str]  # what a bolder version leaves out
    request: re.Pattern[str]  # "write a post about", in front of the idea itself
    because: re.Pattern[str]  # splits a statement from its reason
    by: re.Pattern[str]  # splits a result from the way there
    turns: re.Pattern[str]  # splits two halves that can each stand alone
    dangling: frozenset[str]  # a shortened sentence doesn't end on these


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_EN: Final = Words(
    stops=_set(
        "the and is are was were of to in for with that this it its not our we i my you your they have has had how why "
        "what when from about because but so than who at by be been can should will don't didn't isn't we're i'm it's"
    ),
    lowerable=_set(
        "the a an our my your their his her its we you they it he she this that these those how why what when where "
        "who which if in on at for with from to by and but so or because after before while as not no some many most "
        "every everybody nobody all there here being having making using"
    ),
    backward=_set(
        "it it's its this that that's these those they they're them their he he's she she's his her and but so or then "
        "because however also yet still therefore thus instead meanwhile afterwards later finally next too such both "
        "neither which who same"
    ),
    pronouns=_set("it it's its they them their he him his she her these those this that there"),
    verbs=_set(
        "is are was were be been am has have had do does did can could will would should must may might isn't aren't "
        "wasn't don't doesn't didn't can't won't i'm we're it's that's i we they he she matters matter works "
        "makes make needs takes take gets get beats beat kills kill costs wins fails fail helps "
        "means saved saves changed changes learned learnt built shipped launched hired lost found grew went "
        "got made took said told think believe know want let keep starts stops deserve deserves become "
        "becomes became moves moved join joins joined"
    ),
    past=_re(
        r"\b(i|we|my|our|me|us)\b.*\b((?!need|speed|feed|indeed|hundred|exceed|proceed|succeed|seed)\w+ed|was|were|"
        r"had|did|got|went|made|took|built|ran|lost|won|found|left|cut|sold|grew|began|told|said|saw|learnt|spent|met|"
        r"wrote|gave|came|became|thought|felt|kept|brought|quit|chose|paid|taught|heard)\b"
    ),
    moment=_re(
        r"\b(thank(?:s|ful)?|grateful|gratitude|proud|delighted|thrilled|honou?red|congratulations|anniversary|birthday|"
        r"farewell|goodbye|laid off|passed away|last day|first day|new (?:job|role|chapter)|retir(?:ed|ing)|"
        r"i(?:'m| am|'ll be| will be) (?:joining|leaving)|i(?:'ve| have)? joined|years ago today)\b"
    ),
    lesson=_re(
        r"\b(lessons?|learned|learnt|realised|realized|matters?|turns? out|the (real|hard|hardest|best|biggest) \w+|"
        r"should|never|always|better than|worth|the point|the key|trust)\b"
    ),
    contrast=_re(r"^(but|however|yet|then|until|instead|suddenly|except)\b"),
    then=_re(r"^(before|previously|in the past|back then)\b|\bused to\b"),
    now=_re(r"^(now|today|after|since then|these days)\b|\b(no longer|now)\b"),
    hedges=_re(
        r"(?:^|(?<=[,;] ))(?:i (?:just )?(?:think|feel|believe|suppose)(?: that)?|in my (?:humble )?opinion,?|"
        r"personally,?|to be honest,?|to me,) +(?=\w)|\b(is|are|was|were|feels?|felt) (?:kind of|sort of|somewhat|a "
        r"little bit|a bit) (?!of\b)"
    ),
    request=_re(
        r"^(?:please,? +)?(?:(?:can|could) you +)?(?:(?:write|draft|create|make|prepare)(?: me| us)? +(?:(?:a|an|the|"
        r"my) +)?(?:\w+ +)?)?(?:linkedin +)?(?:post|article|text)(?: idea)? *(?::|about\b:?|on\b:?|that says\b:?)\s*|"
        r"^(?:(?:(?:my|an?|another|yet another|one more|new|next) +)*idea|topic|draft) *:\s*|"
        r"^i(?:'d like| want| would like) to (?:write|post|talk) about:? +"
    ),
    because=_re(r",? (?=because (?!of course))"),
    by=_re(r" (?=by \w+ing\b)"),
    turns=_re(
        r", (?=(?:but|so|and|yet) (?:i|we|it|they|he|she|you|the|our|my|nobody|everyone|everybody|people|that|this|now|"
        r"then)\b)|; | [–—] "
    ),
    dangling=_set(
        "the a an of to in for with from and or but so that which who by at on as is are was were because our my your "
        "their its not no than very if when while into about over under per"
    ),
)

_ES: Final = Words(
    stops=_set(
        "el los las del una unos para por con que en como más pero sin sobre esto esta este está son fue era porque "
        "cuando nuestro nuestra nuestros mi mis yo nos hay muy qué cómo lo al su sus ya también hemos y cada nada todo"
    ),
    lowerable=_set(
        "el la los las un una unos unas nuestro nuestra nuestros nuestras mi mis tu tus su sus esto esta este estas "
        "estos eso esa ese cómo como por qué que cuando cuándo dónde donde si en de con para desde y pero o porque "
        "tras después antes mientras no hay muchos muchas todo toda todos todas cada nadie lo al hoy"
    ),
    backward=_set(
        "esto eso ese esa este esta estos estas él ella ellos ellas les le su sus y e pero o así entonces "
        "porque sin también además luego después finalmente aun mientras aquello tampoco ambos mismo aunque"
    ),
    pronouns=_set("esto eso aquello él ella ellos ellas les le"),
    verbs=_set(
        "cumplo cumplimos es son fue fueron era eran está están ha han he hemos hay tiene tienen tenemos puede pueden "
        "podemos debe "
        "deben debemos hace hacen hicimos hice hizo importa importan cuesta cuestan vale valen funciona funcionan "
        "ayuda ayudan gana ganan mata matan significa necesita necesitan creo pienso sé quiero aprendí aprendimos "
        "dijo dije sirve sirven cambia cambian merece merecen ser va van vamos yo nosotros"
    ),
    past=_re(
        r"^(?=.*(?:\bayer\b|\bpasad[oa]|\bhace\b|\d|\bantes\b)).*\w(?:amos|imos)\b|"
        r"\b(hemos|\w+jimos|(?:hic|tuv|fu|pud|d|v|pus|sup|quis|estuv|perd|decid|aprend)imos|"
        r"he \w+[aeií]do|(?!qué\b|porqué\b|aquí\b|allí\b|así\b|ahí\b|café\b|comité\b)\w{2,}(é|í)|"
        r"(hice|tuve|fui|pude|dije|vi|puse|quise|supe|estuve)|(me|nos) \w+(ó|aron|ieron)|\w*(tardábamos|teníamos|"
        r"éramos|estábamos|hacíamos)|nuestro|nuestra)\b"
    ),
    moment=_re(
        r"\b(gracias|agradec\w+|gratitud|orgullos[oa]|felicidades|enhorabuena|aniversario|cumpl(?:o|imos) \d+|"
        r"despedida|me despid\w+|fallec\w+|jubil\w+|último día|primer día|nuevo (?:trabajo|puesto|capítulo)|"
        r"nueva etapa|me (?:incorporo|uno|sumo) a)\b"
    ),
    lesson=_re(
        r"\b(lección|lecciones|aprend\w+|importa\w*|resulta que|lo (más|mejor|peor|difícil|importante)|nunca|siempre|"
        r"vale la pena|la clave|confianza|deberíamos|hay que)\b"
    ),
    contrast=_re(r"^(pero|sin embargo|entonces|hasta que|de repente|en cambio)\b"),
    then=_re(r"^(antes|hasta ahora|en el pasado)\b|\b(solíamos|solía)\b"),
    now=_re(r"^(ahora|hoy|después|desde entonces)\b|\b(ya no|ahora)\b"),
    hedges=_re(
        r"(?:^|(?<=[,;] ))(?:(?:yo )?creo que|(?:yo )?pienso que|me parece que|en mi (?:humilde )?opinión,?|"
        r"personalmente,?|sinceramente,?) +(?=\w)|\b(es|son|era|eran|fue|está) (?:un poco|algo así como|más o menos) "
        r"(?!de\b|más\b|menos\b)"
    ),
    request=_re(
        r"^(?:por favor,? +)?(?:(?:puedes )?(?:escribe|escríbeme|escribir|redacta|redáctame|crea|créame|haz|hazme|"
        r"prepara)(?:me)? +(?:un|una|el|mi)? *)?(?:post|publicación|entrada|artículo|texto)(?: (?:de|para|en) "
        r"linkedin)? *(?::|sobre\b:?|acerca de\b:?|que diga(?: que)?\b:?)\s*|"
        r"^(?:(?:(?:mi|una|otra|nueva) +)*idea|tema|borrador) *:\s*|"
        r"^quiero (?:escribir|publicar|hablar) (?:sobre|de) +"
    ),
    because=_re(r",? (?=porque )"),
    by=_re(r" (?=gracias a )"),
    turns=_re(
        r", (?=(?:pero|así que|y) (?:yo|nosotros|el|la|los|las|nadie|nuestro|nuestra|mi|ahora|entonces|no|hoy)\b)|; |"
        r" [–—] "
    ),
    dangling=_set(
        "el la los las un una de del a al en con para por y o u pero que como sin su sus mi mis nuestro nuestra es son "
        "se lo no más muy si cuando sobre porque"
    ),
)

_FR: Final = Words(
    stops=_set(
        "le les des une du au aux et est sont était pour par avec dans sur pas plus ce cette ces notre nos mon mes ma "
        "je nous vous ils elles qui mais ou où sans parce quand comment pourquoi être avons ont été en très aussi tout "
        "on"
    ),
    lowerable=_set(
        "le la les un une des du de notre nos mon ma mes votre vos son sa ses ce cette ces cela ça je nous vous il "
        "elle ils elles on comment pourquoi quand où qui que si en dans sur avec pour par et mais ou car parce après "
        "avant pendant ne pas tout toute tous toutes chaque personne rien il"
    ),
    backward=_set(
        "il elle ils elles ce c'est cela ça cette ces cet celui celle ceux son sa ses leur leurs et mais ou donc alors "
        "car parce puis ensuite enfin aussi pourtant cependant ainsi toutefois d'où lui eux même"
    ),
    pronouns=_set("il elle ils elles cela ça celui celle ceux lui leur leurs eux"),
    verbs=_set(
        "est sont était étaient a ont ai as avons avez avait avaient suis sommes fait font peut peuvent pouvons doit "
        "doivent devons faut compte comptent coûte coûtent vaut valent marche marchent aide aident gagne gagnent tue "
        "tuent signifie change changent mérite méritent crois pense sais veux appris dit je nous ils elles on va vont "
        "c'est j'ai n'est n'a sert servent reste restent faisons"
    ),
    past=_re(
        r"(\bj'ai\b|\b(nous|on) (avons|a|n'avons|étions|avions|était|avait|faisions)\b|\bj'(étais|avais)\b|"
        r"\bje (suis|me suis|n'ai|l'ai)\b|\bnous sommes\b|\b(m'a|m'ont|nous a|nous ont)\b|\b(notre|nos|mon|ma|mes)\b.*"
        r"\b(a|ont|était|étaient)\b)"
    ),
    moment=_re(
        r"\b(merci|remerci\w+|reconnaissant\w*|gratitude|fiers?|fières?|félicitations|anniversaire|licencié\w*|décès|"
        r"retraite|dernier jour|premier jour|nouveau (?:poste|travail|chapitre)|nouvelle (?:étape|aventure)|"
        r"je (?:rejoins|quitte))\b"
    ),
    lesson=_re(
        r"\b(leçons?|appris|compte|importe|en fait|le plus (dur|difficile|important)|l'important|jamais|toujours|"
        r"vaut la peine|la clé|confiance|devrions|il faut)\b"
    ),
    contrast=_re(r"^(mais|pourtant|cependant|puis|alors|jusqu'au jour|soudain|toutefois)\b"),
    then=_re(r"^(avant|auparavant|autrefois|jusqu'ici)\b"),
    now=_re(r"^(maintenant|aujourd'hui|après|depuis|désormais)\b|\b(ne \w+ plus|désormais)\b"),
    hedges=_re(
        r"(?:^|(?<=[,;] ))(?:je (?:crois|pense|trouve) (?:que |qu['’])|il me semble (?:que |qu['’])|à mon (?:humble "
        r")?avis,? |personnellement,? )(?=\w)|\b(est|sont|était|étaient) (?:un peu|plus ou moins) (?!de\b|d['’]|"
        r"plus\b|moins\b)"
    ),
    request=_re(
        r"^(?:s'il (?:te|vous) plaît,? +)?(?:(?:écris|écrivez|rédige|rédigez|crée|fais|prépare)(?:-moi)? +(?:un|une|"
        r"le|mon)? *)?(?:post|publication|article|texte)(?: (?:pour )?linkedin)? *(?::|sur\b:?|à propos de\b:?|qui "
        r"dit(?: que)?\b:?)\s*|^(?:(?:(?:mon|une|autre|nouvelle) +)*idée|sujet|brouillon) *:\s*|"
        r"^je (?:veux|voudrais) (?:écrire|parler|publier) (?:sur|"
        r"de) +"
    ),
    because=_re(r",? (?=parce (?:que |qu'))"),
    by=_re(r" (?=(?:grâce à|grâce au|grâce aux) )"),
    turns=_re(
        r", (?=(?:mais|donc|alors|et) (?:je|j'|nous|on|le|la|les|il|elle|ils|personne|notre|mon|ma|maintenant)\b)| ?; |"
        r" [–—] "
    ),
    dangling=_set(
        "le la les un une des de du à au aux en avec pour par et ou mais que qui dont comme sans son sa ses mon ma mes "
        "notre nos est sont ne pas plus très si quand sur dans parce ce cette"
    ),
)

WORDS: Final[Mapping[str, Words]] = {"en": _EN, "es": _ES, "fr": _FR}

_ADDRESS_SIGNS = ("://", "@", "www.")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_FRENCH_ELISION = re.compile(r"^(?:[ldcjnsmt]|qu)'")
_HINTS = {"es": re.compile("[¿¡ñ]"), "fr": re.compile("[çœêèàù]")}


def tokens(text: str) -> list[str]:
    """The words of a text, in lower case, with straight apostrophes."""
    return [word.lower().replace("’", "'") for word in _TOKEN.findall(text)]


def language_of(text: str, default: str) -> str:
    """The language whose small words the text uses most; `default` where that can't be told."""
    words = tokens(" ".join(word for word in text[:3_000].split() if not any(sign in word for sign in _ADDRESS_SIGNS)))
    scores = {code: sum(word in known.stops for word in words) for code, known in WORDS.items()}
    scores["fr"] += sum(bool(_FRENCH_ELISION.match(word)) for word in words)
    for code, hint in _HINTS.items():
        scores[code] += bool(hint.search(text))
    best = max(scores.values())
    leaders = [code for code, score in scores.items() if score == best]
    return leaders[0] if best and len(leaders) == 1 else default if default in WORDS else "en"
