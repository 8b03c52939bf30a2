"""The welcome, the help and the end of dialogues."""

from bot.callbacks import HelpButton
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Account, Button, Card
from core.rendering.telegram_text import escape

TOPICS = {
    "writing": (
        N_("✍️ Writing"),
        N_(
            "Send me an idea in a sentence or two, or /new. I write a draft and show it with its length and with where"
            " LinkedIn folds it.\n\n/voice takes posts of yours, so that I can sound like you.\n"
            "/settings has the style and the tone."
        ),
    ),
    "reviewing": (
        N_("👍 Reviewing"),
        N_(
            "👍 Approve locks the text and offers it to copy, by email, or for a date. ♻️ Regenerate asks what should"
            " change; every version is kept. 🗑️ Delete can be undone.\n\n"
            "To edit, reply to a draft with your own text.\n/posts lists and searches all of them."
        ),
    ),
    "reminders": (
        N_("⏰ Reminders"),
        N_(
            "/remind 09:00 mon-fri reminds you at your local time; add telegram or email for the channel."
            " /remind off ends it.\n/quiet 22:00-07:00 holds messages back at night; /quiet off ends it.\n"
            "/timezone Europe/Paris, a city or a shared location sets your clock."
        ),
    ),
    "email": (
        N_("✉️ Email"),
        N_(
            "/email me@example.org sends a code to that address; send it back to me, and drafts are mailed to you too."
            " /email off and /email on switch it.\n/link me@example.org moves your account here from another Telegram"
            " account.\n/push lets notifications pop up in a browser or on a phone.\n/log shows what was delivered,"
            " /inbox what waits only here."
        ),
    ),
    "reach": (
        N_("🔔 What reaches you"),
        N_(
            "/preferences says for posts, reminders and announcements by which channel they come, how many at most,"
            " when not, and by which provider. By typing, for example: /preferences reminders email off, /preferences"
            " announcements cap 3 daily, /preferences posts quiet 22:00-07:00.\n/phone adds your number for SMS and"
            " WhatsApp.\n/log says why something waits or was not sent."
        ),
    ),
    "privacy": (
        N_("🔒 Privacy"),
        N_(
            "/export sends you all of your data as a file.\n/forget erases all of it, after asking you once more.\n"
            "/cancel leaves whatever I have just asked you.\n\nYour Telegram id is {telegram_id}."
        ),
    ),
    "admin": (
        N_("🛠 Admins"),
        N_(
            "/stats 7d shows how it goes, with a chart.\n"
            "/failed shows what was lost, by cause; /retry sends it again.\n"
            "/why 123 or /why @ada tells what became of a delivery, or of what was sent to somebody.\n"
            "/providers shows who carries messages, and changes that. /suppressions shows whom nobody may write to,"
            " /audit who changed what.\n"
            "/broadcast tells many people something, /batches shows how it goes out.\n"
            "/templates shows the texts of all messages, and changes them.\n"
            "Requests for access come here, with buttons."
        ),
    ),
}

DIALOGUES = {  # by the name of a group of states
    "NewIdea": N_("the question for an idea"),
    "OwnWords": N_("the question what should change"),
    "KeepDate": N_("the question for a date"),
    "Samples": N_("taking samples of your voice"),
    "TimezoneDialogue": N_("the question about your timezone"),
    "EmailDialogue": N_("the confirmation of your address"),
    "PreferenceDialogue": N_("the question about a preference"),
    "BroadcastDialogue": N_("the broadcast"),
    "TemplateDialogue": N_("the question for a text"),
    "LiftDialogue": N_("the question for a reason"),
    "EditDialogue": N_("the change of a provider"),
}


def welcome(account: Account) -> str:
    """What a newcomer reads first."""
    hello = escape(_("👋 Hello {name}!").format(name=account.user.name))
    what = escape(
        _(
            "I turn your ideas into drafts of LinkedIn posts. You approve them with one tap, and I bring them to you"
            " wherever you want them."
        )
    )
    first = escape(_("First of all: send me an idea in a sentence or two. Or look around with /help."))
    return f"{hello}\n\n{what}\n\n<b>{first}</b>"


def help_card(topic: str, account: Account, *, is_admin: bool) -> Card:
    """One topic, with the way to the others. Privacy tells people their id: who runs the bot needs an admin's."""
    shown = {name: texts for name, texts in TOPICS.items() if is_admin or name != "admin"}
    title, text = shown.get(topic, (N_("How can I help?"), N_("Pick a topic. Or just send me an idea.")))
    text = _(text).format(telegram_id=account.user.telegram_id)
    buttons = [Button(_(label), data=HelpButton(topic=name).pack()) for name, (label, _text) in shown.items()]
    rows = tuple(tuple(buttons[index : index + 2]) for index in range(0, len(buttons), 2))
    return Card(f"<b>{escape(_(title))}</b>\n\n{escape(text)}", rows)


def cancelled(state: str | None) -> str:
    """What /cancel has ended. `state` is the dialogue's, as aiogram names it: Group:state."""
    if state is None:
        return escape(_("There is nothing to cancel. Send me an idea, or /help."))
    what = DIALOGUES.get(state.partition(":")[0], N_("what I had asked"))
    return escape(_("Cancelled: {what}.").format(what=_(what)))
