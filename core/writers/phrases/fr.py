"""French phrases. A plain space before `?`, `!` and `:` here; readers get a no-break space."""

from core.writers.phrases.table import Kind, Manner, Moment, Phrases, Story, Tone, Topic

STYLES = {
    "neutral": Manner(
        leads=(
            "Cela mérite d'être dit clairement.",
            "Je voudrais mettre des mots là-dessus.",
            "Une réflexion à partager.",
        ),
        statements=(
            "Si vous voyez les choses autrement, je vous lirai avec intérêt.",
            "Prenez-y ce qui vous est utile.",
            "J'aimerais savoir ce que d'autres ont constaté.",
        ),
        questions=(
            "Comment voyez-vous les choses ?",
            "Quelle a été votre expérience ?",
            "Qu'ajouteriez-vous ?",
            "Que remettriez-vous en question ?",
            "Qu'est-ce qui m'échappe ?",
            "Est-ce aussi ce que vous constatez ?",
            "Que feriez-vous autrement ?",
            "Et vu de chez vous, qu'en est-il ?",
        ),
    ),
    "respectful": Manner(
        leads=(
            "Je le partage comme une réflexion, pas comme un verdict.",
            "Avec tout le respect dû à celles et ceux qui voient les choses autrement.",
            "Permettez-moi de partager une réflexion.",
        ),
        statements=(
            "Merci d'avoir pris le temps de me lire.",
            "J'accueillerai avec gratitude tout avis différent du mien.",
            "Votre point de vue m'intéresse vraiment.",
        ),
        questions=(
            "Puis-je vous demander ce que vous en pensez ?",
            "Que conseilleriez-vous ?",
            "Que vous a appris votre propre expérience ?",
            "Sur quoi votre avis diffère-t-il ?",
            "Sur quel point feriez-vous plus attention ?",
        ),
    ),
    "business": Manner(
        leads=("Allons droit au but.", "Une remarque pratique.", "L'essentiel d'abord."),
        statements=(
            "Je compare volontiers mes notes avec quiconque fait face à la même décision.",
            "Si cela touche aussi votre travail, échangeons.",
            "Les détails comptent : demandez-les-moi si vous les voulez.",
        ),
        questions=(
            "Comment votre équipe s'y prend-elle ?",
            "Que mesureriez-vous ici ?",
            "Où voyez-vous le plus grand risque ?",
            "Que décideriez-vous ?",
            "Qu'est-ce que cela donnerait dans votre entreprise ?",
        ),
    ),
    "jovial": Manner(
        leads=(
            "Prenez une chaise.",
            "Servez-vous un café et restez un moment.",
            "Les bonnes choses se partagent, alors allons-y.",
        ),
        statements=(
            "C'est tout pour moi, à vous maintenant.",
            "Les commentaires sont ouverts, et tout le monde est le bienvenu.",
            "Racontez votre version, plus on est de fous, plus on rit.",
        ),
        questions=(
            "Qui d'autre hoche la tête ?",
            "Et chez vous, ça donne quoi ?",
            "Qui a une bonne histoire à ce sujet ?",
            "Qui veut en rajouter ?",
            "Que mettriez-vous sur la table ?",
        ),
    ),
    "playful": Manner(
        leads=("Imaginez ici un roulement de tambour.", "Psst.", "Attention, ça commence."),
        statements=(
            "Contredisez-moi, les commentaires ne mordent pas.",
            "Des points imaginaires récompensent le meilleur contre-argument.",
            "À vous de jouer.",
        ),
        questions=(
            "C'est juste, ou j'ai perdu le fil ?",
            "Qui ose me contredire ?",
            "Quelqu'un d'autre vient de hocher la tête devant son écran ?",
            "Vous parieriez contre ?",
            "Qui voit le piège ?",
        ),
    ),
    "close_friends": Manner(
        leads=(
            "Entre nous.",
            "Tu me connais, alors je le dis comme ça.",
            "Je te le dirais autour d'un café, alors autant l'écrire ici.",
        ),
        statements=(
            "Dis-le-moi franchement si tu penses que j'ai tort.",
            "Tu sais où me trouver.",
            "Comme toujours, dis ce que tu penses vraiment.",
        ),
        questions=(
            "Honnêtement, tu en penses quoi ?",
            "Tu me le dirais, si j'avais tort ?",
            "Ça te rappelle quelque chose ?",
            "Qu'est-ce que tu m'aurais dit, toi ?",
            "La main sur le cœur, tu le vois comment ?",
        ),
    ),
    "parent_to_child": Manner(
        leads=(
            "Laisse-moi te transmettre quelque chose.",
            "Lis ceci, puis fais-toi ton propre avis.",
            "Voilà quelque chose que j'aimerais que tu saches tôt.",
        ),
        statements=(
            "Prends ton temps.",
            "Tu trouveras ta propre façon de faire, et c'est très bien ainsi.",
            "Garde ce qui t'aide et laisse le reste.",
        ),
        questions=(
            "Et toi, qu'en feras-tu ?",
            "Qu'est-ce que tu essaierais ?",
            "Qu'est-ce qui t'aiderait ici ?",
            "Par où commencerais-tu ?",
            "Que vois-tu déjà que nous ne voyons pas ?",
        ),
    ),
    "child_to_parent": Manner(
        leads=(
            "J'aimerais te montrer quelque chose.",
            "Ça te ferait sans doute sourire.",
            "J'aurais aimé te poser la question.",
        ),
        statements=(
            "Je prends volontiers tes conseils.",
            "Si tu as connu cela avant moi, je t'écoute.",
            "Merci à celles et ceux qui ont la patience d'expliquer.",
        ),
        questions=(
            "Qu'aurais-tu fait à ma place ?",
            "Comment as-tu appris à gérer ça ?",
            "Que sais-tu là-dessus que j'ignore encore ?",
            "Que m'aurais-tu dit plus tôt ?",
            "Où devrais-je faire attention ?",
        ),
    ),
    "siblings": Manner(
        leads=(
            "Vas-y, lève les yeux au ciel, je le dis quand même.",
            "Il fallait bien que quelqu'un le dise, alors c'est moi.",
            "Avant que tu le racontes à ta façon.",
        ),
        statements=(
            "Vas-y, corrige-moi.",
            "Tu l'aurais dit plus fort, je sais.",
            "Contredis-moi en commentaire, tu en meurs d'envie.",
        ),
        questions=(
            "Vas-y, où est-ce que je me trompe ?",
            "Qui va me contredire ?",
            "Tu aurais fait mieux, toi ?",
            "Avoue, où est-ce que j'exagère ?",
            "Et ta version, c'est quoi ?",
        ),
    ),
}

