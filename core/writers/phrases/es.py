"""Spanish phrases."""

from core.writers.phrases.table import Kind, Manner, Moment, Phrases, Story, Tone, Topic

STYLES = {
    "neutral": Manner(
        leads=(
            "Esto merece decirse con claridad.",
            "Quiero ponerle palabras a esto.",
            "Una reflexión que vale la pena compartir.",
        ),
        statements=(
            "Si lo ves de otra manera, me gustaría leerte.",
            "Quédate con lo que te sirva.",
            "Tengo curiosidad por saber qué han visto otras personas.",
        ),
        questions=(
            "¿Cómo lo ves?",
            "¿Cuál ha sido tu experiencia?",
            "¿Qué añadirías?",
            "¿Qué pondrías en duda?",
            "¿Qué se me escapa?",
            "¿Coincide con lo que ves tú?",
            "¿Qué harías de otra manera?",
            "¿Cómo se ve desde donde estás?",
        ),
    ),
    "respectful": Manner(
        leads=(
            "Lo comparto como reflexión, no como sentencia.",
            "Con todo el respeto a quien lo vea de otra manera.",
            "Permítanme compartir una reflexión.",
        ),
        statements=(
            "Gracias por tomarse el tiempo de leerme.",
            "Agradeceré cualquier opinión distinta de la mía.",
            "Me interesa mucho su punto de vista.",
        ),
        questions=(
            "¿Cómo lo ven ustedes?",
            "¿Qué aconsejarían?",
            "¿Qué les ha enseñado su propia experiencia?",
            "¿Qué parte pondrían en duda?",
            "¿Dónde tendrían ustedes más cuidado?",
        ),
    ),
    "business": Manner(
        leads=("Voy al grano.", "Un apunte práctico.", "Primero, lo esencial."),
        statements=(
            "Con gusto contrasto ideas con quien tenga delante la misma decisión.",
            "Si esto también afecta a su trabajo, comparemos notas.",
            "Los detalles importan: pregunten si los quieren.",
        ),
        questions=(
            "¿Cómo lo gestiona su equipo?",
            "¿Qué medirían aquí?",
            "¿Dónde ven el mayor riesgo?",
            "¿Qué decidirían ustedes?",
            "¿Cómo funcionaría esto en su empresa?",
        ),
    ),
    "jovial": Manner(
        leads=(
            "Acerca una silla.",
            "Ponte un café y quédate un momento.",
            "Lo bueno se comparte, así que allá va.",
        ),
        statements=(
            "Por mi parte es todo, ahora es tu turno.",
            "Los comentarios están abiertos y todo el mundo es bienvenido.",
            "Cuenta tu versión abajo, cuantas más, mejor.",
        ),
        questions=(
            "¿Quién más está asintiendo?",
            "¿Cuál es tu versión?",
            "¿Quién tiene una buena historia sobre esto?",
            "¿Quién se anima a sumar algo?",
            "¿Qué pondrías tú sobre la mesa?",
        ),
    ),
    "playful": Manner(
        leads=("Imagina aquí un redoble de tambores.", "Psst.", "Atención, allá va."),
        statements=(
            "Puedes llevarme la contraria, los comentarios no muerden.",
            "Hay puntos imaginarios para el mejor contraargumento.",
            "Te toca mover ficha.",
        ),
        questions=(
            "¿Tiene sentido o he perdido el hilo?",
            "¿Quién se atreve a llevarme la contraria?",
            "¿Alguien más acaba de asentir ante la pantalla?",
            "¿Apostarías en contra?",
            "¿Quién le ve la trampa?",
        ),
    ),
    "close_friends": Manner(
        leads=(
            "Entre nosotros.",
            "Ya me conoces, así que lo digo sin más.",
            "Te lo contaría con un café delante, así que lo escribo aquí.",
        ),
        statements=(
            "Dímelo a la cara si crees que me equivoco.",
            "Ya sabes dónde encontrarme.",
            "Como siempre, dime lo que piensas de verdad.",
        ),
        questions=(
            "Sinceramente, ¿tú qué piensas?",
            "¿Me lo dirías si me equivocara?",
            "¿Te suena de algo?",
            "¿Qué me habrías dicho tú?",
            "Con la mano en el corazón, ¿cómo lo ves?",
        ),
    ),
    "parent_to_child": Manner(
        leads=(
            "Deja que te pase algo.",
            "Léelo y luego saca tus propias conclusiones.",
            "Esto es algo que me gustaría que supieras pronto.",
        ),
        statements=(
            "Tómate tu tiempo.",
            "Encontrarás tu propia manera, y así debe ser.",
            "Quédate con lo que te ayude y deja el resto.",
        ),
        questions=(
            "¿Qué harás tú con esto?",
            "¿Qué probarías tú?",
            "¿Qué te ayudaría aquí?",
            "¿Por dónde empezarías?",
            "¿Qué ves tú que a los demás se nos escapa?",
        ),
    ),
    "child_to_parent": Manner(
        leads=(
            "Hay algo que me gustaría enseñarte.",
            "Seguro que esto te haría sonreír.",
            "Me habría gustado preguntarte por esto.",
        ),
        statements=(
            "Agradezco cualquier consejo.",
            "Si ya has pasado por aquí, te escucho.",
            "Gracias a quienes tienen la paciencia de explicar.",
        ),
        questions=(
            "¿Qué habrías hecho en mi lugar?",
            "¿Cómo aprendiste a llevar esto?",
            "¿Qué sabes de esto que yo aún no sé?",
            "¿Qué me habrías dicho antes?",
            "¿Dónde debería tener cuidado?",
        ),
    ),
    "siblings": Manner(
        leads=(
            "Venga, pon los ojos en blanco, lo digo igual.",
            "Alguien tenía que decirlo, así que lo digo yo.",
            "Antes de que lo cuentes a tu manera.",
        ),
        statements=(
            "Venga, corrígeme.",
            "Tú lo habrías dicho más alto, ya lo sé.",
            "Discútemelo abajo, que lo estás deseando.",
        ),
        questions=(
            "A ver, ¿en qué me equivoco?",
            "¿Quién me lo va a discutir?",
            "¿Tú lo habrías hecho mejor?",
            "Di la verdad, ¿dónde exagero?",
            "¿Y cuál es tu versión?",
        ),
    ),
}

