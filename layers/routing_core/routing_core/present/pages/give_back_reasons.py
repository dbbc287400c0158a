"""The reasons for which an owner may give an enquiry back, each with what comes of it."""

from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from routing_core.domain.programme.reasons import ReturnReason, Tries
from routing_core.domain.returns import Missing, missing
from routing_core.present.locale_context import LocaleContext
from routing_core.service.kernel.views import OfferView
from routing_core.service.offers.offer_rights import BY_MISTAKE


class GiveBackReason(NamedTuple):
    """Offers one reason to choose."""

    value: str
    """The value that is posted."""
    label: str
    """The reason in words."""
    outcome: str
    """Says what comes of it for the enquiry and the partner, and what the reason still needs."""


def give_back_reasons(view: OfferView, locale: LocaleContext) -> list[GiveBackReason]:
    """List the reasons that count now, that of a mistake first."""
    reasons = [
        GiveBackReason(reason.id, locale.say(reason.label), _outcome(reason, view, locale))
        for reason in view.give_back
    ]
    if view.return_until is None:
        return reasons
    until = locale.when(view.return_until)
    by_mistake = GiveBackReason(
        BY_MISTAKE,
        locale.translate("offer.give_back.mistake.label"),
        locale.translate("offer.give_back.mistake.then", when=until),
    )
    return [by_mistake, *reasons]


def _outcome(reason: ReturnReason, view: OfferView, locale: LocaleContext) -> str:
    brand = view.programme.brand.name
    for_figures = "neutral" if reason.neutral else "counts"
    told = [
        locale.translate(f"offer.give_back.then.{reason.then}", brand=brand),
        locale.translate(f"offer.give_back.{for_figures}"),
    ]
    if reason.needs:
        told.append(_needs(reason, reason.needs, view, locale))
    return " ".join(told)


def _needs(reason: ReturnReason, needs: Tries, view: OfferView, locale: LocaleContext) -> str:
    """Say how often the customer must have been called, and what of it is missing."""
    lacking = missing(needs, view.lead.attempts, view.partner.time_zone)
    after = time.fromisoformat(needs.after) if needs.after else None
    asked = Missing(needs.attempts, needs.days, after)
    told = locale.translate(
        "offer.give_back.needs",
        reason=locale.say(reason.label),
        list=_listed("need", asked, view, locale),
    )
    if not lacking:
        return f"{told} {locale.translate('offer.give_back.enough')}"
    rest = _listed("lack", lacking, view, locale)
    return f"{told} {locale.translate('offer.give_back.missing', list=rest)}"


def _listed(group: str, calls: Missing, view: OfferView, locale: LocaleContext) -> str:
    """Say how many calls on how many days, and after which time of day, in the words of a group."""
    words = f"offer.give_back.{group}"
    parts = []
    if calls.attempts:
        parts.append(locale.translate(f"{words}.attempts", n=calls.attempts))
    if calls.days:
        parts.append(locale.translate(f"{words}.days", n=calls.days))
    if calls.after is not None:
        zone = ZoneInfo(view.partner.time_zone)
        today = view.now.astimezone(zone).date()
        # A time of day is written like an instant's, so it borrows today's date.
        clock = locale.time_of_day(datetime.combine(today, calls.after, zone))
        parts.append(locale.translate(f"{words}.after", time=clock))
    return ", ".join(parts)
