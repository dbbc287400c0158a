"""Somebody at HQ enters an enquiry for its sender, on a page with the programme's own form."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.on_behalf import OnBehalf
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.service.hq.enter_lead import LeadEntry, enter_lead
from routing_core.service.intake.fill_form import LONGEST_KEY, typed
from routing_core.service.intake.submit_lead import Received
from routing_core.service.kernel.services import Services

MOST_PARTNERS_LISTED = 500
"""Partners that the page proposes; others are typed by name or id."""


@dataclass(frozen=True, slots=True)
class NewLeadPage:
    """A showing of the page on which HQ enters an enquiry."""

    programme: Programme
    form: Form
    visitor: HqPerson
    now: datetime
    key: str
    """The submission key that the page carries: pressed twice it is one lead."""
    partners: tuple[str, ...] = ()
    """Names of partners who may be chosen, in the order of the alphabet."""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def view_new_lead(
    services: Services, visitor: HqPerson, values: Mapping[str, str], key: str, now: datetime
) -> NewLeadPage:
    """Show the form named in ``values``, or the first one, for a new enquiry.

    Raises NotFound (form) or NotAllowed.
    """
    visitor.need(Right.ACT_ON_LEADS)
    programme = services.programme
    names: list[str] = []
    if visitor.may(Right.ASSIGN):
        names = sorted(_names_of_partners(services))[:MOST_PARTNERS_LISTED]
    return NewLeadPage(
        programme=programme,
        form=_form(programme, values.get("form", "")),
        visitor=visitor,
        now=now,
        key=values.get("submission_id", "")[:LONGEST_KEY] or key,
        partners=tuple(names),
        values=values,
    )


def enter_on_page(
    services: Services, visitor: HqPerson, values: Mapping[str, object], now: datetime
) -> Received:
    """Store what was typed on the page.

    Raises NotFound (form), NotAllowed, or InvalidInput with every wrong field.
    """
    visitor.need(Right.ACT_ON_LEADS)
    form = _form(services.programme, str(values.get("form") or ""))
    fields = typed(services, form.id, values)
    key = fields.pop("submission_id", "")[:LONGEST_KEY]
    chosen = fields.get("partner", "").strip()
    if chosen:
        visitor.need(Right.ASSIGN)
        fields["partner"] = _names_of_partners(services).get(chosen, chosen)
    fields.pop("form", None)
    assumed = OnBehalf(visitor.actor, consent_by=visitor.called, consent_at=now)
    entry = LeadEntry(form.id, key, fields, assumed, visitor.regions)
    return enter_lead(services, entry, now)


def _form(programme: Programme, form_id: str) -> Form:
    if not form_id:
        return programme.forms[0]
    form = programme.form(form_id)
    if form is None:
        raise NotFound(f"there is no form {form_id}")
    return form


def _names_of_partners(services: Services) -> dict[str, str]:
    """Give the ids of partners by name; one whose name others have too is named with its id."""
    names: dict[str, str] = {}
    for partner in services.rules.network().partners.values():
        name = partner.name if partner.name not in names else f"{partner.name} ({partner.id})"
        names[name] = partner.id
    return names


def as_entered(page: NewLeadPage, error: InvalidInput, key: str) -> NewLeadPage:
    """Show the page again with what is wrong; a key whose lead says something else is renewed."""
    sent_before = any(problem.code == "different_body" for problem in error.problems)
    return replace(page, problems=error.problems, key=key if sent_before else page.key)
