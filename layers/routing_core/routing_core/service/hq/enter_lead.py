"""Somebody at HQ, or another system, enters an enquiry for its sender: on the phone, at a fair.

It is read as the form reads it, with three differences: a phone number or an address is enough,
nobody has to prove to be no machine, and it says who entered it and how its sender agreed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from routing_core.domain.enquiry.enquiry import Submission
from routing_core.domain.enquiry.origin import context_from_flat, read_context
from routing_core.domain.enquiry.past_instants import PastInstants
from routing_core.domain.enquiry.typed_fields import TypedFields
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.on_behalf import ConsentWay, EntryWay, OnBehalf
from routing_core.domain.partner import Partner
from routing_core.service.intake.submit_lead import Posted, Received, read_posted, submit_lead
from routing_core.service.kernel.services import Services
from routing_core.service.placing.offer_by_hq import partner_to_assign

Chosen = TypeVar("Chosen", bound=StrEnum)
ENTRY_FIELDS = (
    "way",
    "asked_at",
    "consent_way",
    "consent_by",
    "consent_at",
    "campaign",
    "partner",
)
"""Fields of an enquiry entered on behalf, beside those of the form."""


@dataclass(frozen=True, slots=True)
class LeadEntry:
    """An enquiry as somebody enters it for its sender."""

    form: str
    """The form by which it is read."""
    key: str
    """The submission key: entered twice with the same key it is one lead."""
    fields: Mapping[str, Any]
    """The fields of the form, and ``ENTRY_FIELDS``, as they were typed or sent."""
    assumed: OnBehalf
    """Who enters it, and what counts where the fields do not say it."""
    regions: frozenset[str] | None = None
    """Whoever enters it may do so for these regions; None = for all."""
    scope: str = ""
    """Whose the submission key is; empty: that of whoever enters it."""
    month_first: bool = False
    """Tells whether 1/7 is the seventh of January."""


def enter_lead(services: Services, entry: LeadEntry, now: datetime) -> Received:
    """Store an enquiry for its sender, and offer it to partners or to the one that was chosen.

    The same entry again is the same lead. Raises NotFound (form), InvalidInput with every wrong
    field, or DifferentBody.
    """
    posted, _ = read_lead_entry(services, entry, now)
    return submit_lead(services, posted, now)


def read_lead_entry(
    services: Services, entry: LeadEntry, now: datetime
) -> tuple[Posted, Submission]:
    """Read an enquiry that is entered; raises InvalidInput with every problem, or NotFound."""
    fields = TypedFields(entry.fields)
    on_behalf = _on_behalf(services, entry, fields, now)
    partner = _chosen_partner(services, fields)
    posted = _posted(services, entry, on_behalf, partner)
    submission: Submission | None = None
    problems: list[Problem] = []
    try:
        submission = read_posted(services, posted)
    except InvalidInput as error:
        problems += error.problems
    if submission and entry.regions is not None and submission.region not in entry.regions:
        message = "lies outside your regions"
        problems.append(Problem("postcode", "not_your_region", message))
    problems += fields.problems
    if submission is None or problems:
        raise InvalidInput(problems)
    return posted, submission


def _posted(
    services: Services, entry: LeadEntry, on_behalf: OnBehalf, partner: Partner | None
) -> Posted:
    raw = {name: value for name, value in entry.fields.items() if name not in ENTRY_FIELDS}
    if entry.fields.get("campaign"):
        raw["utm_campaign"] = entry.fields["campaign"]
    context = read_context(context_from_flat(raw))
    return Posted(
        form=entry.form,
        key=entry.key,
        raw=raw,
        language=services.programme.language_for(str(raw.get("language") or "")),
        context=replace(context, on_behalf=on_behalf),
        scope=entry.scope or f"hq:{entry.assumed.by}",
        partner=partner,
    )


def _chosen_partner(services: Services, fields: TypedFields) -> Partner | None:
    partner_id = fields.text("partner")
    if not partner_id:
        return None
    try:
        return partner_to_assign(services, partner_id)
    except InvalidInput as error:
        fields.problems.extend(error.problems)
        return None


def _on_behalf(
    services: Services, entry: LeadEntry, fields: TypedFields, now: datetime
) -> OnBehalf:
    """Read who entered it and how its sender agreed; notes what is wrong with that."""
    assumed = entry.assumed
    past = PastInstants(services.programme.zone, now, entry.month_first)
    asked_at = past.read(fields, "asked_at") or assumed.asked_at
    return replace(
        assumed,
        way=_one_of(fields, "way", EntryWay, assumed.way),
        asked_at=asked_at,
        consent_way=_one_of(fields, "consent_way", ConsentWay, assumed.consent_way),
        consent_by=fields.text("consent_by") or assumed.consent_by,
        consent_at=past.read(fields, "consent_at") or assumed.consent_at,
    )


def _one_of(fields: TypedFields, field: str, kind: type[Chosen], assumed: Chosen) -> Chosen:
    if not fields.written(field):
        return assumed
    chosen = fields.one_of(field, {member.value: () for member in kind})
    return kind(chosen) if chosen else assumed
