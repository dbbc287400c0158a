"""Events told in sentences: the timeline of a lead, the lines of HQ's digests and alerts.

``EVENT_SENTENCES`` has one function for each class of events; a test fails for a class without one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain import events
from routing_core.domain.events import CommitRecord, LeadEvent
from routing_core.domain.lead import Lead
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import Reason, ReturnReason
from routing_core.domain.reasons import HQ_DECIDES_FIRST, PAST_ENDS
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line

BY_HQ = (
    events.ClaimGranted,
    events.FileAttached,
    events.FileRemoved,
    events.InterestShown,
    events.LeadAssigned,
    events.LeadErased,
    events.LeadMoved,
    events.LeadNoted,
    events.LeadReceived,
    events.LeadRejected,
    events.LeadReleased,
    events.LeadRerouted,
    events.LeadWithdrawn,
    events.OfferWithdrawn,
    events.QuestionAsked,
)
"""Events that say who did it, where that was somebody at HQ."""
NOT_OF_HQ = ("prospect", "partner")
"""Who else may have moved a lead or written a note."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event as a line of the timeline."""

    when: str
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells events to one reader; ``partners`` are all whom the events name, by id."""

    locale: LocaleContext
    programme: Programme
    partners: Mapping[str, Partner]
    owner: str | None = None
    """Who has the lead now: meant where an event names no partner."""

    def words(self, event: LeadEvent, variant: str = "", **fill: Any) -> str:
        """Give the catalogue's sentence for the event's kind, with its partner filled in."""
        partner = self.name_of(event.partner_id or self.owner)
        return self.locale.translate(f"facts.{event.kind}{variant}", partner=partner, **fill)

    def name_of(self, partner_id: str | None) -> str:
        """Name a partner, by id if they are no longer known."""
        if not partner_id:
            return self.locale.translate("common.label.partner")
        known = self.partners.get(partner_id)
        return known.name if known else partner_id

    def by_when(self, event: LeadEvent, until: datetime | None) -> str:
        """Tell the event with the instant that it names, if it names one."""
        if until is None:
            return self.words(event)
        return self.words(event, "_until", until=self.locale.when(until))

    def money(self, amount: str, currency: str | None) -> str:
        """Spell an amount in its own currency, else in the programme's."""
        return self.locale.money(amount, currency or self.programme.currency)

    def code(self, group: str, code: str | None) -> str:
        """Give the catalogue's words for a code of the product."""
        return (
            self.locale.catalog.of_code(group, code)
            if code
            else self.locale.translate("common.none")
        )

    def reason(self, reasons: Sequence[Reason | ReturnReason], code: str | None) -> str:
        """Give the programme's words for one of its reasons."""
        return (
            reason_words(reasons, code, self.locale)
            if code
            else self.locale.translate("common.none")
        )


def reason_words(reasons: Sequence[Reason | ReturnReason], code: str, locale: LocaleContext) -> str:
    """Give the programme's own words for a decline, return or lost reason.

    What follows a colon in the code is free text.
    """
    code, _, text = code.partition(":")
    ours = locale.catalog.find(f"facts.reason.{code}") or code.replace("_", " ")
    words = next((locale.say(each.label) for each in reasons if each.id == code), ours)
    if text.strip():
        words = f"{words} ({text.strip()})"
    return line(words) or locale.translate("common.none")


def offer_reason(offer: Offer, programme: Programme, locale: LocaleContext) -> str:
    """Say why a partner declined, claims or gave back; empty if there was no reason to give."""
    if not offer.reason:
        return ""
    returned = offer.status is OfferStatus.RETURNED
    reasons = programme.return_reasons if returned else programme.decline_reasons
    return reason_words(reasons, offer.reason, locale)


