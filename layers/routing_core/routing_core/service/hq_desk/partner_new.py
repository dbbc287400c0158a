"""A partner added on HQ's desk: the empty form, checked while it is typed, and saved."""

from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.errors import InvalidInput
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_form import TypedProfile
from routing_core.service.hq_desk.partner_form import (
    ProfileForm,
    added_partner,
    checked_form,
    empty_form,
)
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class NewPartnerView:
    """The page of a partner who is not there yet."""

    programme: Programme
    visitor: HqPerson
    now: datetime
    form: ProfileForm
    partner_id: str = ""
    """The id as typed."""


@dataclass(frozen=True, slots=True)
class SentPartner:
    """What the form of a new partner has sent."""

    partner_id: str
    typed: TypedProfile
    only_check: bool
    """Tells that nothing is to be saved."""


def view_new_partner(services: Services, visitor: HqPerson, now: datetime) -> NewPartnerView:
    """Show the empty form. Raises NotAllowed."""
    visitor.need(Right.CHANGE_PARTNERS)
    return NewPartnerView(services.programme, visitor, now, empty_form(services))


def check_new_partner(
    services: Services, visitor: HqPerson, sent: SentPartner, now: datetime
) -> NewPartnerView:
    """Say what a partner would reach, or what is wrong, and save nothing. Raises NotAllowed."""
    view = view_new_partner(services, visitor, now)
    form = checked_form(services, None, "", sent.typed, now)
    return replace(view, form=form, partner_id=sent.partner_id)


def act_on_new_partner(
    services: Services, visitor: HqPerson, sent: SentPartner, now: datetime
) -> NewPartnerView | str:
    """Add a partner and give its id, or show the form again. Raises NotAllowed."""
    if sent.only_check:
        return check_new_partner(services, visitor, sent, now)
    view = view_new_partner(services, visitor, now)
    try:
        return added_partner(services, visitor, sent.partner_id, sent.typed, now).id
    except InvalidInput as error:
        form = replace(view.form, cells=sent.typed.cells, problems=error.problems)
        return replace(view, form=form, partner_id=sent.partner_id)
