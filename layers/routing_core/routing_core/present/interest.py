"""Signs of a sender's interest, as whoever owns the lead and HQ read them."""

from dataclasses import dataclass

from routing_core.domain.lead import Context
from routing_core.present.locale_context import LocaleContext


@dataclass(frozen=True, slots=True)
class ToldInterest:
    """One sign of interest as a page tells it."""

    kind: str
    """Says what it is, and which system says so: ``Webinar, reported by HubSpot``."""
    when: str
    """The instant of it, in words."""
    text: str
    """What was typed, or told by the system."""


def told_interest(context: Context | None, locale: LocaleContext) -> tuple[ToldInterest, ...]:
    """Give all signs of interest, the newest first; none once the context was erased."""
    if context is None:
        return ()
    told = []
    for each in sorted(context.interest, key=lambda sign: sign.at, reverse=True):
        kind = locale.translate(f"common.interest.{each.kind.value}")
        if each.source:
            kind = locale.translate("common.interest.from", kind=kind, source=each.source)
        told.append(ToldInterest(kind, locale.when(each.at), each.text))
    return tuple(told)
