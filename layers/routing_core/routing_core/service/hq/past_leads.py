"""Read leads of the past: kept for back-tests and reports alone.

Of whoever asked neither name nor address nor number is kept, so nothing has to be agreed to. What
may still tell of somebody, such as an answer in their own words or a postcode of a single house,
is erased by the rules of retention like that of any other lead, counted from the import. What is
kept is finished: no load and no mail comes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.enquiry import RequestedWork, read_requested_work
from routing_core.domain.enquiry.origin import context_from_flat, read_context
from routing_core.domain.enquiry.past_instants import PastInstants
from routing_core.domain.enquiry.typed_fields import TypedFields
from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.events import (
    CommitRecord,
    LeadClosed,
    LeadEvent,
    LeadLost,
    LeadReceived,
    LeadWon,
    OfferAccepted,
    OfferMade,
)
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.lead_list import LIST_SCOPE, LeadList, WaitingRow
from routing_core.domain.lifecycle.ending import erase_at
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.domain.on_behalf import EntryWay, OnBehalf
from routing_core.domain.outcome import Outcome, read_won
from routing_core.domain.past_lead import PastLead
from routing_core.domain.programme.forms import Form
from routing_core.domain.reasons import UNKNOWN_OUTCOME, UNKNOWN_PARTNER
from routing_core.domain.values.amounts import read_amount
from routing_core.domain.values.spelled import meant, spellings
from routing_core.service.intake.submit_lead import lead_id
from routing_core.service.kernel.services import Services

ABOUT_PEOPLE = frozenset(
    {"name", "company", "email", "phone", "street", "message", "consent", "consent_by"}
)
"""Fields of a list that tell who asked, and what they wrote."""


def read_past_lead(
    services: Services, imported: LeadList, listed: WaitingRow, now: datetime
) -> PastLead:
    """Read a row as a lead of the past; raises InvalidInput with everything that is wrong."""
    programme = services.programme
    form = programme.form(imported.settings.form)
    if form is None:
        raise NotFound(f"there is no form {imported.settings.form}")
    fields = TypedFields(listed.fields)
    problems: list[Problem] = []
    work: RequestedWork | None = None
    try:
        asked = form_of_the_past(form)
        work = read_requested_work(programme, asked, listed.fields, services.find_towns)
    except InvalidInput as error:
        problems += error.problems
    instants = PastInstants(programme.zone, now, bool(listed.fields.get("month_first")))
    asked_at = instants.read(fields, "asked_at", required=True)
    outcome = _outcome(services, fields, instants)
    if work and imported.regions is not None and work.region not in imported.regions:
        fields.wrong("postcode", "not_your_region", "lies outside your regions")
    problems += fields.problems
    if work is None or asked_at is None or problems:
        raise InvalidInput(problems)
    return _past_lead(services, imported, listed, _Read(work, asked_at, outcome, now))


def form_of_the_past(form: Form) -> Form:
    """Give the form as an old list can answer it: every question at once, and none needed."""
    questions = [
        question.model_copy(update={"required": False, "step": 1}) for question in form.questions
    ]
    return form.model_copy(update={"questions": questions})


@dataclass(frozen=True, slots=True)
class _Read:
    work: RequestedWork
    asked_at: datetime
    outcome: Outcome
    imported_at: datetime


def _outcome(services: Services, fields: TypedFields, instants: PastInstants) -> Outcome:
    """Read what became of it; notes what is wrong, and what does not fit together."""
    partner = _partner(services, fields)
    won = None
    said = fields.text("outcome")
    if said:
        won = read_won(said)
        if won is None:
            fields.wrong("outcome", "won_or_lost", "is neither won nor lost")
    if won and not fields.written("partner"):
        fields.wrong("partner", "required", "is required of what was won")
    if partner and said == "":
        fields.wrong("outcome", "won_or_lost", "is required where a partner is named")
    value = fields.text("value")
    amount = read_amount(value) if value else None
    if value and amount is None:
        fields.wrong("value", "invalid_number", "is not an amount: use the form 12500 or 12.50")
    return Outcome(
        partner=partner,
        won=won,
        value=None if amount is None else float(amount),
        accepted_at=instants.read(fields, "accepted_at"),
        ended_at=instants.read(fields, "closed_at"),
    )


def _partner(services: Services, fields: TypedFields) -> str:
    text = fields.text("partner")
    if not text:
        return ""
    partners = services.rules.network().partners
    if text in partners:
        return text
    found = meant(text, spellings({key: [each.name] for key, each in partners.items()}))
    if found in partners:
        return found
    fields.wrong("partner", "unknown_option", "is the id or the name of no partner")
    return ""


def _past_lead(services: Services, imported: LeadList, listed: WaitingRow, read: _Read) -> PastLead:
    """Make the lead as it would stand, and the commits by which it would have come there."""
    version, programme = services.rules.programme()
    work = read.work
    received = Lead(
        id=lead_id("", listed.key, LIST_SCOPE),
        form=imported.settings.form,
        status=LeadStatus.OFFERED,
        version=1,
        received_at=read.asked_at,
        country=work.country,
        postcode=work.postcode,
        region=work.region,
        product=work.product,
        urgency=work.urgency,
        language=programme.language_for(listed.fields.get("language", "")),
        payload_hash="",
        located_by=work.located_by,
        answers=work.answers,
        programme=version,
        entered=EntryWay.LIST,
    )
    on_behalf = OnBehalf(
        imported.by,
        EntryWay.LIST,
        asked_at=read.asked_at,
        list_row=f"{imported.id}/{listed.row}",
    )
    told: dict[str, Any] = dict(listed.fields)
    told["utm_campaign"] = told.get("campaign", "")
    context = replace(read_context(context_from_flat(told)), on_behalf=on_behalf)
    make = _with_owner if read.outcome.partner else _without_owner
    lead, commits = make(received, read, imported.by)
    forgotten = erase_at(lead, lead.status, programme, read.imported_at)
    return PastLead(replace(lead, erase_at=forgotten), context, commits)


Story = tuple[Lead, tuple[CommitRecord, ...]]


def _commit(lead: str, version: int, at: datetime, *events: LeadEvent) -> CommitRecord:
    return CommitRecord(lead=lead, version=version, at=at, events=events, due=None, decision=None)


def _without_owner(received: Lead, read: _Read, by: str) -> Story:
    ended_at = max(read.outcome.ended_at or read.asked_at, read.asked_at)
    reason = UNKNOWN_OUTCOME if read.outcome.won is None else UNKNOWN_PARTNER
    lead = replace(received, status=LeadStatus.LOST, version=2, finished_at=ended_at, reason=reason)
    commits = (
        _commit(lead.id, 1, read.asked_at, LeadReceived(next=LeadStatus.HQ_QUEUE, by=by)),
        _commit(lead.id, 2, ended_at, LeadClosed(reason=reason)),
    )
    return lead, commits


def _with_owner(received: Lead, read: _Read, by: str) -> Story:
    """Tell of a lead that a partner had.

    When they took it is told only where it is known, for nobody's response time is made up.
    """
    outcome = read.outcome
    asked_at = read.asked_at
    accepted_at = max(outcome.accepted_at, asked_at) if outcome.accepted_at else None
    begun_at = accepted_at or asked_at
    ended_at = max(outcome.ended_at or begun_at, begun_at)
    value = "" if outcome.value is None else f"{outcome.value:g}"
    end: LeadEvent = LeadLost(partner=outcome.partner, reason="")
    if outcome.won:
        end = LeadWon(partner=outcome.partner, value=value or None)
    begun = LeadReceived(next=LeadStatus.OFFERED, by=by)
    taken = _taken(outcome.partner, accepted_at)
    told: list[tuple[datetime, tuple[LeadEvent, ...]]] = [
        (asked_at, (begun, *taken[:1])),
        *((begun_at, (each,)) for each in taken[1:]),
        (ended_at, (end,)),
    ]
    commits = tuple(
        _commit(received.id, version, at, *events) for version, (at, events) in enumerate(told, 1)
    )
    lead = replace(
        received,
        status=LeadStatus.WON if outcome.won else LeadStatus.LOST,
        version=len(commits),
        offers=_offers(outcome.partner, asked_at, accepted_at),
        owner=outcome.partner,
        accepted_at=accepted_at,
        finished_at=ended_at,
        value=value if outcome.won else "",
    )
    return lead, commits


def _taken(partner: str, accepted_at: datetime | None) -> tuple[LeadEvent, ...]:
    """Give the events of the offer that the partner accepted, if it is known when."""
    if accepted_at is None:
        return ()
    return (
        OfferMade(offer=1, partner=partner, offer_kind=OfferKind.ASSIGNED, until=accepted_at),
        OfferAccepted(offer=1, partner=partner, contact_by=accepted_at),
    )


def _offers(partner: str, asked_at: datetime, accepted_at: datetime | None) -> tuple[Offer, ...]:
    if accepted_at is None:
        return ()
    offer = Offer(
        number=1,
        partner=partner,
        kind=OfferKind.ASSIGNED,
        status=OfferStatus.ACCEPTED,
        made_at=asked_at,
        expires_at=accepted_at,
        answered_at=accepted_at,
        accepted_at=accepted_at,
    )
    return (offer,)


def no_names(fields: Mapping[str, str]) -> dict[str, str]:
    """Give the fields of a row without whatever tells who asked: of the past, none of it waits."""
    return {name: said for name, said in fields.items() if name not in ABOUT_PEOPLE}
