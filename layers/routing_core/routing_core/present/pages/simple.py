"""Small pages: thanks, confirmed address, and what went wrong."""

from routing_core.domain.programme.programme import Programme
from routing_core.present.catalog import words
from routing_core.present.locale_context import LocaleContext, locale_name
from routing_core.present.pages.form_json import thanks_sentence
from routing_core.present.pages.frame import render
from routing_core.service.kernel.views import ConfirmView, ThanksView

KINDS = (
    "unreadable",
    "not_found",
    "link_refused",
    "conflict",
    "erased",
    "failure",
    "too_large",
    "unsupported",
    "not_allowed",
)


def thanks_page(view: ThanksView) -> str:
    reader = LocaleContext.prospect(view.programme, view.language, region=view.region)
    t = reader.t
    return render(
        "thanks.html",
        reader,
        view.programme,
        t,
        t("thanks.title"),
        ("forget.js",),
        view=view,
        text=thanks_sentence(view.answer, view.hear_by, reader),
    )


def confirm_page(view: ConfirmView) -> str:
    reader = LocaleContext.at_home(view.programme, view.language)
    state = view.state if view.state in ("ask", "done") else "outdated"
    return render(
        "confirm.html",
        reader,
        view.programme,
        reader.t,
        reader.t(f"confirm.{state}.title"),
        view=view,
        state=state,
    )


def hq_link_page(programme: Programme, action: str = "") -> str:
    """HQ's link is over. ``action``: where the one button posts to; empty once a fresh link is on
    its way.
    """
    reader = LocaleContext.at_home(programme, programme.hq.language)
    state = "ended" if action else "sent"
    title = reader.t(f"queue.link.{state}.title")
    return render("hq_link.html", reader, programme, reader.t, title, state=state, action=action)


def error_page(code: int, kind: str, language: str, programme: Programme | None) -> str:
    """``kind``: one of KINDS; anything else reads as failure."""
    t = words(locale_name(language, programme.country) if programme else language)
    kind = kind if kind in KINDS else "failure"
    return render("error.html", None, programme, t, t(f"errors.{kind}.title"), kind=kind, code=code)