def instant(value: Any) -> datetime | None:
    """Read an instant that is ISO text or already one; None for anything else."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        return None


def sentence(
    event: LeadEvent,
    locale: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
    lead: Lead | None = None,
) -> str:
    """Tell one event as a sentence; whatever the event leaves out is simply not said."""
    teller = Teller(locale, programme, partners, lead.owner if lead else None)
    tell = EVENT_SENTENCES.get(type(event))
    if tell is None:
        return line(event.kind.replace(".", " ").replace("_", " "))
    told = tell(event, teller)
    who = ""
    if isinstance(event, BY_HQ) and event.by not in NOT_OF_HQ:
        who = who_at_hq(event.by or "", teller.locale, teller.programme)
    return f"{told} ({line(who)})" if who else told


def moments(
    rows: tuple[CommitRecord, ...],
    locale: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
    lead: Lead,
) -> tuple[Moment, ...]:
    """Tell the events of all commits in order.

    What came of an enquiry at once is told after its arrival, though one commit holds both.
    """
    told = []
    for row in rows:
        for event in sorted(row.events, key=lambda event: not _is_arrival(row, event)):
            words = sentence(event, locale, programme, partners, lead)
            told.append(Moment(locale.when(row.at), event.kind, words))
    return tuple(told)


def _is_arrival(row: CommitRecord, event: LeadEvent) -> bool:
    return row.version == 1 and isinstance(event, events.LeadReceived)


def offer_outcome(offer: Offer, locale: LocaleContext, programme: Programme) -> str:
    """Say how an offer ended: ``declined (no capacity), today 10:04``."""
    words = locale.translate(f"facts.offer_status.{offer.status.value}")
    because = ""
    if offer.status in (OfferStatus.DECLINED, OfferStatus.EXISTING_CUSTOMER, OfferStatus.RETURNED):
        because = offer_reason(offer, programme, locale)
    elif offer.status is OfferStatus.WITHDRAWN and offer.reason:
        because = locale.catalog.of_code("facts.why", offer.reason)
    if because:
        words = f"{words} ({because})"
    ended_at = offer.answered_at
    if ended_at is None and offer.status is OfferStatus.EXPIRED:
        ended_at = offer.expires_at
    return f"{words}, {locale.when(ended_at)}" if ended_at else words


def lapses_in_a_row(event: LeadEvent | None, programme: Programme) -> int:
    """Count the lapses that an event tells of; else give the programme's number for it."""
    if isinstance(event, events.PartnerPaused):
        return event.lapses or programme.lapses.pause
    if isinstance(event, events.PartnerUnseen) and event.lapses:
        return event.lapses
    return programme.lapses.unseen_to_hq


# ── one function for each event that says more than its name and its partner ──────────────────────


def _plain(event: LeadEvent, teller: Teller) -> str:
    return teller.words(event)


def _why_held_back(event: events.LeadQuarantined | events.LeadConfirmed, teller: Teller) -> str:
    return teller.words(event, reason=teller.code("facts.spam", event.reason))


def _released(event: events.LeadReleased, teller: Teller) -> str:
    return teller.words(event, "_decided" if event.reason in HQ_DECIDES_FIRST else "")


def _offer_made(event: events.OfferMade, teller: Teller) -> str:
    locale = teller.locale
    told = teller.by_when(event, event.until)
    if event.offer_kind and event.offer_kind is not OfferKind.ROUTED:
        told = f"{told} ({locale.catalog.of_code('facts.kind', event.offer_kind.value)})"
    if event.wave:
        told = f"{told} ({locale.translate('facts.wave', wave=event.wave)})"
    if event.shortened:
        told = f"{told} ({locale.translate('facts.shortened')})"
    if event.no_reminder:
        told = f"{told} ({locale.catalog.of_code('facts.no_reminder', event.no_reminder)})"
    if event.holidays_through:
        told = f"{told} ({locale.translate('facts.holidays_through', year=event.holidays_through)})"
    return told


def _offer_accepted(event: events.OfferAccepted, teller: Teller) -> str:
    told = teller.words(event)
    if not event.no_reminder:
        return told
    return f"{told} ({teller.locale.catalog.of_code('facts.no_reminder', event.no_reminder)})"


def _with_until(
    event: events.OfferShortened
    | events.OfferUnsent
    | events.OfferSentLate
    | events.ContactAtRisk
    | events.PromiseRenewed
    | events.LeadHeld,
    teller: Teller,
) -> str:
    return teller.by_when(event, event.until)


def _offer_reminded(event: events.OfferReminded, teller: Teller) -> str:
    return teller.words(event, "_second" if event.second else "")


def _turned_down(
    event: events.OfferDeclined | events.ExistingCustomerClaimed, teller: Teller
) -> str:
    return teller.words(event, reason=teller.reason(teller.programme.decline_reasons, event.reason))


def _offer_expired(event: events.OfferExpired, teller: Teller) -> str:
    return teller.words(event, "_shared" if event.shared else "")


def _offer_withdrawn(event: events.OfferWithdrawn, teller: Teller) -> str:
    return teller.words(event, why=teller.code("facts.why", event.why))


def _returned(event: events.LeadReturned, teller: Teller) -> str:
    return teller.words(event, reason=teller.reason(teller.programme.return_reasons, event.reason))


def _handed_over(event: events.LeadHandedOver, teller: Teller) -> str:
    return (
        teller.words(event, "_to", to=teller.name_of(event.to))
        if event.to
        else _plain(event, teller)
    )


def _with_value(event: events.LeadQuoted | events.LeadWon, teller: Teller) -> str:
    if not event.value:
        return teller.words(event)
    return teller.words(event, "_value", value=teller.money(event.value, event.currency))


def _lost(event: events.LeadLost, teller: Teller) -> str:
    ours = teller.locale.catalog.find(f"facts.closed.{event.reason}")
    return teller.words(
        event, reason=ours or teller.reason(teller.programme.lost_reasons, event.reason)
    )


