"""English phrases."""

from core.writers.phrases.table import Kind, Manner, Moment, Phrases, Story, Tone, Topic

STYLES = {
    "neutral": Manner(
        leads=("This is worth saying plainly.", "Let me put this into words.", "A thought worth sharing."),
        statements=(
            "If you see it differently, I'd like to hear it.",
            "Take from it whatever is useful to you.",
            "I'm curious what others have seen.",
        ),
        questions=(
            "How do you see it?",
            "What has your experience been?",
            "What would you add?",
            "What would you challenge?",
            "What am I missing?",
            "Does that match what you see?",
            "What would you do differently?",
            "What does it look like from where you sit?",
        ),
    ),
    "respectful": Manner(
        leads=(
            "I offer this as a thought, not as a verdict.",
            "With respect to everyone who sees this differently.",
            "Allow me to share a thought.",
        ),
        statements=(
            "Thank you for taking the time to read this.",
            "I'd be grateful for a view that differs from mine.",
            "I'd value your perspective on this.",
        ),
        questions=(
            "May I ask how you see it?",
            "What would you advise?",
            "What has your own experience taught you?",
            "Which part of this would you question?",
            "Where would you, with your experience, be more careful?",
        ),
    ),
    "business": Manner(
        leads=("Straight to the point.", "A practical note.", "Here is the short version."),
        statements=(
            "I'm happy to compare notes with anyone facing the same decision.",
            "If this touches your work too, let's compare notes.",
            "The details matter, so ask if you want them.",
        ),
        questions=(
            "How does your team handle this?",
            "What would you measure here?",
            "Where do you see the biggest risk?",
            "What would you decide?",
            "How would this play out in your company?",
        ),
    ),
    "jovial": Manner(
        leads=("Pull up a chair.", "Grab a coffee and stay a minute.", "Good things are better shared, so here goes."),
        statements=(
            "That's it from me, now it's your turn.",
            "The comments are open, and all are welcome.",
            "Add your version below, the more the merrier.",
        ),
        questions=(
            "Who else is nodding along?",
            "What's your version of this?",
            "Who has a good story about this?",
            "Who wants to add to it?",
            "What would you put on the table?",
        ),
    ),
    "playful": Manner(
        leads=("Imagine a small drum roll here.", "Psst.", "Ready? Here goes."),
        statements=(
            "Disagree if you like, the comment box doesn't bite.",
            "There are imaginary points for the best counterargument.",
            "Your move.",
        ),
        questions=(
            "Fair, or have I lost the plot?",
            "Who dares to disagree?",
            "Did anyone else just nod at their screen?",
            "Would you bet against it?",
            "Who sees the catch?",
        ),
    ),
    "close_friends": Manner(
        leads=(
            "Between us.",
            "You know me, so I'll just say it.",
            "I'd tell you this over coffee, so I may as well write it here.",
        ),
        statements=(
            "Tell me straight if you think I'm wrong.",
            "You know where to find me.",
            "As always, say what you really think.",
        ),
        questions=(
            "Honestly, what do you think?",
            "Would you tell me if I were wrong?",
            "Does this sound familiar to you?",
            "What would you have told me?",
            "Hand on heart, what do you make of it?",
        ),
    ),
    "parent_to_child": Manner(
        leads=(
            "Let me pass something on.",
            "Read this, and then make up your own mind.",
            "This is something I'd want you to know early.",
        ),
        statements=(
            "Take your time with it.",
            "You'll find your own way with this, and that's how it should be.",
            "Keep what helps you and leave the rest.",
        ),
        questions=(
            "What will you make of it?",
            "What would you try?",
            "What would help you here?",
            "How would you go about it?",
            "What do you already see that the rest of us miss?",
        ),
    ),
    "child_to_parent": Manner(
        leads=(
            "There's something I'd like to show you.",
            "You'd probably smile at this.",
            "I'd have liked to ask you about this.",
        ),
        statements=(
            "I'd be glad of your advice.",
            "If you've been here before me, I'm listening.",
            "Thank you to everyone with the patience to explain.",
        ),
        questions=(
            "What would you have done in my place?",
            "How did you learn to deal with this?",
            "What do you know about this that I don't yet?",
            "What would you have told me sooner?",
            "Where should I be careful?",
        ),
    ),
    "siblings": Manner(
        leads=(
            "Go on, roll your eyes, I'm saying it anyway.",
            "Somebody had to say it, so it may as well be me.",
            "Before you tell it your way.",
        ),
        statements=(
            "Go on, correct me.",
            "You'd have said it louder, I know.",
            "Argue with me below, you know you want to.",
        ),
        questions=(
            "Go on, where am I wrong?",
            "Who is going to argue with me?",
            "Would you have done better?",
            "Be honest, where am I exaggerating?",
            "And what's your side of it?",
        ),
    ),
}

