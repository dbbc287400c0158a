"""The honest answer to "does somebody do this here?", as a sentence."""

from datetime import timedelta

from routing_core.present.locale_context import LocaleContext
from routing_core.service.kernel.views import Coverage


def coverage_title(coverage: Coverage, reader: LocaleContext) -> str:
    if coverage.partners:
        return reader.t("form.coverage.title", n=coverage.partners, place=coverage.place)
    return reader.t("form.coverage.nobody_title")


def coverage_text(coverage: Coverage, reader: LocaleContext) -> str:
    """When they are there, and when the prospect hears."""
    t, hear = reader.t, reader.when(coverage.hear_by)
    if not coverage.partners:
        return t("form.coverage.nobody", when=hear)
    hear_by = t("form.coverage.hear_by", when=hear)
    if coverage.open_now == coverage.partners:
        return hear_by
    if coverage.open_now:
        return f"{t('form.coverage.open', n=coverage.open_now)} {hear_by}"
    if coverage.opens_at and coverage.opens_at - reader.now < timedelta(days=7):
        return f"{t('form.coverage.opens', when=reader.when(coverage.opens_at))} {hear_by}"
    return hear_by


def hotline_text(coverage: Coverage, reader: LocaleContext) -> str:
    return reader.t("form.coverage.hotline") if coverage.hotline else ""
