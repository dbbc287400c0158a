"""Shows what a partner sees behind an offer link: how exactly this offer stands, honestly."""

from dataclasses import replace
from datetime import datetime

from routing_core.domain.lead import Contact, DeadlineKind, Lead
from routing_core.domain.lifecycle import ownership
from routing_core.domain.programme.programme import Programme
from routing_core.domain.repeats import certainly_alike, differences
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import AttachedView, OfferState, OfferView
from routing_core.service.offers.offer_link import AttachedLead, OpenedOffer, open_offer_link
from routing_core.service.offers.offer_rights import (
    after_declining,
    claim_reasons,
    early_return_until,
    is_free,
    may_wait,
    offer_state,
    release_ground,
    return_reasons,
)


def view_offer(services: Services, token_text: str, now: datetime) -> OfferView:
    """Show the offer behind a link; raises LinkRefused or NotFound."""
    return offer_view(services, open_offer_link(services, token_text), now)


def offer_view(services: Services, opened: OpenedOffer, now: datetime) -> OfferView:
    """Show an offer as its partner may see it now: nothing of the person before it is accepted."""
    programme = services.programme
    partner = opened.partner
    offer = opened.offer
    reader = opened.reader
    lead = services.with_towns(opened.lead)
    desk_url = ""
    if not reader.one_lead:
        desk_url = services.links.desk(partner.id, reader.generation, reader.person)
    view = OfferView(
        programme=programme,
        lead=redacted(lead, programme),
        offer=offer,
        partner=partner,
        state=offer_state(lead, offer, now),
        language=programme.language_for(partner.language),
        now=now,
        url=services.links.offer(
            lead.id, offer.number, partner.id, generation=reader.generation, person=reader.person
        ),
        desk_url=desk_url,
        further=len([each for each in opened.attached if each.lead.is_attached]),
        alike=lead.alike is not None and lead.preferred == partner.id,
        waiting=partner.id in lead.waiting,
        may_wait=may_wait(lead, offer, now),
        free=is_free(lead),
    )
    return _with_what_fits_state(services, opened, view, lead)


def _with_what_fits_state(
    services: Services, opened: OpenedOffer, view: OfferView, lead: Lead
) -> OfferView:
    """Add to the view what only partners in that state may see or do."""
    programme = view.programme
    now = view.now
    if view.state is OfferState.OPEN:
        return replace(
            view,
            release=release_ground(services, opened, now),
            claims=claim_reasons(lead, opened.offer, programme),
        )
    if view.state is OfferState.DECLINED:
        return replace(view, then=after_declining(opened, programme, now))
    if view.state is OfferState.MINE:
        return _with_owners_steps(_with_whole_enquiry(services, opened, view, lead), opened, lead)
    if view.state is OfferState.DONE:
        return _with_whole_enquiry(services, opened, view, lead)
    return view


def _with_whole_enquiry(
    services: Services, opened: OpenedOffer, view: OfferView, lead: Lead
) -> OfferView:
    """Show all of the lead, and what goes along with it, to whoever has or had it."""
    undo_until = None
    if lead.undo and view.now < lead.undo.until:
        undo_until = lead.undo.until
    return replace(
        view,
        lead=lead,
        context=opened.context,
        attached=tuple(_attached_view(services, each, lead) for each in opened.attached),
        undo_until=undo_until,
    )


def _with_owners_steps(view: OfferView, opened: OpenedOffer, lead: Lead) -> OfferView:
    """Add what the owner of a lead may do about it now, and until when."""
    programme = view.programme
    partner = opened.partner
    now = view.now
    return replace(
        view,
        contact_by=lead.deadline(DeadlineKind.CONTACT),
        return_until=early_return_until(lead, opened.load, programme, now),
        give_back=return_reasons(lead, partner, programme, now),
        give_back_until=ownership.return_until(lead, partner, programme),
    )


def _attached_view(services: Services, each: AttachedLead, first: Lead) -> AttachedView:
    """Show the owner of ``first`` another enquiry that goes along with it."""
    return AttachedView(
        lead=services.with_towns(each.lead),
        context=each.context,
        field=each.field,
        differs=differences(each.lead, first),
        preset=certainly_alike(each.lead.contact, first.contact),
        open=each.lead.is_attached,
    )


def redacted(lead: Lead, programme: Programme) -> Lead:
    """Give the lead as a partner may see it before accepting: no person and no free text.

    What else is shown the programme says. Where it allows the company, the contact has that and
    nothing else.
    """
    may = frozenset(programme.before_accept)

    def allowed(name: str, value: str) -> str:
        return value if name in may else ""

    company = allowed("company", lead.contact.company if lead.contact else "")
    return replace(
        lead,
        contact=Contact(name="", email="", company=company) if company else None,
        answers=_answers_before_accepting(lead, programme) if "answers" in may else {},
        postcode=allowed("postcode", lead.postcode),
        town="",  # it is what was typed; the postcode says where it is
        postcode_towns=lead.postcode_towns if "town" in may else (),
        region=allowed("region", lead.region),
        urgency=allowed("urgency", lead.urgency),
        product=allowed("product", lead.product),
        language=allowed("language", lead.language),
    )


def _answers_before_accepting(lead: Lead, programme: Programme) -> dict[str, str]:
    """Pick the answers that the form shows before acceptance.

    Free text is never among them, for a name may stand in it.
    """
    form = programme.form(lead.form)
    if form is None:
        return {}
    shown = {
        question.id
        for question in form.questions
        if question.before_accept and question.kind != "text"
    }
    return {question: answer for question, answer in lead.answers.items() if question in shown}
