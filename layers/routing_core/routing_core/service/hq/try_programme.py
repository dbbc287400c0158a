"""What rules or partners that nobody has saved yet would do with one lead. Nothing is kept of
it.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.checks.backup_names import partner_names, with_backup_by_id
from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.enquiry.enquiry import FormShown, read_enquiry
from routing_core.domain.enquiry.qualify import Qualified, qualify
from routing_core.domain.errors import InvalidInput, Problem, first_problems
from routing_core.domain.lead import Lead, open_counts
from routing_core.domain.offer_terms import PlannedOffer
from routing_core.domain.partner import Load, Partner, counters
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_document import read_partner
from routing_core.routing.decide.answering import clocks_of
from routing_core.routing.decide.attempt import PlacementAttempt
from routing_core.routing.decide.decision import shortlist
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.decide.placement import OfferPlan, choose_next, decide_and_widen
from routing_core.routing.decide.record import record_of
from routing_core.routing.decide.situation import Situation
from routing_core.routing.history import Past
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.routing.report.programme_fit import misfits
from routing_core.service.hq.save_programme import checked, with_rules
from routing_core.service.intake.submit_lead import new_lead
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import outcome_fields

MOST_DRAFTS = 1_000
"""Partners tried at once: each of them is looked up first."""
NOBODY = {"name": "Dry run", "email": "dry-run@example.com", "consent": True}
"""Stands for the person, where the enquiry names none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is tried instead of what is in force; None and empty: what is in force."""

    programme: Mapping[str, Any] | None = None
    partners: Sequence[Any] = ()
    """Documents of new partners, or in place of those with the same id."""


@dataclass(frozen=True, slots=True)
class Tried:
    programme: Programme
    partners: Mapping[str, Partner]
    lead: Lead
    qualified: Qualified
    record: Mapping[str, Any]
    """As it would be kept."""
    offers: tuple[tuple[str, datetime], ...]
    """Who would be asked, and until when they may answer."""
    warnings: tuple[str, ...]
    now: datetime


def try_programme(
    services: Services, tried: Draft, enquiry: Mapping[str, Any] | None, lead_id: str, now: datetime
) -> Tried:
    """The lead is one that is stored, looked at as if it came now, or an enquiry: ``form`` and the
    form's fields.

    Raises InvalidInput with everything that is wrong with programme, partners or enquiry, or
    NotFound.
    """
    version, _ = services.rules.programme()
    programme, network = tried_rules(services, tried, now)
    resumed = {
        str(document["id"]) for document in tried.partners if document.get("paused") is False
    }
    stored = services.lead(lead_id) if enquiry is None else None
    lead, qualified = (
        _came(services, programme, stored)
        if stored
        else _comes(services, programme, enquiry or {}, now)
    )

    def read(partners: Sequence[str]) -> Mapping[str, Load]:
        loads = _loads(services, partners, network.partners, resumed)
        if stored:
            loads = {
                name: _without(stored, network.partners[name], load) for name, load in loads.items()
            }
        return loads

    asks, policy = (
        Enquiry.of(lead),
        Policy.of(programme, version if tried.programme is None else version + 1),
    )
    situation = Situation(asks, network, policy, now)
    decision, situation = decide_and_widen(situation.with_loads(read(shortlist(situation))), read)
    attempt = PlacementAttempt(lead, programme, situation, decision, read, clocks_of(programme))
    placement = choose_next(attempt)
    return Tried(
        programme,
        network.partners,
        lead,
        qualified,
        record_of(decision, network, outcome_fields(placement, attempt)),
        _offers(programme, lead, placement.plan, now),
        (*programme_warnings(programme), *misfits(programme, network, now, read)),
        now,
    )


def tried_rules(services: Services, tried: Draft, now: datetime) -> tuple[Programme, Network]:
    """The rules and the network with the draft in it. Raises InvalidInput."""
    programme = (
        services.programme if tried.programme is None else checked(services, tried.programme, now)
    )
    drafts = _partners(services, tried.partners, programme, now)
    return programme, with_rules(services.rules.network(), programme, drafts)


def _partners(
    services: Services, documents: Sequence[Any], programme: Programme, now: datetime
) -> dict[str, Partner]:
    read: dict[str, Partner] = {}
    problems: list[Problem] = []
    if len(documents) > MOST_DRAFTS:
        message = f"are {len(documents):,}, which is too many: try at most {MOST_DRAFTS:,} at once"
        raise InvalidInput([Problem("partners", "too_many_rows", message)])
    names_a_backup = any(isinstance(each, Mapping) and each.get("backup") for each in documents)
    names = partner_names(services.partners.all() if names_a_backup else (), documents)
    for place, document in enumerate(documents):
        if isinstance(document, Mapping):
            document, problem = with_backup_by_id(document, names)
            if problem:
                problems.append(replace(problem, field=f"partners[{place}].backup"))
        known = (
            services.partners.get(str(document.get("id", "")))
            if isinstance(document, Mapping)
            else None
        )
        try:
            partner = read_partner(document, programme, now.date(), known)
            read[partner.id] = partner
        except InvalidInput as error:
            problems += [replace(p, field=f"partners[{place}].{p.field}") for p in error.problems]
    if problems:
        raise InvalidInput(first_problems(problems))
    return read


def _came(services: Services, programme: Programme, stored: Lead) -> tuple[Lead, Qualified]:
    context = services.leads.context(stored.id)
    return Past.of(stored, context.message if context else "", programme.mail_domains).under(
        programme
    )


def _comes(
    services: Services, programme: Programme, enquiry: Mapping[str, Any], now: datetime
) -> tuple[Lead, Qualified]:
    form = programme.form(str(enquiry.get("form", "")))
    if form is None:
        names = ", ".join(f.id for f in programme.forms)
        raise InvalidInput(
            [Problem("enquiry.form", "unknown_option", f"is the id of a form: {names}")]
        )
    fields = {name: value for name, value in enquiry.items() if name != "form"}
    language = str(enquiry.get("language", ""))
    try:
        shown = FormShown(language)
        submission = read_enquiry(programme, form, NOBODY | fields, shown, services.find_towns)
    except InvalidInput as error:
        raise InvalidInput(
            [replace(p, field=f"enquiry.{p.field}") for p in error.problems]
        ) from error
    qualified = qualify(programme, submission)
    return replace(
        new_lead("dry-run", form.id, submission, qualified, now), contact=None
    ), qualified


def _loads(
    services: Services,
    names: Sequence[str],
    partners: Mapping[str, Partner],
    resumed: Container[str],
) -> dict[str, Load]:
    """As they are, but with the caps and the pause of a draft; a partner who is new holds nothing.
    A pause that came of lapses ends for those who are ``resumed``, as it does when that is
    saved.
    """
    there = services.rules.network().partners
    stored = services.leads.loads([name for name in names if name in there])
    loads = {}
    for name in names:
        partner, load = partners[name], stored.get(name, Load(name, active=True))
        lapsed = name in there and there[name].active and not load.active and name not in resumed
        loads[name] = replace(load, caps=partner.caps, active=partner.active and not lapsed)
    return loads


def _without(lead: Lead, partner: Partner, load: Load) -> Load:
    """As if the lead had not come yet. Who was asked last stays as it is: how it was before is not
    kept.
    """
    places = open_counts(lead).get(partner.id, 0)
    made = dict(load.made)
    for offer in lead.offers:
        if offer.partner == partner.id and offer.reserves_slot:
            for counter in counters(load.caps, local_day(partner, offer.made_at), lead.product):
                if made.get(counter):
                    made[counter] -= 1
    products = {**load.products, lead.product: load.products.get(lead.product, 0) - places}
    return replace(load, open_count=load.open_count - places, products=products, made=made)


def _offers(
    programme: Programme, lead: Lead, asked: OfferPlan | None, now: datetime
) -> tuple[tuple[str, datetime], ...]:
    if asked is None:
        return ()
    return tuple(
        (partner.id, PlannedOffer(programme, partner, asked.kind, lead).end(now, asked.until))
        for partner in asked.partners
    )
