"""From an event to what its mail is made of.

That is: who gets it, in which language, and how much of the lead it may show.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.enquiry.answers import picked_answers
from routing_core.domain.events import (
    ErasureAsked,
    LeadEvent,
    LeadFollowedUp,
    LeadHandedOver,
    LeadReceived,
    LeadRepeated,
    OfferWithdrawn,
    QuestionAnswered,
    RepeatChanged,
)
from routing_core.domain.hq_people import Right, hq_people, hq_person
from routing_core.domain.lead import Contact, Context, Lead, LeadStatus
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.partner import Partner
from routing_core.domain.people import address_of, people, person_id
from routing_core.domain.programme.programme import Programme
from routing_core.domain.repeats import as_if_alone, differences
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import TRIED_NAMED, Entry, MailView
from routing_core.service.notifications.digests import DigestLine
from routing_core.service.notifications.left_alone import left_alone, stands_in_for_others
from routing_core.service.offers.offer_page import redacted

WITH_CONTACT = {"accepted", "delegated", "repeated", "noted", "contact_reminder", "question"}
"""Mails to the owner: only these carry who asked."""

TO_COLLEAGUE = {"delegated", "repeated", "noted", "status_ask", "quote_ask", "question"}
"""Mails to the owner that only the colleague gets who looks after the lead, if there is one."""

TO_BOTH = {"contact_reminder", "contact_retracted", "prospect_withdrew", "gone"}
"""Mails that go to the firm too: what may cost it the lead, or has."""

NAMED = 200
"""One mail to HQ about unconfirmed addresses names so many partners; the rest is a number."""

RECEIPTS_SHOWN = 10
"""So many enquiries are described in one receipt; the rest is a number."""

ALIKE_NAMED = 5
"""So many addresses from which several came are named in one mail to HQ; HQ's queue lists all."""

OF_ERASED = (OfferWithdrawn, ErasureAsked)
"""All that is still told of an erased lead: there is nothing left to say of who asked."""

ABOUT_PARTNER = {"phone_partner", "partner_paused"}
"""Mails to HQ that a lead gave rise to, but that are about its partner."""


@dataclass(frozen=True, slots=True)
class Case:
    """An event before its lead as it stands now; ``partner`` is the one the event names."""

    event: LeadEvent
    event_id: str
    at: datetime
    lead: Lead
    partner: Partner | None
    programme: Programme


def case_of(services: Services, lead_id: str, version: int, index: int) -> Case | None:
    """Read the event and its lead; None if there is nothing of it to tell any more."""
    lead = services.leads.get(lead_id)
    row = services.leads.event(lead_id, version)
    if lead is None or row is None:
        return None
    event = row.events[index]
    if lead.status is LeadStatus.ERASED and not isinstance(event, OF_ERASED):
        return None
    partner = services.partners.get(event.partner_id) if event.partner_id else None
    return Case(
        event, row.event_id(index), row.at, services.with_towns(lead), partner, services.programme
    )


def entry_of(services: Services, line: DigestLine) -> Entry | None:
    """Say what was tried and why nobody else could be asked, as it stands now.

    It is None for an erased lead.
    """
    lead = services.leads.get(line.lead)
    if lead is None or lead.status is LeadStatus.ERASED:
        return None
    decisions = [row.decision for row in services.leads.events(line.lead) if row.decision]
    excluded = dict(decisions[-1].get("excluded", {})) if decisions else {}
    if decisions and (late := decisions[-1].get("late")):
        excluded["late"] = late
    if decisions and decisions[-1].get("limited"):
        excluded["limited"] = {"count": decisions[-1]["eligible"]}
    return Entry(
        kind=line.kind,
        lead=replace(services.with_towns(lead), contact=None),
        partner=services.partners.get(line.partner) if line.partner else None,
        at=line.at,
        url=services.queue_link(lead.id),
        tried=_tried(services, lead),
        excluded={reason: int(seen["count"]) for reason, seen in excluded.items()},
    )


