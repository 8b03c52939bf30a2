"""An access request after an admin has pressed."""

from core.accounts.access import Decision
from core.i18n import gettext as _
from core.model import Access, Card
from core.rendering.telegram_text import escape


def decided(decision: Decision) -> Card:
    """Who was let in or kept out; whether another admin had answered before."""
    allowed = decision.access is Access.ALLOWED
    text = _("✅ {name} may use this bot.") if allowed else _("🚫 {name} may not use this bot.")
    lines = [text.format(name=decision.user.name)]
    if not allowed:
        lines.append(_("To let them in after all, add {id} to ACCESS_LIST.").format(id=decision.user.telegram_id))
    if not decision.is_new:
        lines.append(_("That was decided before."))
    return Card(escape("\n".join(lines)))
