"""Small pages: thanks, confirmed address, and what went wrong."""

from routing_core.domain.programme.programme import Programme
from routing_core.present.catalog import catalog_for
from routing_core.present.locale_context import LocaleContext, locale_name
from routing_core.present.pages.form_json import thanks_sentence
from routing_core.present.pages.frame import PageFrame, page_in, render
from routing_core.service.kernel.views import ConfirmView, DigestView, ThanksView

ERROR_KINDS = (
    "unreadable",
    "not_found",
    "wrong_method",
    "link_refused",
    "conflict",
    "erased",
    "failure",
    "too_large",
    "unsupported",
    "not_allowed",
)
"""Kinds of errors that have words of their own."""


def thanks_page(view: ThanksView) -> str:
    """Draw the page after an enquiry was sent: what happens next."""
    locale = LocaleContext.for_prospect(view.programme, view.language, region=view.region)
    title = locale.translate("thanks.title")
    page = page_in(locale, view.programme, "thanks.html", title, ("forget.js",))
    return render(page, view=view, text=thanks_sentence(view.answer, view.hear_by, locale))


def confirm_page(view: ConfirmView) -> str:
    """Draw the page that asks whether an address is theirs, or says that it is confirmed."""
    locale = LocaleContext.for_programme(view.programme, view.language)
    state = view.state if view.state in ("ask", "done") else "outdated"
    title = locale.translate(f"confirm.{state}.title")
    return render(page_in(locale, view.programme, "confirm.html", title), view=view, state=state)


def digest_page(view: DigestView) -> str:
    """Draw the page on which a digest is stopped, or brought back."""
    locale = LocaleContext.for_programme(view.programme, view.language)
    state = "stopped" if view.is_stopped else "ask"
    title = locale.translate(f"digest.{state}.title")
    return render(page_in(locale, view.programme, "digest.html", title), view=view, state=state)


def hq_link_page(programme: Programme, action: str = "") -> str:
    """Draw the page that says that HQ's link is over.

    ``action`` is where the one button posts to; empty once a fresh link is on its way.
    """
    locale = LocaleContext.for_programme(programme, programme.hq.language)
    state = "ended" if action else "sent"
    title = locale.translate(f"queue.link.{state}.title")
    return render(page_in(locale, programme, "hq_link.html", title), state=state, action=action)


def error_kind(kind: str) -> str:
    """Give the kind of an error that has words; whatever has none reads as a failure."""
    return kind if kind in ERROR_KINDS else "failure"


def error_page(code: int, kind: str, language: str, programme: Programme | None) -> str:
    """Draw the page of an error. ``kind`` is one of ERROR_KINDS; anything else reads as failure."""
    locale_id = locale_name(language, programme.country) if programme else language
    catalog = catalog_for(locale_id)
    kind = error_kind(kind)
    title = catalog.translate(f"errors.{kind}.title")
    return render(PageFrame("error.html", title, catalog, programme), kind=kind, code=code)
