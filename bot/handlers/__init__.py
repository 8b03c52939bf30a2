"""One file per topic, each with its `router`. The order matters only where two would take the same update."""

from aiogram import Router

from bot.handlers import (
    access,
    admin,
    audit,
    batches,
    broadcast,
    dates,
    drafts,
    email,
    failed,
    ideas,
    log,
    posts,
    privacy,
    push,
    reminders,
    settings,
    start,
    stats,
    suppressions,
    templates,
    timezone,
    versions,
    voice,
    why,
)

# The buttons of a draft card are pressed most. An admin's /start is seen by both; commands leave a dialogue; a
# dialogue's answer comes before the ideas, which take any text.
ROUTERS: tuple[Router, ...] = (
    drafts.router,
    admin.router,
    broadcast.router,
    batches.router,
    stats.router,
    templates.router,
    failed.router,
    why.router,
    suppressions.router,
    audit.router,
    start.router,
    access.router,
    settings.router,
    email.router,
    timezone.router,
    reminders.router,
    privacy.router,
    push.router,
    voice.router,
    posts.router,
    log.router,
    versions.router,
    dates.router,
    ideas.router,
)