TONES = {
    "plain": Tone(
        remarks=(),
        on_topics=(),
        turns=("Lo que yo subrayaría:", "Con lo que me quedo:", "Lo importante, para mí:"),
    ),
    "warm": Tone(
        remarks=(
            "Mando ánimo a quien esté trabajando en lo mismo.",
            "Pienso en quienes están justo en ese punto.",
            "Lo escribo para quien hoy pueda necesitarlo.",
        ),
        on_topics=(
            "Mando ánimo a quien esté trabajando en lo mismo.",
            "Pienso en quienes están justo en ese punto.",
            "Lo escribo para quien hoy pueda necesitarlo.",
        ),
        turns=("Lo que merece guardarse:", "Lo que me gustaría transmitir:", "A lo que yo me aferro:"),
    ),
    "confident": Tone(
        remarks=("Lo sostengo.", "Lo firmaría cualquier día.", "De esto no me cabe duda."),
        on_topics=(
            "No me cabe duda de que las mejores respuestas no están en ningún manual.",
            "Sé que la práctica tiene las mejores respuestas.",
            "Espero respuestas claras, y sé que existen.",
        ),
        turns=("Lo que cuenta:", "En el fondo se trata de esto:", "La conclusión es clara:"),
    ),
    "witty": Tone(
        remarks=(
            "Prometo que al final no hay ningún seminario de pago.",
            "Me ahorro la foto motivadora del atardecer.",
            "Lo pondría en una taza, si cupiera.",
        ),
        on_topics=(
            "Prometo que al final no hay ningún seminario de pago.",
            "Me ahorro la foto motivadora del atardecer.",
            "Lo pondría en una taza, si cupiera.",
        ),
        turns=("Lo que marcaría con rotulador rojo:", "Para quien ha bajado directo al final:", "La letra pequeña:"),
    ),
}