def fact_view(
    services: Services, case: Case, role: str, template: str, now: datetime
) -> MailView | None:
    """Make the mail that an event means for a role; None if there is nobody to write to."""
    lead, partner, programme = case.lead, case.partner, case.programme
    data: dict[str, Any] = case.event.to_data() | {"at": case.at}
    number = case.event.offer_number
    offer = lead.offer(number) if number is not None else None
    if template == "partner_paused" and partner:
        data["left_alone"] = left_alone(services, partner, now)
        data["backup"] = stands_in_for_others(services, partner, programme)
    if role == "hq":
        return replace(
            hq_view(
                services,
                template,
                now,
                _hq_entries(services, case),
                HqAudience(lead, _about(template, partner), _asker(case)),
            ),
            lead=replace(lead, contact=None),
            offer=offer,
            partner=partner,
            may_be_called=may_be_called(lead),
            event=case.event,
            data=data,
        )
    if role == "prospect":
        owner = services.partners.get(lead.owner) if lead.owner else None
        view = _to_prospect(services, lead, template, now)
        return replace(view, offer=offer, partner=partner or owner, event=case.event, data=data)
    if partner is None:
        return None
    context = services.leads.context(lead.id)
    accepted = next(
        (o for o in lead.offers if o.partner == partner.id and o.status is OfferStatus.ACCEPTED),
        None,
    )
    offer = (
        offer
        or accepted
        or next((o for o in reversed(lead.offers) if o.partner == partner.id), None)
    )
    own = lead.owner == partner.id
    if template == "repeated":
        return _repeated_view(services, case, partner, offer, now)
    links = {"desk": services.links.desk(partner.id, partner.links)}
    if offer:
        links["offer"] = services.links.offer(lead.id, offer.number, partner.id, partner.links)
    to = _to_owner(lead, partner, template) or _to_partner(partner, role, bool(data.get("second")))
    if data.get("second"):
        data["second"] = (
            len(set(to)) > 1
        )  # only what is sent to both may say so; contacts change meanwhile
    return MailView(
        template=template,
        programme=programme,
        language=programme.language_for(partner.language),
        now=now,
        to=to,
        lead=lead if own and template in WITH_CONTACT else redacted(lead, programme),
        context=context if own and template in WITH_CONTACT else None,
        offer=offer,
        partner=partner,
        may_be_called=may_be_called(lead, context),
        event=case.event,
        data=data,
        links=links,
    )


def may_be_called(lead: Lead, context: Context | None = None) -> bool:
    """Tell whether the customer gave a phone number.

    Whoever sees the ``context`` may also call one that only a person can read. Of nobody it is
    known any more once the data is erased.
    """
    number = lead.contact.phone if lead.contact else "erased"
    return bool(number or (context and context.phone_typed))


def _to_prospect(services: Services, lead: Lead, template: str, now: datetime) -> MailView:
    programme = services.programme
    return MailView(
        template=template,
        programme=programme,
        language=programme.language_for(lead.language),
        now=now,
        to=(lead.contact.email,) if lead.contact and lead.contact.email else (),
        lead=without_free_text(as_if_alone(lead), programme),
        may_be_called=may_be_called(lead),
        links={"status": _own_page(services, lead), "form": services.links.form(lead.form)},
    )


def receipt_view(services: Services, leads: Sequence[Lead], now: datetime) -> MailView:
    """Acknowledge the last of these enquiries, and say which others there are.

    All were made with one address. If it waits for that, the mail asks to confirm the address.
    """
    *others, last = map(services.with_towns, leads)
    template = "confirm_enquiry" if last.waits_for_confirmation else "receipt"
    entries = _of_the_same_address(services, LeadReceived.kind, others)
    data = {"more": len(others) - len(entries)}
    return replace(_to_prospect(services, last, template, now), entries=entries, data=data)


def closed_view(services: Services, cases: Sequence[Case], now: datetime) -> MailView | None:
    """Tell why the last of these enquiries was closed, and which others were.

    All were made with one address.
    """
    return _with_those_before(services, cases, "closed", now)