def _undone(event: events.LeadUndone, teller: Teller) -> str:
    return teller.words(event, of=teller.code("facts.status_name", event.step))


def _queued(event: events.LeadQueued, teller: Teller) -> str:
    return teller.words(event, reason=teller.code("facts.queue", event.reason))


def _by_somebody(event: events.LeadMoved | events.LeadNoted, teller: Teller) -> str:
    """Say which side did it: HQ's people and API keys have names of their own."""
    side = event.by if event.by in NOT_OF_HQ else "hq"
    return teller.words(event, by=teller.locale.translate(f"facts.by.{side}"))


def _in_touch(event: events.LeadNotCalled | events.ContactConfirmed, teller: Teller) -> str:
    return teller.words(event, "_write" if event.write else "")


def _interest(event: events.InterestShown, teller: Teller) -> str:
    return teller.words(event, n=event.count)


def _withdrawn(event: events.LeadWithdrawn, teller: Teller) -> str:
    return teller.words(event, "_by_hq" if event.by else "")


def _erased(event: events.LeadErased, teller: Teller) -> str:
    return teller.words(event, "_request" if event.by else "")


def _lapses(event: events.PartnerUnseen | events.PartnerPaused, teller: Teller) -> str:
    return teller.words(event, n=lapses_in_a_row(event, teller.programme))


def _arrival(event: events.LeadReceived, teller: Teller) -> str:
    return teller.words(event, "_entered" if event.by else "")


EVENT_SENTENCES: Mapping[type[LeadEvent], Callable[[Any, Teller], str]] = {
    events.LeadReceived: _arrival,
    events.LeadRepeated: _plain,
    events.RepeatChanged: _plain,
    events.RepeatFound: _plain,
    events.LeadAttached: _plain,
    events.FirstEnded: _plain,
    events.AttachmentKept: _plain,
    events.AttachmentEnded: _plain,
    events.LeadServed: _plain,
    events.LeadQuarantined: _why_held_back,
    events.LeadConfirmed: _why_held_back,
    events.LeadReleased: _released,
    events.LeadRejected: _plain,
    events.LeadNurtured: _plain,
    events.NurtureAsked: _plain,
    events.NurtureReady: _plain,
    events.OfferMade: _offer_made,
    events.OfferSeen: _plain,
    events.OfferShortened: _with_until,
    events.OfferUnsent: _with_until,
    events.OfferSentLate: _with_until,
    events.OfferReminded: _offer_reminded,
    events.OfferRedirected: _plain,
    events.OfferAccepted: _offer_accepted,
    events.OfferDeclined: _turned_down,
    events.OfferExpired: _offer_expired,
    events.OfferWithdrawn: _offer_withdrawn,
    events.OfferReturned: _plain,
    events.ExistingCustomerClaimed: _turned_down,
    events.ClaimGranted: _plain,
    events.LeadReturned: _returned,
    events.LeadDelegated: _plain,
    events.LeadHandedOver: _handed_over,
    events.WaitingListJoined: _plain,
    events.ContactReminded: _plain,
    events.ContactAtRisk: _with_until,
    events.ContactMissed: _plain,
    events.ContactRetracted: _plain,
    events.ContactAttempted: _plain,
    events.LeadContacted: _plain,
    events.LeadQuoted: _with_value,
    events.LeadWon: _with_value,
    events.LeadLost: _lost,
    events.LeadUndone: _undone,
    events.StatusAsked: _plain,
    events.QuoteMissed: _plain,
    events.OutcomeMissed: _plain,
    events.LeadExhausted: _plain,
    events.LeadQueued: _queued,
    events.LeadHeld: _with_until,
    events.LeadFollowedUp: _plain,
    events.LeadRetried: _plain,
    events.LeadRerouted: _plain,
    events.LeadClosed: lambda event, teller: teller.words(event, PAST_ENDS.get(event.reason, "")),
    events.LeadAssigned: _plain,
    events.PromiseRenewed: _with_until,
    events.LeadCorrected: _plain,
    events.LeadMoved: _by_somebody,
    events.OfferMoved: _plain,
    events.LeadNoted: _by_somebody,
    events.QuestionAsked: _plain,
    events.QuestionAnswered: _plain,
    events.InterestShown: _interest,
    events.FileAttached: _plain,
    events.FileRemoved: _plain,
    events.LeadWithdrawn: _withdrawn,
    events.LeadNotCalled: _in_touch,
    events.ContactConfirmed: _in_touch,
    events.ErasureAsked: _plain,
    events.NoteErased: _plain,
    events.LeadErased: _erased,
    events.CapacityFreed: _plain,
    events.PartnerUnseen: _lapses,
    events.PartnerResumed: _plain,
    events.PartnerPaused: _lapses,
}
