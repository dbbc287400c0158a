"""Say of a lead that somebody entered for its sender: who, how it came, and how they agreed."""

from routing_core.domain.lead import Context
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.lead_summary import LabelledLine
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line


def entered_lines(
    context: Context, locale: LocaleContext, programme: Programme
) -> list[LabelledLine]:
    """Give the lines for HQ's page of the lead; none where the sender posted it."""
    told = context.on_behalf
    if told is None:
        return []
    lines = [
        _line("by", who_at_hq(told.by, locale, programme), locale),
        _line("way", locale.translate(f"hq_entry.way.{told.way}"), locale),
        _line("consent", _consent(context, locale), locale),
    ]
    if told.asked_at:
        lines.append(_line("asked_at", locale.when(told.asked_at), locale))
    return [each for each in lines if each.value]


def _consent(context: Context, locale: LocaleContext) -> str:
    """Say how they agreed, who heard it and when; empty where nobody had to agree."""
    told = context.on_behalf
    if told is None or not context.consent_version:
        return ""
    parts = [locale.translate(f"hq_entry.consent_way.{told.consent_way}"), line(told.consent_by)]
    if told.consent_at:
        parts.append(locale.when(told.consent_at))
    return ", ".join(filter(None, parts))


def _line(name: str, value: str, locale: LocaleContext) -> LabelledLine:
    return LabelledLine(name, locale.translate(f"hq_entry.entered.{name}"), value)
