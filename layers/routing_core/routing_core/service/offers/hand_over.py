"""Hands a lead over for its owner (reassign): to a colleague of the firm, a partner, or HQ.

It goes to a partner who could take it now, and never to anybody else: the prospect agreed to be
passed on to the network's partners, not to strangers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import Colleague
from routing_core.domain.lifecycle import offering, ownership
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import mail_address
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.mailboxes import firm_of
from routing_core.routing.decide.decision import eligible_now, shortlist
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of
from routing_core.service.kernel.views import OfferState, OfferView
from routing_core.service.offers.offer_link import OpenedOffer, open_offer_link
from routing_core.service.offers.offer_page import offer_view
from routing_core.service.placing.place_lead import taking_a_place

CHOICE = 30
"""So many partners are there to choose from, the best first."""
LONGEST_ADDRESS = 254
"""So many characters of a mail address are read (RFC 5321 allows no more)."""
LONGEST_COLLEAGUE_NAME = 100
"""A colleague's name has so many characters at most; what is longer is cut."""


def view_hand_over(services: Services, token_text: str, now: datetime) -> OfferView:
    """Show the page to choose on; anybody but the owner sees no more than the offer's own page."""
    return with_choice(services, open_offer_link(services, token_text), now)


def with_choice(services: Services, opened: OpenedOffer, now: datetime) -> OfferView:
    """Show the offer, and for its owner the partners who could take it now."""
    view = offer_view(services, opened, now)
    if view.state is not OfferState.MINE:
        return view
    return replace(
        view,
        others=_who_could_take_it(services, opened, now).partners[:CHOICE],
        firm=firm_of(opened.partner.contact.email, services.programme.mail_domains),
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """Those whom routing could ask right now, best first, and the loads that decided it."""

    partners: tuple[Partner, ...]
    loads: Mapping[str, Load]


def _who_could_take_it(services: Services, opened: OpenedOffer, now: datetime) -> _Choice:
    """Find whom routing could ask right now; nobody who had this lead before is among them."""
    situation = situation_of(opened.lead, services.rules, now)
    loads = services.leads.loads(shortlist(situation))
    return _Choice(eligible_now(situation.with_loads(loads)), loads)


def to_colleague(services: Services, opened: OpenedOffer, form: Mapping[str, str]) -> Draft | None:
    """Draft that a colleague looks after the lead from now on; None if they do already.

    Raises InvalidInput for an address that is no colleague's.
    """
    partner = opened.partner
    try:
        email = mail_address(one_line(form.get("email", ""))[:LONGEST_ADDRESS])
    except ValueError as wrong:
        problem = Problem("email", "invalid_email", "write the address like name@example.com")
        raise InvalidInput([problem]) from wrong
    if not may_be_colleague(services, partner, email):
        has_firm = firm_of(partner.contact.email, services.programme.mail_domains)
        code = "outsider" if has_firm else "no_firm"
        message = "only an address of your own firm, or one that we know as yours"
        raise InvalidInput([Problem("email", code, message)])
    colleague = Colleague(
        partner.id, email, one_line(form.get("name", ""))[:LONGEST_COLLEAGUE_NAME]
    )
    # ``since`` ends a colleague's old links, so that handing over to the same one again must not
    # change it.
    already = opened.lead.colleague
    if already and colleague == replace(already, since=colleague.since):
        return None
    draft = Draft(opened.lead)
    ownership.delegate(draft, colleague)
    return draft


def may_be_colleague(services: Services, partner: Partner, email: str) -> bool:
    """Tell whether an enquiry may be handed to an address: a contact's or one of the firm's."""
    contacts = [partner.contact, partner.second_contact]
    if any(contact and contact.email.casefold() == email.casefold() for contact in contacts):
        return True
    known = services.programme.mail_domains
    firm = firm_of(partner.contact.email, known)
    return bool(firm) and firm_of(email, known) == firm


def to_partner(
    services: Services, opened: OpenedOffer, chosen_id: str, now: datetime, caps_only: bool
) -> Change:
    """Take the lead back and offer it to the chosen partner, who has the usual window.

    Routing then goes on as usual. Raises InvalidInput where nobody was chosen, or somebody who
    cannot take it now.
    """
    choice = _who_could_take_it(services, opened, now)
    # Asked again and not taken from the page: whoever was in the list may be full by now.
    chosen = next((partner for partner in choice.partners if partner.id == chosen_id), None)
    if chosen is None:
        code = "not_now" if chosen_id else "required"
        raise InvalidInput([Problem("partner", code, "choose one from the list")])
    draft = Draft(opened.lead)
    ownership.hand_over(draft, chosen.id, services.programme, now)
    km = services.rules.network().km(chosen, draft.lead.country, draft.lead.postcode)
    occasion = offering.Occasion(OfferKind.HANDED, km=km)
    offering.open_offer(draft, chosen, occasion, services.programme, now)
    load = choice.loads[chosen.id]
    taking = taking_a_place(chosen, load, now, caps_only, product=opened.lead.product)
    return Change(draft, loads={chosen.id: taking})


def to_hq(services: Services, opened: OpenedOffer, now: datetime) -> Draft:
    """Draft that HQ decides who is to have the lead, for nobody in the list is right."""
    draft = Draft(opened.lead)
    ownership.hand_over(draft, None, services.programme, now)
    return draft