TONES = {
    "plain": Tone(
        remarks=(),
        on_topics=(),
        turns=("Ce que je soulignerais :", "Ce que j'en retiens :", "L'important, pour moi :"),
    ),
    "warm": Tone(
        remarks=(
            "J'encourage toutes celles et ceux qui travaillent sur le même sujet.",
            "Je pense à toutes celles et ceux qui en sont là en ce moment.",
            "Je l'écris pour les personnes à qui cela peut servir aujourd'hui.",
        ),
        on_topics=(
            "J'encourage toutes celles et ceux qui travaillent sur le même sujet.",
            "Je pense à toutes celles et ceux qui en sont là en ce moment.",
            "Je l'écris pour les personnes à qui cela peut servir aujourd'hui.",
        ),
        turns=("Ce qui mérite d'être gardé :", "Ce que je voudrais transmettre :", "Ce à quoi je tiens :"),
    ),
    "confident": Tone(
        remarks=("Je l'assume pleinement.", "Je le signerais n'importe quel jour.", "Je n'ai aucun doute là-dessus."),
        on_topics=(
            "Je sais que les meilleures réponses ne sont dans aucun manuel.",
            "Je sais que la pratique a les meilleures réponses.",
            "J'attends des réponses claires, et je sais qu'elles existent.",
        ),
        turns=("Ce qui compte :", "Au fond, il s'agit de ceci :", "La conclusion est claire :"),
    ),
    "witty": Tone(
        remarks=(
            "Je promets qu'aucun webinaire ne se cache à la fin.",
            "Je me passe du coucher de soleil inspirant.",
            "Je le mettrais bien sur une tasse, s'il y avait la place.",
        ),
        on_topics=(
            "Je promets qu'aucun webinaire ne se cache à la fin.",
            "Je me passe du coucher de soleil inspirant.",
            "Je le mettrais bien sur une tasse, s'il y avait la place.",
        ),
        turns=(
            "Ce que j'entourerais en rouge :",
            "Pour celles et ceux qui filent directement à la fin :",
            "Les petits caractères :",
        ),
    ),
}