def waiting_view(services: Services, cases: Sequence[Case], now: datetime) -> MailView | None:
    """Tell how the last of these enquiries stands, and which others take longer too.

    All were made with one address.
    """
    template = "follow_up" if isinstance(cases[-1].event, LeadFollowedUp) else "promise_update"
    return _with_those_before(services, cases, template, now)


def _with_those_before(
    services: Services, cases: Sequence[Case], template: str, now: datetime
) -> MailView | None:
    """Make the last one's mail to its sender, with a list of the others."""
    *before, last = cases
    view = fact_view(services, last, "prospect", template, now)
    if view is None:
        return None
    entries = _of_the_same_address(services, last.event.kind, [case.lead for case in before])
    return replace(view, entries=entries, data={**view.data, "more": len(before) - len(entries)})


def _of_the_same_address(services: Services, kind: str, leads: Sequence[Lead]) -> tuple[Entry, ...]:
    """List enquiries made with one address, no more than a mail can show."""
    programme = services.programme
    return tuple(
        Entry(
            kind=kind,
            lead=without_free_text(as_if_alone(lead), programme),
            partner=None,
            at=lead.received_at,
            url=_own_page(services, lead),
        )
        for lead in leads[-RECEIPTS_SHOWN:]
    )


_THREE_LETTERS = re.compile(r"[^\W\d_]{3}")
"""More than any country's postcodes have in a row: it is a word."""


def without_free_text(lead: Lead, programme: Programme) -> Lead:
    """Give the lead without anything that a stranger could have written a message in.

    That is what a mail may show to an address that nobody has proven to be theirs. Work, urgency
    and chosen answers are the programme's own words.
    """
    return replace(
        lead,
        contact=Contact(name="", email=lead.contact.email) if lead.contact else None,
        town="",
        postcode="" if _THREE_LETTERS.search(lead.postcode) else lead.postcode,
        answers=picked_answers(programme.form(lead.form), lead.answers),
    )


def news_view(services: Services, cases: Sequence[Case], now: datetime) -> MailView | None:
    """Tell a partner the latest news of a lead, and how many came before it."""
    *before, last = cases
    template = "repeated" if isinstance(last.event, (LeadRepeated, RepeatChanged)) else "noted"
    view = fact_view(services, last, "partner", template, now)
    return view and replace(view, data={**view.data, "more": len(before)})


def _repeated_view(
    services: Services, case: Case, partner: Partner, offer: Offer | None, now: datetime
) -> MailView | None:
    """Tell whoever has the first enquiry of the attached one.

    An owner sees it, anybody else that there is one. None if it is no longer attached, for then it
    is not theirs to see.
    """
    first = case.lead
    if not isinstance(case.event, (LeadRepeated, RepeatChanged)):
        return None
    pair = next(iter(services.leads.with_contexts([case.event.repeat])), None)
    if pair is None or pair[0].attached_to != first.id or pair[0].contact is None:
        return None
    second, context = services.with_towns(pair[0]), pair[1]
    own = first.owner == partner.id
    links = {"desk": services.links.desk(partner.id, partner.links)}
    if offer:
        links["offer"] = services.links.offer(first.id, offer.number, partner.id, partner.links)
    return MailView(
        template="repeated",
        programme=case.programme,
        language=case.programme.language_for(partner.language),
        now=now,
        to=_to_owner(first, partner, "repeated") or _to_partner(partner, "partner", second=False),
        lead=replace(second, owner=first.owner) if own else redacted(first, case.programme),
        context=context if own else None,
        offer=offer,
        partner=partner,
        event=case.event,
        data=case.event.to_data() | {"at": case.at, "differs": differences(second, first)},
        links=links,
        offered_lead=first,
    )


def _own_page(services: Services, lead: Lead) -> str:
    """Give the address of the enquiry's page.

    It has the button that confirms the email address, as long as the lead waits for that.
    """
    if lead.waits_for_confirmation and lead.contact:
        return services.links.confirm_enquiry(lead.id, email_mark(lead.contact.email))
    return services.links.status(lead.id)


