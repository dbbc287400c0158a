"""The owner hands a lead over: to a colleague of the firm at once, to another partner who could
take it now, or to HQ.

Never to anybody else: the prospect agreed to be passed on to the network's partners, not to
strangers.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from routing_core.domain.errors import Problem
from routing_core.domain.lead import Colleague, Draft
from routing_core.domain.lifecycle import offering
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import mail_address
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.mailboxes import firm_of
from routing_core.routing.decide.decision import eligible_now, shortlist
from routing_core.service.kernel.ports import LoadChange
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of
from routing_core.service.kernel.views import OfferState, OfferView
from routing_core.service.offers.offer_page import Opened, offer_view, open_offer_link
from routing_core.service.placing.place_lead import taking_a_place

CHOICE = 30
"""Partners to choose from, the best first."""


def view_hand_over(services: Services, token_text: str, now: datetime) -> OfferView:
    """The page to choose on; for anybody but the owner no more than the offer's own page."""
    return with_choice(services, open_offer_link(services, token_text), now)


def with_choice(
    services: Services,
    opened: Opened,
    now: datetime,
    problems: tuple[Problem, ...] = (),
    values: dict[str, str] | None = None,
) -> OfferView:
    view = offer_view(services, opened, now, problems=problems, values=values)
    if view.state is not OfferState.MINE:
        return view
    return replace(
        view,
        others=_could_take_it(services, opened, now)[0][:CHOICE],
        firm=firm_of(opened.partner.contact.email, services.programme.mail_domains),
    )


def _could_take_it(
    services: Services, opened: Opened, now: datetime
) -> tuple[tuple[Partner, ...], Mapping[str, Load]]:
    """Whom routing could ask right now, best first, and their loads; nobody who had this lead
    before.
    """
    situation = situation_of(opened.lead, services.rules, now)
    loads = services.leads.loads(shortlist(situation))
    return eligible_now(situation.with_loads(loads)), loads


def to_colleague(
    services: Services, opened: Opened, form: Mapping[str, str]
) -> Draft | Problem | None:
    """At once; None if it is that colleague already."""
    partner = opened.partner
    try:
        email = mail_address(one_line(form.get("email", ""))[:254])
    except ValueError:
        return Problem("email", "invalid_email", "write the address like name@example.com")
    if not may_be_colleague(services, partner, email):
        code = (
            "outsider"
            if firm_of(partner.contact.email, services.programme.mail_domains)
            else "no_firm"
        )
        return Problem(
            "email", code, "only an address of your own firm, or one that we know as yours"
        )
    colleague = Colleague(partner.id, email, one_line(form.get("name", ""))[:100])
    already = opened.lead.colleague
    if already and colleague == replace(already, since=colleague.since):
        return None
    draft = Draft(opened.lead)
    owning.delegate(draft, colleague)
    return draft


def may_be_colleague(services: Services, partner: Partner, email: str) -> bool:
    """Tells whether an enquiry may be handed to that address: a contact's, or one of the firm's
    own.
    """
    if any(
        email.casefold() == each.email.casefold()
        for each in (partner.contact, partner.second_contact)
        if each
    ):
        return True
    known = services.programme.mail_domains
    firm = firm_of(partner.contact.email, known)
    return bool(firm) and firm_of(email, known) == firm


def to_partner(
    services: Services, opened: Opened, form: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Draft, dict[str, LoadChange]] | Problem:
    """Taken back and offered to the chosen partner in one commit; the usual window, then routing
    goes on as usual.
    """
    able, loads = _could_take_it(services, opened, now)
    chosen = next((partner for partner in able if partner.id == form.get("partner")), None)
    if chosen is None:
        return Problem(
            "partner", "not_now" if form.get("partner") else "required", "choose one from the list"
        )
    draft = Draft(opened.lead)
    owning.hand_over(draft, chosen.id, services.programme, now)
    km = services.rules.network().km(chosen, draft.lead.country, draft.lead.postcode)
    offering.open_offer(draft, chosen, OfferKind.HANDED, services.programme, now, km=km)
    return draft, {
        chosen.id: taking_a_place(chosen, loads[chosen.id], now, caps_only, opened.lead.product)
    }


def to_hq(
    services: Services, opened: Opened, form: Mapping[str, str], now: datetime
) -> Draft | Problem:
    """Nobody in the list is right: HQ decides, and the owner's words say what they had in mind."""
    if not form.get("text", "").strip():
        return Problem("text", "required", "say who should have it, or why you cannot keep it")
    draft = Draft(opened.lead)
    owning.hand_over(draft, None, services.programme, now)
    return draft
