"""Read what is said of a list as a whole: its name, its form, and what counts for all of its rows."""

from collections.abc import Mapping
from datetime import datetime

from routing_core.domain.enquiry.past_instants import PastInstants
from routing_core.domain.enquiry.typed_fields import TypedFields
from routing_core.domain.lead_list import ListMode, ListSettings
from routing_core.domain.on_behalf import ConsentWay, EntryWay
from routing_core.domain.programme.programme import Programme

LONGEST_LIST_NAME = 50
"""Characters of a list's name: it stands in the source of every lead."""
LIST_WAYS = (EntryWay.LIST, EntryWay.FAIR, EntryWay.PHONE, EntryWay.MAIL)
"""How the leads of a list may have reached HQ."""


def read_list_settings(
    programme: Programme, said: Mapping[str, str], now: datetime
) -> ListSettings:
    """Read the settings of a list; raises InvalidInput with everything that is wrong."""
    fields = TypedFields(said)
    name = fields.text("name", required=True)
    if len(name) > LONGEST_LIST_NAME:
        fields.wrong("name", "too_long", f"is too long: at most {LONGEST_LIST_NAME} characters")
    # Only looked at: each row reads it with the list's own habit of writing dates.
    PastInstants(programme.zone, now).read(fields, "consent_at")
    settings = ListSettings(
        name=name,
        form=_form(fields, programme),
        mode=ListMode(_one_of(fields, "mode", [mode.value for mode in ListMode], ListMode.ROUTE)),
        product=_one_of(fields, "product", [each.id for each in programme.products]),
        urgency=_one_of(fields, "urgency", [each.id for each in programme.urgencies]),
        language=_one_of(fields, "language", programme.languages),
        campaign=fields.text("campaign"),
        way=EntryWay(_one_of(fields, "way", [way.value for way in LIST_WAYS], EntryWay.LIST)),
        all_agreed=fields.text("all_agreed").lower() in ("yes", "true", "1"),
        consent_way=ConsentWay(
            _one_of(fields, "consent_way", [way.value for way in ConsentWay], ConsentWay.PAPER)
        ),
        consent_by=fields.text("consent_by"),
        consent_at=fields.written("consent_at"),
    )
    fields.raise_problems()
    return settings


def _form(fields: TypedFields, programme: Programme) -> str:
    ids = [form.id for form in programme.forms]
    return _one_of(fields, "form", ids, ids[0])


def _one_of(fields: TypedFields, field: str, allowed: list[str], assumed: str = "") -> str:
    """Give what was chosen; what is assumed where nothing was, or nothing that there is."""
    if not fields.written(field):
        return assumed
    return fields.one_of(field, dict.fromkeys(allowed, ())) or assumed
