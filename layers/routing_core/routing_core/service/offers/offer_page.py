"""What a partner sees behind an offer link: the state of things for exactly this offer,
honestly.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing_core.domain.absences import away
from routing_core.domain.errors import LinkRefused, NotFound, Problem
from routing_core.domain.lead import OWNED, Contact, Context, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.partner import Load, Partner, as_it_stands
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import ReturnReason
from routing_core.domain.repeats import certainly_alike, differences
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.access import Reader, reader_of
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import AttachedView, OfferState, OfferView

FRESH = timedelta(days=1)
BY_MISTAKE = "accepted by mistake"
"""The reason for the early return, beside those of the programme; no reason of a programme can be
called so.
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """An offer link, checked, with everything its page needs in one read."""

    lead: Lead
    context: Context
    offer: Offer
    partner: Partner
    load: Load
    reader: Reader
    attached: tuple["AttachedLead", ...] = ()


@dataclass(frozen=True, slots=True)
class AttachedLead:
    """Another enquiry that goes along with the one of the link, whole."""

    lead: Lead
    context: Context

    @property
    def field(self) -> str:
        """Under which name a form says that a step is meant for this one too."""
        return f"also-{self.lead.reference.lower()}"


def open_offer_link(services: Services, token_text: str) -> Opened:
    """Raises LinkRefused for a link that is not ours or was revoked, NotFound for a lead that is
    gone.
    """
    token = services.links.read(Purpose.OFFER, token_text)
    found = services.leads.get_for_partner(token.subject, token.extra)
    if found is None:
        raise NotFound("this enquiry no longer exists")
    lead, context, load = found
    offer = lead.offer(token.number)
    if offer is None or offer.partner != token.extra:
        raise LinkRefused("this link is no longer valid")
    partner = services.partner(offer.partner)
    reader = reader_of(token, load, partner, lead)
    if reader is None:
        raise LinkRefused("this link is no longer valid")
    return Opened(lead, context, offer, partner, load, reader, _attached(services, lead))


def _attached(services: Services, first: Lead) -> tuple[AttachedLead, ...]:
    """Those attached to it still, those settled with it, and those whose sender withdrew since."""
    pairs = services.leads.with_contexts(first.attached)
    mine = [
        pair for pair in pairs if pair[0].attached_to == first.id and pair[0].contact is not None
    ]
    return tuple(AttachedLead(lead, context) for lead, context in mine)


def state_of(lead: Lead, offer: Offer, now: datetime) -> OfferState:
    """A person's action is judged by this and by nothing else."""
    if lead.status is LeadStatus.ERASED:
        return OfferState.ERASED
    if lead.status in (LeadStatus.WITHDRAWN, LeadStatus.REJECTED):
        return OfferState.CLOSED
    if offer.status is OfferStatus.ACCEPTED:
        return OfferState.MINE if lead.status in OWNED else OfferState.DONE
    if offer.status is OfferStatus.DECLINED:
        return OfferState.DECLINED
    if offer.status is OfferStatus.EXISTING_CUSTOMER:
        return OfferState.EXISTING_CUSTOMER
    if offer.status is OfferStatus.RETURNED:
        return OfferState.RETURNED
    if offer.status is OfferStatus.WITHDRAWN:
        return OfferState.RETURNED if offer.accepted_at else OfferState.TAKEN
    if offer.status is OfferStatus.PENDING and now < offer.expires_at:
        return OfferState.OPEN
    if lead.owner:
        return OfferState.TAKEN
    if lead.finished:
        return OfferState.CLOSED
    return (
        OfferState.SHARED if offer.on_lapse == "share" and not lead.claimed else OfferState.MISSED
    )


HAD_ITS_TURN = {OfferStatus.PENDING, OfferStatus.ACCEPTED, OfferStatus.RETURNED}


def may_wait(lead: Lead, offer: Offer, now: datetime) -> bool:
    """Who missed it may have it if it comes free; who had it and gave it back for a reason may not,
    nor who has it or is being asked again just now.
    """
    missed = state_of(lead, offer, now) in (
        OfferState.DECLINED,
        OfferState.MISSED,
        OfferState.TAKEN,
    )
    theirs = {other.status for other in lead.offers if other.partner == offer.partner}
    return missed and not lead.finished and not theirs & HAD_ITS_TURN


def is_free(lead: Lead) -> bool:
    """Tells whether nobody has it or is asked, so that who joins the waiting list may be asked at
    once.
    """
    idle = lead.status in (LeadStatus.HQ_QUEUE, LeadStatus.FOLLOW_UP) and not lead.undecided
    return lead.exhausted and idle


def early_return_until(
    lead: Lead, load: Load, programme: Programme, now: datetime
) -> datetime | None:
    """ "Accepted by mistake" is possible until then; None once it is not, or too often this
    month.
    """
    if lead.status is not LeadStatus.ACCEPTED or lead.accepted_at is None:
        return None
    until = lead.accepted_at + timedelta(minutes=programme.early_return.minutes)
    used = load.made.get(returns_key(now), 0)
    return until if now < until and used < programme.early_return.per_month else None


def returns_key(now: datetime) -> str:
    """The counter of early returns in this month (UTC: it limits a habit, no deadline)."""
    return f"r{now:%Y-%m}"