LEADS = {
    "bolder": (
        "Lo digo sin rodeos.",
        "Voy a hablar claro.",
        "Prefiero la claridad a la prudencia.",
        "Sin suavizarlo.",
        "Aquí va, tal cual.",
    ),
    "personal": (
        "Quiero decirlo con mis propias palabras.",
        "Prefiero la sinceridad a la perfección.",
        "No quiero guardarme esto.",
        "Lo digo como persona, no desde un cargo.",
        "Esto me importa, por eso lo escribo.",
    ),
    "hook": (
        "¿A alguien le suena?",
        "Sin mucha introducción.",
        "Vale la pena pensarlo un momento.",
        "Esto merece una mirada más atenta.",
        "Una breve pausa entre publicaciones.",
        "Empecemos directamente por el medio.",
    ),
}

REMARKS = {
    "bolder": ("No pienso rebajarlo.", "Lo defendería ante cualquiera.", "Lo digo exactamente como lo pienso."),
    "personal": (
        "Así lo veo desde donde estoy.",
        "Lo digo porque lo pienso de verdad.",
        "Mañana lo volvería a escribir igual.",
    ),
}

ASKS = {
    Kind.CLAIM: (
        "¿De acuerdo o en desacuerdo?",
        "¿También pasa en otros sitios?",
        "¿Cuántas veces lo decimos en voz alta?",
    ),
    Kind.EXPERIENCE: ("¿Qué hacer en un caso así?", "¿Se podía hacer de otra manera?", "¿A quién más le ha pasado?"),
    Kind.QUESTION: (
        "Una pregunta rápida.",
        "Solo respuestas sinceras, por favor.",
        "Me gustaría pensarlo en compañía.",
    ),
}

DEVELOPMENTS = {
    Kind.CLAIM: (
        "Es fácil estar de acuerdo. Lo difícil es cumplirlo cuando la semana se complica.",
        "Sobre el papel parece obvio. En medio de una semana llena es fácil olvidarlo.",
        "No creo que haga falta un método. Hacen falta personas que se lo tomen en serio.",
        "La idea es sencilla. Mantenerla bajo presión es el verdadero trabajo.",
        "Los detalles se pueden discutir. La dirección me parece clara.",
        "Parece poco. Tomárselo en serio cambiaría muchas agendas.",
    ),
    Kind.EXPERIENCE: (
        "Por escrito parece sencillo. Desde dentro, las cosas rara vez lo parecen.",
        "Cabe en pocas líneas, y detrás siempre hay más de lo que cabe.",
        "No lo ofrezco como receta. Es un ejemplo, y los ejemplos viajan mejor que los consejos.",
        "Las decisiones que hay detrás me interesan más que el titular.",
        "Sin grandes teorías. Que cada cual saque sus conclusiones.",
        "El contexto cambia, y la respuesta también. Aun así, creo que vale la pena contarlo.",
    ),
    Kind.QUESTION: (
        "No tengo una respuesta redonda. Sí creo que es la pregunta adecuada.",
        "Las respuestas rápidas suelen ser cómodas. Prefiero las sinceras.",
        "Es fácil encogerse de hombros. Prefiero detenerme un momento.",
        "La respuesta depende seguramente de dónde te toque estar, por eso lo pregunto aquí.",
        "Sospecho que hay varias respuestas buenas y que no coinciden.",
        "Me interesa menos la respuesta perfecta que lo que se hace de verdad.",
    ),
}