def _about(template: str, partner: Partner | None) -> tuple[Partner, ...]:
    return (partner,) if partner and template in ABOUT_PARTNER else ()


def _asker(case: Case) -> tuple[str, ...]:
    """Give the address of who at HQ asked what is answered.

    It is empty for any other event, and where they are not there any more, or the lead is of no
    region of theirs by now: whoever has those hears of it then.
    """
    if not isinstance(case.event, QuestionAnswered):
        return ()
    person = hq_person(case.programme, case.event.asker.partition(":")[2])
    return (person.email,) if person and person.sees(case.lead) else ()


def _hq_entries(services: Services, case: Case) -> tuple[Entry, ...]:
    lead = replace(case.lead, contact=None)
    handed_on = isinstance(case.event, LeadHandedOver) and case.event.to is not None
    tried = _tried(services, lead) if handed_on else ()
    return (
        Entry(case.event.kind, lead, case.partner, case.at, services.queue_link(lead.id), tried),
    )


def _tried(services: Services, lead: Lead) -> tuple[tuple[Partner | None, Offer], ...]:
    last = len(lead.offers) - 1  # who has it now, if it was handed over
    return tuple(
        (
            services.partners.get(offer.partner) if place < TRIED_NAMED or place == last else None,
            offer,
        )
        for place, offer in enumerate(lead.offers)
    )


@dataclass(frozen=True, slots=True)
class HqAudience:
    """What a mail to HQ is about, and so which channel managers get it too."""

    lead: Lead | None = None
    """The lead, if it is about a single one; else the entries say whose regions count."""
    about: tuple[Partner, ...] = ()
    """The partners whose regions count too."""
    to: tuple[str, ...] = ()
    """The addresses, where they do not follow from the regions."""


EVERYBODY_AT_HQ = HqAudience()
"""The readers of a mail that is about no region, or about those of its entries."""


def hq_view(
    services: Services,
    template: str,
    now: datetime,
    entries: tuple[Entry, ...] = (),
    audience: HqAudience = EVERYBODY_AT_HQ,
) -> MailView:
    """Make a mail to HQ and the channel managers of the regions that it is about."""
    programme = services.programme
    lead = audience.lead
    links = {"queue": services.queue_link()}
    if lead:
        links["lead"] = services.queue_link(lead.id)
    return MailView(
        template=template,
        programme=programme,
        language=programme.hq.language,
        now=now,
        to=audience.to or _at_hq(programme, _regions(audience, entries, programme)),
        links=links,
        entries=entries,
    )


def _regions(
    audience: HqAudience, entries: Iterable[Entry], programme: Programme
) -> frozenset[str]:
    """Name the regions that a mail to HQ is about."""
    leads = [audience.lead] if audience.lead else [entry.lead for entry in entries]
    regions = frozenset(lead.region for lead in leads)
    return regions.union(*(regions_of(partner, programme) for partner in audience.about))


def _at_hq(programme: Programme, regions: frozenset[str]) -> tuple[str, ...]:
    """Give the addresses of whoever acts for HQ in one of these regions.

    Each of these mails asks somebody to do something, which viewers cannot. There always is an
    admin, who is responsible for every region.
    """
    return tuple(
        person.email
        for person in hq_people(programme)
        if person.may(Right.ACT_ON_LEADS) and person.sees_any_of(regions)
    )


def _to_owner(lead: Lead, partner: Partner, template: str) -> tuple[str, ...]:
    """Give the addresses of a mail to the owner, if a colleague looks after the lead.

    It is empty for a mail that goes where all of this partner's go.
    """
    colleague = lead.colleague
    if (
        colleague is None
        or colleague.partner != partner.id
        or template not in TO_COLLEAGUE | TO_BOTH
    ):
        return ()
    if not partner.reaches(colleague.email):
        return ()
    firm = _to_partner(partner, "partner", second=False) if template in TO_BOTH else ()
    return tuple(dict.fromkeys((colleague.email, *firm)))