TONES = {
    "plain": Tone(
        remarks=(),
        on_topics=(),
        turns=("The part I'd underline:", "What I take from it:", "The point, for me:"),
    ),
    "warm": Tone(
        remarks=(
            "I'm rooting for everyone working on the same thing.",
            "If this is where you are right now, I'm with you.",
            "I'm writing this for anyone who can use it today.",
        ),
        on_topics=(
            "I'm rooting for everyone working on the same thing.",
            "If this is where you are right now, I'm with you.",
            "I'm writing this for anyone who can use it today.",
        ),
        turns=("The part I'd want you to keep:", "What I'd like to leave you with:", "The part I hold on to:"),
    ),
    "confident": Tone(
        remarks=("I stand by that.", "I'd put my name to this any day.", "I'm sure of this."),
        on_topics=(
            "I'm sure the best answers aren't in any handbook.",
            "I know that practice has the better answers.",
            "I expect clear answers, and I know they exist.",
        ),
        turns=("The part that counts:", "What it comes down to:", "The conclusion is clear:"),
    ),
    "witty": Tone(
        remarks=(
            "I promise there's no webinar at the end of this.",
            "I'll spare you the motivational sunset.",
            "I'd put it on a mug, if mugs had more room.",
        ),
        on_topics=(
            "I promise there's no webinar at the end of this.",
            "I'll spare you the motivational sunset.",
            "I'd put it on a mug, if mugs had more room.",
        ),
        turns=("The part I'd circle in red ink:", "For those who scrolled straight to the end:", "The small print:"),
    ),
}

LEADS = {
    "bolder": (
        "I'll say this without hedging.",
        "Let me be blunt.",
        "I'd rather be clear than careful about this.",
        "No softening this.",
        "Here it is, straight.",
    ),
    "personal": (
        "I want to put this in my own words.",
        "I'd rather write this honestly than perfectly.",
        "I don't want to keep this to myself.",
        "I'll say this as a person, not as a job title.",
        "This matters to me, so I'm writing it down.",
    ),
    "hook": (
        "Stop me if this sounds familiar.",
        "Without a long introduction.",
        "Consider this for a moment.",
        "This deserves a closer look.",
        "A short pause in your feed.",
        "Let's start right in the middle.",
    ),
}

REMARKS = {
    "bolder": ("I won't water that down.", "I'd defend that in any room.", "I mean it exactly as I say it."),
    "personal": (
        "That's how I see it from where I stand.",
        "I'm saying it because I mean it.",
        "I'd write it the same way tomorrow.",
    ),
}

ASKS = {
    Kind.CLAIM: ("Agree or disagree?", "Is this true where you work, too?", "How often do we say this out loud?"),
    Kind.EXPERIENCE: (
        "What would you have done?",
        "Would you have done the same?",
        "Does this sound familiar?",
    ),
    Kind.QUESTION: ("A quick question for you.", "Honest answers only, please.", "Help me think this through."),
}

