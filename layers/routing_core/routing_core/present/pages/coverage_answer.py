"""The honest answer to "does somebody do this here?", as a sentence."""

from datetime import timedelta

from routing_core.present.locale_context import LocaleContext
from routing_core.service.kernel.views import Coverage

NEAR_OPENING = timedelta(days=7)
"""An opening further away than this is not told: after a long closure it would only discourage."""


def coverage_title(coverage: Coverage, locale: LocaleContext) -> str:
    """Say in a few words how many partners there are, and where."""
    if not coverage.partners:
        return locale.translate("form.coverage.nobody_title")
    return locale.translate("form.coverage.title", n=coverage.partners, place=coverage.place)


def coverage_text(coverage: Coverage, locale: LocaleContext) -> str:
    """Say when the partners are there, and by when the prospect hears of one."""
    when = locale.when(coverage.hear_by)
    if not coverage.partners:
        return locale.translate("form.coverage.nobody", when=when)
    hear_by = locale.translate("form.coverage.hear_by", when=when)
    opening = _opening(coverage, locale)
    return f"{opening} {hear_by}" if opening else hear_by


def _opening(coverage: Coverage, locale: LocaleContext) -> str:
    """Say who is open now or when somebody will be.

    It is empty if all are open, or if it is long until the first one is.
    """
    if coverage.open_now == coverage.partners:
        return ""
    if coverage.open_now:
        return locale.translate("form.coverage.open", n=coverage.open_now)
    opens_at = coverage.opens_at
    if opens_at and opens_at - locale.now < NEAR_OPENING:
        return locale.translate("form.coverage.opens", when=locale.when(opens_at))
    return ""


def hotline_text(coverage: Coverage, locale: LocaleContext) -> str:
    """Say that there is a number to call at once; empty where none is to be shown."""
    return locale.translate("form.coverage.hotline") if coverage.hotline else ""
