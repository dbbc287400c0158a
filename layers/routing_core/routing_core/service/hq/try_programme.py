"""Try what rules or partners that nobody has saved would do with one lead; nothing is kept."""

from collections.abc import Mapping, Sequence
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
from routing_core.routing.decide.situation import ReadLoads, Situation
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
STAND_IN = {"name": "Dry run", "email": "dry-run@example.com", "consent": True}
"""Stands for the person, where the enquiry names none."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is tried instead of what is in force; None and empty: what is in force."""

    programme: Mapping[str, Any] | None = None
    partners: Sequence[Any] = ()
    """Documents of new partners, or in place of those with the same id."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of the lead under the rules that were tried."""

    programme: Programme
    network: Network
    lead: Lead
    qualified: Qualified
    record: Mapping[str, Any]
    """The decision as it would be kept."""
    offers: tuple[tuple[str, datetime], ...]
    """Who would be asked, and until when they may answer."""
    read_loads: ReadLoads
    """Reads the loads as they would be."""
    now: datetime

    @property
    def partners(self) -> Mapping[str, Partner]:
        """Give the partners by their ids, those of the proposal among them."""
        return self.network.partners

    @property
    def warnings(self) -> tuple[str, ...]:
        """Say what is doubtful about the rules: it goes over the whole network each time."""
        doubtful = misfits(self.programme, self.network, self.now, self.read_loads)
        return (*programme_warnings(self.programme), *doubtful)


def try_programme(
    services: Services,
    proposal: Proposal,
    enquiry: Mapping[str, Any] | None,
    lead_id: str,
    now: datetime,
) -> Tried:
    """Try a proposal with a lead that is stored, looked at as if it came now, or with an enquiry.

    An enquiry is ``form`` and the form's fields. Raises InvalidInput with everything that is wrong
    with programme, partners or enquiry, or NotFound.
    """
    version, _ = services.rules.programme()
    if proposal.programme is not None:
        version += 1
    programme, network = tried_rules(services, proposal, now)
    stored = services.lead(lead_id) if enquiry is None else None
    if stored:
        lead, qualified = _stored_lead(services, programme, stored)
    else:
        lead, qualified = _new_lead(services, programme, enquiry or {}, now)
    read = _Loads(services, network.partners, _resumed(proposal), stored).read
    situation = Situation(Enquiry.of(lead), network, Policy.of(programme, version), now)
    situation = situation.with_loads(read(shortlist(situation)))
    decision, situation = decide_and_widen(situation, read)
    attempt = PlacementAttempt(lead, programme, situation, decision, read, clocks_of(programme))
    placement = choose_next(attempt)
    return Tried(
        programme=programme,
        network=network,
        lead=lead,
        qualified=qualified,
        record=record_of(decision, network, outcome_fields(placement, attempt)),
        offers=_offers(programme, lead, placement.plan, now),
        read_loads=read,
        now=now,
    )


# ── what is tried ─────────────────────────────────────────────────────────────────────────────────


def tried_rules(services: Services, proposal: Proposal, now: datetime) -> tuple[Programme, Network]:
    """Give the rules and the network with the proposal in it, or raise InvalidInput."""
    programme = services.programme
    if proposal.programme is not None:
        programme = checked(services, proposal.programme, now)
    partners = _partners(services, proposal.partners, programme, now)
    return programme, with_rules(services.rules.network(), programme, partners)


def _partners(
    services: Services, documents: Sequence[Any], programme: Programme, now: datetime
) -> dict[str, Partner]:
    """Read the partners of a proposal, each problem with its path."""
    if len(documents) > MOST_DRAFTS:
        message = f"are {len(documents):,}, which is too many: try at most {MOST_DRAFTS:,} at once"
        raise InvalidInput([Problem("partners", "too_many_rows", message)])
    read: dict[str, Partner] = {}
    problems: list[Problem] = []
    # Names are looked for in the whole network: only if a backup is named at all.
    names_a_backup = any(isinstance(each, Mapping) and each.get("backup") for each in documents)
    names = partner_names(services.partners.all() if names_a_backup else (), documents)
    for place, document in enumerate(documents):
        known = None
        if isinstance(document, Mapping):
            document, problem = with_backup_by_id(document, names)
            if problem:
                problems.append(replace(problem, field=f"partners[{place}].backup"))
            known = services.partners.get(str(document.get("id", "")))
        try:
            partner = read_partner(document, programme, now.date(), known)
            read[partner.id] = partner
        except InvalidInput as error:
            problems += _below(f"partners[{place}]", error)
    if problems:
        raise InvalidInput(first_problems(problems))
    return read