DEVELOPMENTS = {
    Kind.CLAIM: (
        "It's easy to agree with that. It's harder to act on it when the week gets busy.",
        "It sounds obvious on the page. In the middle of a full week, it's easy to forget.",
        "I don't think this needs a framework. It needs people who take it seriously.",
        "The idea is simple. Holding on to it under pressure is the actual work.",
        "We can argue about the details. The direction seems clear to me.",
        "It sounds small. Taking it seriously would change quite a few calendars.",
    ),
    Kind.EXPERIENCE: (
        "Written down, it looks simple. From the inside, things rarely do.",
        "It fits in a few lines, and there is always more behind it than fits.",
        "I'm not offering this as a recipe. It's an example, and examples travel better than advice.",
        "The decisions behind it interest me more than the headline.",
        "No grand theory here. Draw your own conclusions.",
        "Your setting will differ, and so may your answer. I still think it's worth sharing.",
    ),
    Kind.QUESTION: (
        "I don't have a tidy answer. I do think it's the right question.",
        "The quick answers to this tend to be comfortable. I'd like the honest version.",
        "It's easy to shrug at this. I'd rather stay with it for a moment.",
        "The answer probably depends on where you sit, which is why I'm asking here.",
        "I suspect that there are several good answers, and that they don't agree.",
        "I'm less interested in the perfect answer than in what people really do.",
    ),
}

STORY = Story(
    starts={
        Kind.EXPERIENCE: (
            "It started like this.",
            "Let me tell it from the beginning.",
            "Here is how it went.",
            "A short story.",
            "The story goes like this.",
        ),
        Kind.CLAIM: (
            "Every story has a point, and I'll begin with mine.",
            "This story starts with a plain thought.",
            "Let me begin with the moral of the story.",
            "It begins with something that is easy to overlook.",
        ),
        Kind.QUESTION: (
            "This story starts with a question.",
            "Imagine somebody asking this at the end of a long meeting.",
            "It begins with a question that won't go away.",
        ),
        Kind.TOPIC: (
            "This story starts with a subject: {topic}.",
            "Chapter by chapter, this is about a subject: {topic}.",
            "Picture an ordinary working day, and on the table lies this: {topic}.",
            "It begins with something that is easy to overlook: {topic}.",
            "Imagine this as the opening scene: {topic}.",
        ),
    },
    turns=("Here the story turns.", "And then it gets interesting.", "This is the turning point."),
    ends=("Which brings me to the end of it.", "And this is where it leads.", "It ends like this."),
    open_ends=(
        "The next chapter is still open.",
        "How it continues is decided in ordinary days.",
        "The rest of the story isn't written yet.",
    ),
)

TOPIC = Topic(
    hooks=(
        "Let's talk about something specific: {topic}.",
        "A subject that deserves more than a passing remark: {topic}.",
        "A topic I'd like to hear more voices on: {topic}.",
        "An honest word about this: {topic}.",
        "On the table today: {topic}.",
        "There's a conversation I'd like to start here: {topic}.",
        "Something I'd like to understand better: {topic}.",
    ),
    led={
        "bolder": (
            "We need to talk about this: {topic}.",
            "It's time for a straight conversation about this: {topic}.",
            "Let's stop tiptoeing around this: {topic}.",
            "Enough small talk, let's get to this: {topic}.",
            "No more polite silence about this: {topic}.",
        ),
        "personal": (
            "I want to hear real experiences with this: {topic}.",
            "I'd like to think out loud about this: {topic}.",
            "I don't want to pretend I have all the answers on this: {topic}.",
            "I want to learn from yours before I share my view of this: {topic}.",
            "I'd rather ask than preach about this: {topic}.",
        ),
    },
    intros=(
        "I'd rather collect good questions than quick answers:",
        "A few questions to start with:",
        "What I'd ask before having an opinion:",
    ),
    questions=(
        "What works in practice, and not only on paper?",
        "What do people tend to get wrong?",
        "What would you tell somebody who is new to it?",
        "What is harder than it looks?",
        "What did you have to unlearn?",
        "What is worth the effort, and what isn't?",
        "Who does this well, and what do they do differently?",
        "What would you stop doing tomorrow?",
    ),
)

MOMENT = Moment(
    statements=(
        "I'm glad to share it here.",
        "I wanted you to hear it from me.",
        "It means a lot to me.",
        "Thank you for reading.",
        "I'll leave it at that for today.",
    ),
    questions=(
        "What comes to mind when you read this?",
        "What was it like for you?",
        "What would you wish for in my place?",
        "Any advice to take along?",
        "Who else knows this feeling?",
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
    backgrounds=("Some background.", "The longer version:", "Where this comes from:"),
    list_intros=("In short:", "Point by point:", "The essentials:"),
    contrasts=("Then and now, side by side:", "The difference in plain sight:", "Look at the contrast:"),
    why="Why?",
    how="How?",
)