def _to_partner(partner: Partner, role: str, second: bool) -> tuple[str, ...]:
    """Give the addresses of a mail to the partner.

    The second contact stands in where mail to the first comes back; nobody does, if to both.
    """
    other = (partner.second.email,) if partner.second else ()
    if role == "second" or partner.bounced:
        return other
    return (partner.contact.email, *other) if second else (partner.contact.email,)


def unconfirmed_view(
    services: Services, partners: Collection[str], now: datetime
) -> MailView | None:
    """Tell HQ which of these partners have still not confirmed their address.

    It is None if all have.
    """
    waiting = [each for each in services.partners.some(partners) if not each.confirmed]
    if not waiting:
        return None
    names = sorted(each.name for each in waiting)
    data = {"count": len(waiting), "names": names[:NAMED]}
    return replace(
        hq_view(services, "partner_unconfirmed", now, audience=HqAudience(about=tuple(waiting))),
        data=data,
    )


def calendars_view(
    services: Services, what: str, data: Mapping[str, Any], now: datetime
) -> MailView:
    """Tell HQ of a calendar.

    Holidays were ``renewed``, a list written ``by_hand`` ends, or ``zones`` are not those of a
    place.
    """
    names = tuple(data.get("names", ()))[:NAMED]
    return replace(hq_view(services, "calendars", now), data={**data, "names": names, "what": what})


def held_back_view(services: Services, lead_ids: Sequence[str], now: datetime) -> MailView | None:
    """Tell HQ how many of these still wait for their senders, and how many came from one address.

    It is None if none does.
    """
    leads = [
        lead for lead in services.leads.several(lead_ids) if lead.status is LeadStatus.QUARANTINED
    ]
    if not leads:
        return None
    alike = Counter(lead.from_client for lead in leads if lead.from_client).most_common(ALIKE_NAMED)
    data = {"count": len(leads), "alike": [count for _, count in alike if count > 1]}
    view = hq_view(services, "held_back", now)
    links = {**view.links, "held_back": f"{services.queue_link()}?section=quarantined"}
    return replace(view, data=data, links=links)


def other_bounced_view(
    services: Services, partner: Partner, email: str, who: str, now: datetime
) -> MailView:
    """Tell HQ that mail to a partner's second contact or colleague comes back.

    ``who`` is ``second``, or names the colleague.
    """
    view = hq_view(services, "other_bounced", now, audience=HqAudience(about=(partner,)))
    return replace(view, partner=partner, data={"email": email, "who": who})


@dataclass(frozen=True, slots=True)
class PartnerNotice:
    """What a mail about a partner is about, where it is about no lead."""

    kind: str
    """The kind of the event."""
    partner: Partner
    """The partner, as the table has it now."""
    event: str
    """Names the occasion, so that each is told once; what stands before its full stop is why."""
    person: str = ""
    """Names by short id whom it is for; empty: the main contact."""

    @property
    def key(self) -> str:
        """Give the key of the occasion."""
        parts = (self.kind, self.partner.id, self.event, self.person)
        return ".".join(part for part in parts if part)


def partner_view(
    services: Services, notice: PartnerNotice, role: str, template: str, now: datetime
) -> MailView:
    """Make a mail to a partner, or to HQ about one.

    If nobody there has the id of the person any more, it goes to the main contact.
    """
    partner, programme = notice.partner, services.programme
    if role == "hq":
        audience = HqAudience(about=(partner,))
        return replace(hq_view(services, template, now, audience=audience), partner=partner)
    contact = partner.contact.email
    generation = people(partner)[person_id(contact)]
    return MailView(
        template=template,
        programme=programme,
        language=programme.language_for(partner.language),
        now=now,
        to=(address_of(partner, notice.person) or contact,),
        partner=partner,
        data={"why": notice.event.partition(".")[0]},
        links={
            "desk": services.links.desk(partner.id, partner.links),
            "confirm": services.links.confirm(partner.id, email_mark(contact), generation),
        },
    )