def release_ground(services: Services, opened: Opened, now: datetime) -> str:
    """Why this open offer may be released uncounted: ``away`` (a holiday meets its window) or
    ``paused``; else empty.

    Judged by the profile as saved: the network hears of a holiday a little later.
    """
    partner = as_it_stands(services.partners.get(opened.partner.id) or opened.partner, opened.load)
    if away(partner.absences, local_day(partner, now), local_day(partner, opened.offer.expires_at)):
        return "away"
    return "paused" if partner.paused else ""


def after_declining(opened: Opened, programme: Programme, now: datetime) -> str:
    """What the reason suggests while it is fresh: ``pause`` (unless paused already), ``territory``,
    or nothing.
    """
    offer, partner = opened.offer, as_it_stands(opened.partner, opened.load)
    if offer.answered_at is None or now - offer.answered_at > FRESH:
        return ""
    then = next((r.then for r in programme.decline_reasons if r.id == offer.reason), None)
    return then if then == "territory" or (then == "pause" and not partner.paused) else ""


def return_reasons(
    lead: Lead, partner: Partner, programme: Programme, now: datetime
) -> tuple[ReturnReason, ...]:
    """For which the owner may give the lead back now. Who has spoken with them cannot say that
    nobody answers.
    """
    until = owning.return_until(lead, partner, programme)
    if until is None or now >= until:
        return ()
    return tuple(r for r in programme.return_reasons if not (r.needs and lead.contacted_at))


def claim_reasons(lead: Lead, offer: Offer, programme: Programme) -> frozenset[str]:
    """Decline reasons with which this partner claims the lead, for HQ to decide.

    None in an emergency, which waits for nobody, and none while others have an open offer too:
    there the first to accept has it, and such a reason is a decline that counts against nobody.
    """
    others = any(o.status is OfferStatus.PENDING and o.number != offer.number for o in lead.offers)
    if others or programme.is_emergency(lead.urgency):
        return frozenset()
    return frozenset(r.id for r in programme.decline_reasons if r.then == "claim")


def offer_view(
    services: Services,
    opened: Opened,
    now: datetime,
    *,
    notice: str = "",
    problems: tuple[Problem, ...] = (),
    values: dict[str, str] | None = None,
) -> OfferView:
    programme = services.programme
    lead, offer, partner, load, reader = (
        opened.lead,
        opened.offer,
        opened.partner,
        opened.load,
        opened.reader,
    )
    lead = services.placed(lead)
    desk = (
        "" if reader.one_lead else services.links.desk(partner.id, reader.generation, reader.person)
    )
    state = state_of(lead, offer, now)
    ours = state in (OfferState.MINE, OfferState.DONE)
    return OfferView(
        programme=programme,
        lead=lead if ours else redacted(lead, programme),
        offer=offer,
        partner=partner,
        state=state,
        language=programme.language_for(partner.language),
        now=now,
        url=services.links.offer(
            lead.id, offer.number, partner.id, reader.generation, reader.person
        ),
        desk_url=desk,
        context=opened.context if ours else None,
        attached=tuple(_attached_view(services, each, lead) for each in opened.attached)
        if ours
        else (),
        further=sum(each.lead.is_attached for each in opened.attached),
        alike=lead.alike is not None and lead.preferred == partner.id,
        waiting=partner.id in lead.waiting,
        may_wait=may_wait(lead, offer, now),
        free=is_free(lead),
        undo_until=lead.undo.until if ours and lead.undo and now < lead.undo.until else None,
        return_until=early_return_until(lead, load, programme, now)
        if state is OfferState.MINE
        else None,
        contact_by=lead.deadline(DeadlineKind.CONTACT) if state is OfferState.MINE else None,
        release=release_ground(services, opened, now) if state is OfferState.OPEN else "",
        claims=claim_reasons(lead, offer, programme) if state is OfferState.OPEN else frozenset(),
        give_back=return_reasons(lead, partner, programme, now) if state is OfferState.MINE else (),
        give_back_until=owning.return_until(lead, partner, programme)
        if state is OfferState.MINE
        else None,
        then=after_declining(opened, programme, now) if state is OfferState.DECLINED else "",
        notice=notice,
        problems=problems,
        values=values or {},
    )


def _attached_view(services: Services, each: AttachedLead, first: Lead) -> AttachedView:
    return AttachedView(
        lead=services.placed(each.lead),
        context=each.context,
        field=each.field,
        differs=differences(each.lead, first),
        preset=certainly_alike(each.lead.contact, first.contact),
        open=each.lead.is_attached,
    )


def view_offer(services: Services, token_text: str, now: datetime) -> OfferView:
    return offer_view(services, open_offer_link(services, token_text), now)


def redacted(lead: Lead, programme: Programme) -> Lead:
    """Gives the lead as a partner may see it before accepting: what the programme allows, no
    person, no free text.

    Where it allows the company, the contact has that and nothing else.
    """
    form = programme.form(lead.form)
    shown = (
        {q.id for q in form.questions if q.before_accept and q.kind != "text"} if form else set()
    )
    may = set(programme.before_accept)
    company = lead.contact.company if lead.contact and "company" in may else ""
    return replace(
        lead,
        contact=Contact(name="", email="", company=company) if company else None,
        answers={k: v for k, v in lead.answers.items() if k in shown} if "answers" in may else {},
        postcode=lead.postcode if "postcode" in may else "",
        town="",  # it is what was typed; the postcode says where it is
        postcode_towns=lead.postcode_towns if "town" in may else (),
        region=lead.region if "region" in may else "",
        urgency=lead.urgency if "urgency" in may else "",
        product=lead.product if "product" in may else "",
        language=lead.language if "language" in may else "",
    )