LEADS = {
    "bolder": (
        "Je le dis sans détour.",
        "Parlons franchement.",
        "Je préfère la clarté à la prudence.",
        "Sans adoucir.",
        "Voilà, tel quel.",
    ),
    "personal": (
        "Je veux le dire avec mes propres mots.",
        "Je préfère la sincérité à la perfection.",
        "Je ne veux pas garder cela pour moi.",
        "Je le dis en tant que personne, pas au titre d'une fonction.",
        "Cela compte pour moi, alors je l'écris.",
    ),
    "hook": (
        "Qui s'y reconnaît ?",
        "Sans longue introduction.",
        "À méditer un instant.",
        "Cela mérite qu'on y regarde de plus près.",
        "Une courte pause dans le fil.",
        "Commençons directement par le milieu.",
    ),
}

REMARKS = {
    "bolder": ("Je n'en retire pas un mot.", "Je le défendrais devant n'importe qui.", "Je le dis comme je le pense."),
    "personal": (
        "C'est ainsi que je le vois, de là où je suis.",
        "Je le dis parce que je le pense vraiment.",
        "Je l'écrirais de la même façon demain.",
    ),
}

ASKS = {
    Kind.CLAIM: (
        "D'accord ou pas d'accord ?",
        "Est-ce vrai ailleurs aussi ?",
        "Le disons-nous assez souvent à voix haute ?",
    ),
    Kind.EXPERIENCE: (
        "Que faire dans un cas pareil ?",
        "Pouvait-on faire autrement ?",
        "Qui a vécu la même chose ?",
    ),
    Kind.QUESTION: (
        "Une question rapide.",
        "Réponses sincères uniquement.",
        "J'aimerais y réfléchir à plusieurs.",
    ),
}

DEVELOPMENTS = {
    Kind.CLAIM: (
        "Il est facile d'être d'accord. Le plus dur est de s'y tenir quand la semaine se remplit.",
        "Sur le papier, cela semble évident. Au milieu d'une semaine chargée, on l'oublie vite.",
        "Je ne crois pas qu'il faille une méthode. Il faut des personnes qui prennent cela au sérieux.",
        "L'idée est simple. S'y tenir sous pression, voilà le vrai travail.",
        "On peut discuter des détails. La direction me paraît claire.",
        "Cela paraît peu. Le prendre au sérieux changerait bien des agendas.",
    ),
    Kind.EXPERIENCE: (
        "À l'écrit, cela paraît simple. De l'intérieur, c'est rarement le cas.",
        "Cela tient en quelques lignes, et il y a toujours plus derrière que ce qui y tient.",
        "Ce n'est pas une recette. C'est un exemple, et les exemples voyagent mieux que les conseils.",
        "Les décisions qui se cachent derrière m'intéressent plus que le titre.",
        "Pas de grande théorie ici. À chacun d'en tirer ses conclusions.",
        "Le contexte change, et la réponse aussi. Je crois pourtant que cela mérite d'être raconté.",
    ),
    Kind.QUESTION: (
        "Je n'ai pas de réponse toute faite. Je crois pourtant que c'est la bonne question.",
        "Les réponses rapides sont souvent confortables. Je préfère les réponses sincères.",
        "Il est facile de hausser les épaules. Je préfère m'y arrêter un instant.",
        "La réponse dépend sans doute de la place qu'on occupe, c'est pourquoi je pose la question ici.",
        "Je soupçonne qu'il existe plusieurs bonnes réponses, et qu'elles ne s'accordent pas.",
        "La réponse parfaite m'intéresse moins que ce qu'on fait vraiment.",
    ),
}