def _below(path: str, error: InvalidInput) -> list[Problem]:
    return [replace(problem, field=f"{path}.{problem.field}") for problem in error.problems]


def _resumed(proposal: Proposal) -> frozenset[str]:
    """Give the partners of whom the proposal says that they take enquiries again."""
    resumed = [document for document in proposal.partners if document.get("paused") is False]
    return frozenset(str(document["id"]) for document in resumed)


# ── with which lead ───────────────────────────────────────────────────────────────────────────────


def _stored_lead(services: Services, programme: Programme, stored: Lead) -> tuple[Lead, Qualified]:
    """Give a stored lead as it would be seen to come."""
    context = services.leads.context(stored.id)
    message = context.message if context else ""
    return Past.of(stored, message, programme.mail_domains).under(programme)


def _new_lead(
    services: Services, programme: Programme, enquiry: Mapping[str, Any], now: datetime
) -> tuple[Lead, Qualified]:
    """Give the lead that an enquiry makes, read as its form reads it."""
    form = programme.form(str(enquiry.get("form", "")))
    if form is None:
        message = f"is the id of a form: {', '.join(each.id for each in programme.forms)}"
        raise InvalidInput([Problem("enquiry.form", "unknown_option", message)])
    fields = {name: value for name, value in enquiry.items() if name != "form"}
    shown = FormShown(str(enquiry.get("language", "")))
    # Nobody is called, so that a number is not needed; one that is sent is read as ever.
    asked = form.model_copy(update={"phone_required": False})
    try:
        submission = read_enquiry(programme, asked, STAND_IN | fields, shown, services.find_towns)
    except InvalidInput as error:
        raise InvalidInput(_below("enquiry", error)) from error
    qualified = qualify(programme, submission)
    lead = new_lead("dry-run", form.id, submission, qualified, now)
    return replace(lead, contact=None), qualified


# ── the loads ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Loads:
    """Reads loads as they would be under the proposal."""

    services: Services
    partners: Mapping[str, Partner]
    """Those of the proposal among them."""
    resumed: frozenset[str]
    stored: Lead | None
    """The lead that is tried, if it is in these loads already."""

    def read(self, names: Sequence[str]) -> Mapping[str, Load]:
        """Give the loads with the caps and the pause of the proposal; a new partner holds nothing.

        A pause that came of lapses ends for those who are ``resumed``, as it does when that is
        saved.
        """
        there = self.services.rules.network().partners
        stored = self.services.leads.loads([name for name in names if name in there])
        loads = {}
        for name in names:
            partner = self.partners[name]
            load = stored.get(name, Load(name, active=True))
            was_active = name in there and there[name].active
            lapsed = was_active and not load.active and name not in self.resumed
            active = partner.active and not lapsed
            load = replace(load, caps=partner.caps, extra_open=partner.extra_open, active=active)
            loads[name] = _without(self.stored, partner, load) if self.stored else load
        return loads


def _without(lead: Lead, partner: Partner, load: Load) -> Load:
    """Give the load as if the lead had not come yet.

    Who was asked last stays as it is: how it was before is not kept.
    """
    held = open_counts(lead).get(partner.id, 0)
    made = dict(load.made)
    for offer in lead.offers:
        if offer.partner != partner.id or not offer.reserves_slot:
            continue
        for counter in counters(load.caps, local_day(partner, offer.made_at), lead.product):
            if made.get(counter):
                made[counter] -= 1
    of_product = load.products.get(lead.product, 0) - held
    products = {**load.products, lead.product: of_product}
    return replace(load, open_count=load.open_count - held, products=products, made=made)


def _offers(
    programme: Programme, lead: Lead, plan: OfferPlan | None, now: datetime
) -> tuple[tuple[str, datetime], ...]:
    """Give who would be asked, and until when they might answer."""
    if plan is None:
        return ()
    offers = []
    for partner in plan.partners:
        planned = PlannedOffer(programme, partner, plan.kind, lead)
        offers.append((partner.id, planned.end(now, plan.until)))
    return tuple(offers)
