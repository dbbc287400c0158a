"""Lets the reader of a digest have it no more, and again (RFC 8058: one click, by a post).

A digest is what comes by the clock, with nothing in it that waits for its reader. Offers, alerts
and questions are none: they cannot be stopped so.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import DigestView, MailView

DIGESTS = frozenset({"digest", "hq_report", "partner_report"})
"""The templates of digests: HQ's confirmations that travel together, and the reports."""
HAVE_AGAIN = "again"
"""What the page's button posts as ``action`` to have the digest again."""


class DigestReaders(Protocol):
    """Keeps who wants which digest no more, by the marks of their addresses."""

    def without(self, digest: str, readers: Collection[str]) -> frozenset[str]:
        """Give those of the readers who have stopped a digest."""

    def stop(self, digest: str, reader: str) -> None:
        """Note that a reader wants a digest no more; noted again it changes nothing."""

    def resume(self, digest: str, reader: str) -> None:
        """Note that a reader wants a digest again."""


def to_its_readers(readers: DigestReaders, view: MailView) -> MailView:
    """Leave out whoever has stopped the digest that a mail is; any other mail stays as it is."""
    if view.template not in DIGESTS:
        return view
    stopped = readers.without(view.template, {_mark(email) for email in view.to})
    return replace(view, to=tuple(email for email in view.to if _mark(email) not in stopped))


def with_way_out(services: Services, view: MailView) -> MailView:
    """Give a digest to one reader the link by which they stop it."""
    if view.template not in DIGESTS:
        return view
    url = services.links.stop_digest(_mark(view.to[0]), view.template)
    return replace(view, links={**view.links, "unsubscribe": url})


def view_digest(
    services: Services, readers: DigestReaders, token_text: str, language: str
) -> DigestView:
    """Show the button that stops a digest, or the one that brings it back; raises LinkRefused."""
    token = services.links.read(Purpose.DIGEST, token_text)
    is_stopped = token.subject in readers.without(token.extra, [token.subject])
    return _view(services, token, language, is_stopped=is_stopped)


def act_on_digest(
    services: Services, readers: DigestReaders, token_text: str, action: str, language: str
) -> DigestView:
    """Stop a digest, or bring it back if ``action`` says so; raises LinkRefused."""
    token = services.links.read(Purpose.DIGEST, token_text)
    if action == HAVE_AGAIN:
        readers.resume(token.extra, token.subject)
    else:
        readers.stop(token.extra, token.subject)
    return _view(services, token, language, is_stopped=action != HAVE_AGAIN)


def _view(services: Services, token: Token, language: str, *, is_stopped: bool) -> DigestView:
    programme = services.programme
    return DigestView(programme, programme.language_for(language), token.extra, is_stopped)


def _mark(email: str) -> str:
    return email_mark(email.casefold())