STORY = Story(
    starts={
        Kind.EXPERIENCE: (
            "Tout a commencé ainsi.",
            "Je raconte depuis le début.",
            "Voici comment cela s'est passé.",
            "Une courte histoire.",
            "L'histoire est la suivante.",
        ),
        Kind.CLAIM: (
            "Toute histoire a une idée de fond, et je commence par la mienne.",
            "Cette histoire commence par une idée simple.",
            "Je commence par la morale de l'histoire.",
            "Cela commence par quelque chose qu'on remarque à peine.",
        ),
        Kind.QUESTION: (
            "Cette histoire commence par une question.",
            "Imaginons que quelqu'un le demande à la fin d'une longue réunion.",
            "Cela commence par une question qui ne passe pas.",
        ),
        Kind.TOPIC: (
            "Cette histoire commence par un sujet : {topic}.",
            "Chapitre après chapitre, il est question d'un sujet : {topic}.",
            "Imaginons une journée de travail ordinaire et, sur la table, ceci : {topic}.",
            "Cela commence par quelque chose qu'on remarque à peine : {topic}.",
            "Imaginons ceci comme la scène d'ouverture : {topic}.",
        ),
    },
    turns=("C'est ici que l'histoire bascule.", "Et c'est là que cela devient intéressant.", "Voici le tournant."),
    ends=("J'en arrive à la fin.", "Et voilà où cela mène.", "Cela se termine ainsi."),
    open_ends=(
        "Le prochain chapitre est encore ouvert.",
        "La suite se décide dans les jours ordinaires.",
        "Le reste de l'histoire n'est pas encore écrit.",
    ),
)

TOPIC = Topic(
    hooks=(
        "Parlons d'un sujet précis : {topic}.",
        "Un sujet qui mérite plus qu'une remarque en passant : {topic}.",
        "Un sujet sur lequel j'aimerais entendre plus de voix : {topic}.",
        "Parlons-en franchement : {topic}.",
        "Aujourd'hui, sur la table : {topic}.",
        "Il y a une conversation que j'aimerais ouvrir ici : {topic}.",
        "Quelque chose que j'aimerais mieux comprendre : {topic}.",
    ),
    led={
        "bolder": (
            "Il faut qu'on en parle : {topic}.",
            "Il est temps d'en parler franchement : {topic}.",
            "Cessons de tourner autour du sujet : {topic}.",
            "Assez de politesses, venons-en au fait : {topic}.",
            "Finissons-en avec le silence poli sur ce sujet : {topic}.",
        ),
        "personal": (
            "J'aimerais lire de vraies expériences sur ce sujet : {topic}.",
            "Je voudrais réfléchir à voix haute sur ce sujet : {topic}.",
            "Je ne veux pas faire semblant d'avoir toutes les réponses sur ce sujet : {topic}.",
            "Avant de donner mon avis, je veux entendre celui des autres : {topic}.",
            "Mieux vaut demander que donner des leçons sur ce sujet : {topic}.",
        ),
    },
    intros=(
        "Mieux vaut de bonnes questions que des réponses rapides :",
        "Quelques questions pour commencer :",
        "Ce que je demanderais avant d'avoir un avis :",
    ),
    questions=(
        "Qu'est-ce qui marche en pratique, et pas seulement sur le papier ?",
        "Où se trompe-t-on le plus souvent ?",
        "Que dire à quelqu'un qui débute ?",
        "Qu'est-ce qui est plus difficile qu'il n'y paraît ?",
        "Que faut-il désapprendre ?",
        "Qu'est-ce qui vaut l'effort, et qu'est-ce qui ne le vaut pas ?",
        "Qui le fait bien, et que fait cette personne autrement ?",
        "Que faudrait-il cesser de faire dès demain ?",
    ),
)

MOMENT = Moment(
    statements=(
        "Cela me fait plaisir de le partager ici.",
        "Je tenais à le dire moi-même.",
        "Cela compte beaucoup pour moi.",
        "Merci pour votre lecture.",
        "Je m'arrête là pour aujourd'hui.",
    ),
    questions=(
        "Que vous inspire cette nouvelle ?",
        "Qui a vécu la même chose ?",
        "Que souhaiteriez-vous à ma place ?",
        "Un conseil pour la route ?",
        "Qui d'autre connaît ce sentiment ?",
    ),
)

PHRASES = Phrases(
    styles=STYLES,
    tones=TONES,
    leads=LEADS,
    remarks=REMARKS,
    asks=ASKS,
    developments=DEVELOPMENTS,
    story=STORY,
    topic=TOPIC,
    moment=MOMENT,
    backgrounds=("Un peu de contexte.", "La version longue :", "D'où cela vient :"),
    list_intros=("En bref :", "Point par point :", "L'essentiel :"),
    contrasts=(
        "Avant et maintenant, côte à côte :",
        "La différence saute aux yeux :",
        "Le contraste, tout simplement :",
    ),
    why="Pourquoi ?",
    how="Comment ?",
)
