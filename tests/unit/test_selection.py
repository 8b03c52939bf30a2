"""Which providers, in which order, and why."""

from core.delivery.selection import Candidate, route

SMTP, SENDGRID = Candidate("smtp", 2), Candidate("sendgrid", 1)


def test_the_smallest_priority_comes_first():
    """However they are listed."""
    found = route([SMTP, SENDGRID])
    assert found.order == (SENDGRID, SMTP)
    assert found.reasons == ("sendgrid: priority 1", "smtp: priority 2")


def test_a_pinned_provider_is_the_only_one():
    """The others are named with the reason why not."""
    found = route([SMTP, SENDGRID], pinned="smtp", why_pinned="perhaps already sent by")
    assert found.order == (SMTP,)
    assert "sendgrid: skipped, perhaps already sent by smtp" in found.reasons


def test_a_pinned_provider_that_is_not_set_up_is_said_to_be_missing():
    """Nobody else steps in for it."""
    found = route([SMTP], pinned="mailgun")
    assert found.order == ()
    assert "mailgun: asked for, but not set up" in found.reasons


def test_a_blocked_provider_is_passed_over():
    """The user does not want to hear from it."""
    assert route([SMTP, SENDGRID], blocked={"sendgrid"}).order == (SMTP,)


def test_no_provider_at_all_has_a_reason_too():
    """`/why` must have something to show."""
    assert route([]).reasons == ("no provider is set up for this channel",)