STORY = Story(
    starts={
        Kind.EXPERIENCE: (
            "Empezó así.",
            "Lo cuento desde el principio.",
            "Así fue.",
            "Una historia breve.",
            "La historia es esta.",
        ),
        Kind.CLAIM: (
            "Toda historia tiene una idea de fondo, y empiezo por la mía.",
            "Esta historia empieza con una idea sencilla.",
            "Empiezo por la moraleja.",
            "Empieza con algo que es fácil pasar por alto.",
        ),
        Kind.QUESTION: (
            "Esta historia empieza con una pregunta.",
            "Imaginemos que alguien lo pregunta al final de una reunión larga.",
            "Empieza con una pregunta que no se va.",
        ),
        Kind.TOPIC: (
            "Esta historia empieza con un tema: {topic}.",
            "Capítulo a capítulo, esto va de un tema: {topic}.",
            "Imaginemos un día de trabajo cualquiera y, sobre la mesa, esto: {topic}.",
            "Empieza con algo que es fácil pasar por alto: {topic}.",
            "Imaginemos esto como la escena inicial: {topic}.",
        ),
    },
    turns=("Aquí la historia da un giro.", "Y entonces se pone interesante.", "Este es el punto de inflexión."),
    ends=("Y así llego al final.", "Y aquí es donde lleva todo esto.", "Termina así."),
    open_ends=(
        "El próximo capítulo sigue abierto.",
        "Cómo continúa se decide en los días corrientes.",
        "El resto de la historia aún no está escrito.",
    ),
)

TOPIC = Topic(
    hooks=(
        "Hablemos de algo concreto: {topic}.",
        "Un tema que merece más que un comentario de pasada: {topic}.",
        "Un tema sobre el que me gustaría escuchar más voces: {topic}.",
        "Hablemos con sinceridad de esto: {topic}.",
        "Hoy, sobre la mesa: {topic}.",
        "Hay una conversación que me gustaría abrir aquí: {topic}.",
        "Algo que me gustaría entender mejor: {topic}.",
    ),
    led={
        "bolder": (
            "Tenemos que hablar de esto: {topic}.",
            "Es hora de hablar claro sobre esto: {topic}.",
            "Dejemos de andar de puntillas con esto: {topic}.",
            "Basta de rodeos, vamos a esto: {topic}.",
            "Se acabó el silencio educado sobre esto: {topic}.",
        ),
        "personal": (
            "Quiero escuchar experiencias reales sobre esto: {topic}.",
            "Me gustaría pensar en voz alta sobre esto: {topic}.",
            "No quiero fingir que tengo todas las respuestas sobre esto: {topic}.",
            "Antes de dar mi opinión, quiero escuchar otras: {topic}.",
            "Prefiero preguntar que dar lecciones sobre esto: {topic}.",
        ),
    },
    intros=(
        "Prefiero reunir buenas preguntas que respuestas rápidas:",
        "Algunas preguntas para empezar:",
        "Lo que preguntaría antes de opinar:",
    ),
    questions=(
        "¿Qué funciona en la práctica y no solo sobre el papel?",
        "¿En qué se suele fallar?",
        "¿Qué decirle a quien empieza?",
        "¿Qué es más difícil de lo que parece?",
        "¿Qué hay que desaprender?",
        "¿Qué merece el esfuerzo y qué no?",
        "¿Quién lo hace bien, y qué hace distinto?",
        "¿Qué habría que dejar de hacer mañana mismo?",
    ),
)

MOMENT = Moment(
    statements=(
        "Me alegra compartirlo aquí.",
        "Quería contarlo yo.",
        "Significa mucho para mí.",
        "Gracias por leerme.",
        "Por hoy lo dejo aquí.",
    ),
    questions=(
        "¿Qué les viene a la cabeza al leerlo?",
        "¿A quién más le ha pasado?",
        "¿Qué desearían en mi lugar?",
        "¿Algún consejo para el camino?",
        "¿Quién más conoce esta sensación?",
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
    backgrounds=("Un poco de contexto.", "La versión larga:", "De dónde viene esto:"),
    list_intros=("En resumen:", "Punto por punto:", "Lo esencial:"),
    contrasts=("El antes y el ahora, frente a frente:", "La diferencia, a la vista:", "El contraste, sin más:"),
    why="¿Por qué?",
    how="¿Cómo?",
)
