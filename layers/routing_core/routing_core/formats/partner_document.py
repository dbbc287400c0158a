"""A partner as HQ sends and reads it: a JSON document in plain words, checked whole.

What a document leaves out stays as it was (a new partner gets the defaults); what it sends
replaces. What only the product knows stands under ``status``, which is ignored when it is sent
back.

A field of a partner is written down twice: in ``partner.Partner``, and here in ``PartnerDoc`` with
its checks and its column in a spreadsheet. Everything else follows from these two: what is stored
(``partner_plain``), the columns (``partner_columns``), what a list may change of it
(``own_settings``).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
)

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.calendar.zones import zone_problem
from routing_core.domain.checks.public_holidays import public_holidays
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.partner import (
    TIERS,
    WEIGHTS,
    Absence,
    Caps,
    ExtraOpen,
    Partner,
    Person,
)
from routing_core.domain.partner_plain import STORED_TYPES
from routing_core.domain.people import with_links_of
from routing_core.domain.programme.document import Email, TimeZone, problems_of
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.extensible import known_fields
from routing_core.domain.values.sentence import worded
from routing_core.formats import cell_formats as cells
from routing_core.formats import partner_cells
from routing_core.formats import partner_checks as checks
from routing_core.formats.field_marks import Column, OwnSetting
from routing_core.formats.merge_patch import merge_patch
from routing_core.formats.partner_checks import CheckedAgainst, clean_text

ShortText = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=100)]
Name = Annotated[str, BeforeValidator(clean_text), StringConstraints(min_length=1, max_length=100)]
_PARTNER_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
WORDS_IN_PLACE_OF_IDS = frozenset({"new", "import", "export"})
"""What stands in addresses where a partner's id stands: nobody new is called so."""
PartnerId = Annotated[str, Field(pattern=_PARTNER_ID)]
CountryCode = Annotated[str, BeforeValidator(clean_text), AfterValidator(checks.known_country)]
LanguageCode = Annotated[str, BeforeValidator(clean_text), Field(pattern=r"^[a-z]{2,3}$")]
Word = Annotated[str, BeforeValidator(clean_text), StringConstraints(min_length=1, max_length=60)]
ProductId = Annotated[Word, AfterValidator(checks.known_product)]
Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]
"""A cap is at most so many enquiries, which is more than anybody works on.

A cap of none is one too: the partner gets nothing.
"""
Flag = Annotated[bool, Field(strict=True)]
CoveredTerritory = Annotated[
    Territory,
    PlainValidator(checks.territory),
    AfterValidator(checks.known_to_programme),
    AfterValidator(checks.may_be_saved),
]


def is_partner_id(text: str) -> bool:
    """Tell whether a partner may have that id."""
    return re.match(_PARTNER_ID, text) is not None and not text.endswith("\n")


def reserved_id_problem(partner_id: Any) -> Problem | None:
    """Say why nobody new can have that id; None if somebody can. Whoever has it keeps it."""
    if partner_id not in WORDS_IN_PLACE_OF_IDS:
        return None
    return Problem("id", "reserved_id", f"{partner_id} is a word of our own: use another id")


class Part(BaseModel):
    """A part of the document: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class PersonDoc(Part):
    """A contact of the partner."""

    email: Annotated[Email, BeforeValidator(clean_text)]
    name: ShortText = ""
    phone: Annotated[ShortText, AfterValidator(checks.international_phone)] = ""


class CapsDoc(Part):
    """The most enquiries that the partner takes; what is left out is no limit."""

    open: Count | None = None
    day: Count | None = None
    week: Count | None = None
    month: Count | None = None
    paced: Flag = False
    products: dict[ProductId, Count] = {}
    product_offers: dict[ProductId, dict[Literal["day", "week", "month"], Count]] = {}


class PartnerDoc(Part):
    """The whole document; defaults that depend on the programme are filled in before."""

    id: Annotated[PartnerId, Column(called=("partner_id", "dealer_id"), needed=True)]
    name: Annotated[Name, Column(called=("company", "company_name", "firma"), needed=True)]
    type: Annotated[Word, AfterValidator(checks.known_partner_type), Column(empty_is_default=True)]
    tier: Annotated[
        int,
        Field(strict=True, ge=TIERS[0], le=TIERS[-1]),
        Column(cell=cells.INTEGER, empty_is_default=True),
    ] = 2
    contact: Annotated[
        PersonDoc,
        Column(
            "email",
            part="email",
            called=("e-mail", "mail", "e-mail_address", "email_address"),
            needed=True,
        ),
        Column("contact_name", part="name", called=("contact", "ansprechpartner")),
        Column("phone", part="phone", called=("telephone", "telefon", "phone_number")),
    ]
    second_contact: Annotated[
        PersonDoc | None,
        Column("second_email", part="email"),
        Column("second_name", part="name"),
        Column("second_phone", part="phone"),
    ] = None
    country: Annotated[CountryCode, Column(cell=cells.COUNTRY, empty_is_default=True)]
    time_zone: Annotated[TimeZone, Column(called=("timezone",), empty_is_default=True)]
    language: Annotated[LanguageCode, Column(cell=cells.LANGUAGE, empty_is_default=True)]
    languages: Annotated[
        list[LanguageCode], Field(max_length=50), Column(cell=cells.LANGUAGE_LIST)
    ] = []
    street: Annotated[ShortText, Column(called=("address", "strasse", "straße"))] = ""
    postcode: Annotated[
        ShortText,
        AfterValidator(checks.postcode_there),
        Column(called=("zip", "zip_code", "postal_code", "plz")),
    ] = ""
    town: Annotated[ShortText, Column(called=("city", "ort", "stadt"))] = ""
    website: Annotated[
        str,
        BeforeValidator(clean_text),
        StringConstraints(max_length=200),
        AfterValidator(checks.web_address),
        Column(called=("web", "url")),
    ] = ""
    territories: Annotated[
        list[CoveredTerritory],
        Field(min_length=1, max_length=3000),
        AfterValidator(checks.each_once),
        AfterValidator(checks.cover_something),
        Column(
            cell=cells.LIST,
            called=("area", "areas", "territory", "gebiet", "gebiete"),
            needed=True,
        ),
    ]
    products: Annotated[
        list[ProductId],
        Field(min_length=1, max_length=200),
        Column(cell=cells.LIST, called=("product", "produkte"), needed=True),
    ]
    tags: Annotated[
        list[Word],
        Field(max_length=200),
        Column(cell=cells.LIST, called=("tag",), after="specialisations"),
    ] = []
    specialisations: Annotated[
        list[Word],
        Field(max_length=200),
        Column(cell=cells.LIST, called=("specializations",)),
    ] = []
    weight: Annotated[
        int,
        Field(strict=True, ge=WEIGHTS[0], le=WEIGHTS[-1]),
        Column(cell=cells.INTEGER, empty_is_default=True, after="absences"),
    ] = 1
    lead_filters: Annotated[
        list[Annotated[Condition, PlainValidator(checks.condition)]],
        Field(max_length=20, alias="takes"),
        Column("takes", cells.SENTENCES),
    ] = []
    certificates: Annotated[
        dict[str, date | None],
        PlainValidator(partner_cells.certificates),
        Column(cell=cells.CERTIFICATES),
    ] = {}
    response_hours: Annotated[
        ResponseHours | None,
        PlainValidator(partner_cells.response_hours),
        Column(cell=cells.WEEK),
    ] = None
    holiday_region: Annotated[ShortText, AfterValidator(checks.region_with_holidays), Column()] = ""
    absences: Annotated[
        list[Annotated[Absence, PlainValidator(partner_cells.absence)]],
        BeforeValidator(partner_cells.absence_list),
        Field(max_length=200),
        Column(cell=cells.LIST),
        OwnSetting(nothing=(None, "", [])),
    ] = []
    caps: Annotated[
        CapsDoc,
        Column("cap_open", cells.INTEGER, part="open"),
        Column("cap_day", cells.INTEGER, part="day"),
        Column("cap_week", cells.INTEGER, part="week"),
        Column("cap_month", cells.INTEGER, part="month"),
        Column("cap_paced", cells.YES_OR_NO, part="paced"),
        Column("cap_products", cells.PRODUCT_CAPS, part="products"),
        Column("cap_product_offers", cells.PRODUCT_OFFERS_CAPS, part="product_offers"),
    ] = CapsDoc()
    extra_open: Annotated[
        ExtraOpen | None,
        PlainValidator(checks.extra_open),
        Column(cell=cells.EXTRA_OPEN),
        OwnSetting(nothing=(None, "")),
    ] = None
    paused: Annotated[
        Flag,
        BeforeValidator(checks.yes_or_no),
        Column(cell=cells.YES_OR_NO_IN_WORDS),
        OwnSetting(nothing=(None, "", False)),
    ] = False
    backup: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,39})?$"), Column()] = ""
    confirmed: Annotated[
        Flag | None, Column(cell=cells.YES_NO_OR_NOTHING), OwnSetting(nothing=(None, ""))
    ] = None


ONLY_IN_DOCUMENT = frozenset({"confirmed"})
"""What HQ says of a partner that the profile keeps in other words: ``confirmed_email``."""
OF_THE_PRODUCT = frozenset(
    field.name for field in fields(Partner) if field.name not in PartnerDoc.model_fields
)
"""What only the product knows of a partner: no document sets it."""


# ── from a partner to a document and back ─────────────────────────────────────────────────────────


def _caps_document(caps: Caps) -> dict[str, Any]:
    """Give all caps, those that are no limit too."""
    stated = asdict(caps, dict_factory=known_fields)
    for name in ("products", "product_offers"):
        stated[name] = dict(sorted(stated[name].items()))
    return stated


def _absence_documents(absences: tuple[Absence, ...]) -> list[dict[str, str]]:
    return [
        {"first": absence.first.isoformat(), "last": absence.last.isoformat()}
        for absence in absences
    ]


def _person_document(person: Person) -> dict[str, Any]:
    return asdict(person, dict_factory=known_fields)


def _second_document(person: Person | None) -> dict[str, Any] | None:
    return _person_document(person) if person else None


_SHOWN: dict[Any, Callable[[Any], Any]] = {
    **{kind: stored.write for kind, stored in STORED_TYPES.items()},
    # People see every part of these, what is stored leaves out the empty ones.
    tuple[Absence, ...]: _absence_documents,
    Person: _person_document,
    Person | None: _second_document,
    Caps: _caps_document,
}
"""The type of a partner's field → how its value stands in the document."""


def _absences(absences: list[Absence]) -> tuple[Absence, ...]:
    return tuple(sorted(absences, key=lambda each: each.first))


def _person(document: PersonDoc) -> Person:
    return Person(**document.model_dump())


def _second_person(document: PersonDoc | None) -> Person | None:
    return _person(document) if document else None


def _caps(document: CapsDoc) -> Caps:
    return Caps(**document.model_dump())


_KEPT: dict[Any, Callable[[Any], Any]] = {
    frozenset[str]: frozenset,
    tuple[Territory, ...]: tuple,
    tuple[Condition, ...]: tuple,
    tuple[Absence, ...]: _absences,
    Person: _person,
    Person | None: _second_person,
    Caps: _caps,
}
"""The type of a partner's field → how the document's value is kept, where that is another type."""

_TYPES: Mapping[str, Any] = {field.name: field.type for field in fields(Partner)}
_SHARED = tuple(name for name in PartnerDoc.model_fields if name not in ONLY_IN_DOCUMENT)
"""The fields that both a partner and its document have."""


def read_partner(
    document: Mapping[str, Any], programme: Programme, today: date, previous: Partner | None = None
) -> Partner:
    """Give the profile that the document makes of ``previous`` (None = a new partner).

    ``confirmed: true`` is HQ's word for the contact's address: nobody is asked to confirm it, and
    earlier bounces, the second contact's too, are forgotten; false asks again. The version is one
    above the previous. Raises InvalidInput with everything that is wrong.
    """
    if not isinstance(document, Mapping):
        raise InvalidInput(
            [
                Problem(
                    "(document)", "malformed", worded("object", "a partner is an object of fields")
                )
            ]
        )
    sent = {str(name)[:60]: value for name, value in document.items() if name != "status"}
    checked = _checked(_merged(_before(programme, previous), sent), programme, today, previous)
    values = {name: _kept(name, getattr(checked, name)) for name in _SHARED}
    holidays = public_holidays(checked.holiday_region or programme.calendar.holiday_region, today)
    return _with_history(Partner(**values, holidays=holidays), checked.confirmed, previous)


def _checked(
    document: dict[str, Any], programme: Programme, today: date, previous: Partner | None
) -> PartnerDoc:
    """Check the document field by field, then what depends on several of them."""
    country = document["country"] if isinstance(document["country"], str) else ""
    if country:
        country = document["country"] = country_code(country) or country
    before = previous.territories if previous else ()
    against = CheckedAgainst(programme, country, today, before)
    try:
        checked = PartnerDoc.model_validate(document, context=against)
    except ValidationError as error:
        raise InvalidInput(problems_of(error)) from error
    if previous is not None and previous.deactivated and not checked.paused:
        english = "cannot be ended for a partner who is deactivated: reactivate it first"
        message = worded("partner.deactivated", english)
        raise InvalidInput([Problem("paused", "deactivated", message)])
    if checked.backup == checked.id:
        english = "names the partner itself: name another one, or leave it out"
        message = worded("partner.itself", english)
        raise InvalidInput([Problem("backup", "invalid", message)])
    # A zone that was saved before it was found to be unreal must not keep HQ from saving the rest.
    kept_zone = previous is not None and previous.time_zone == checked.time_zone
    problem = zone_problem(checked.time_zone)
    if problem and not kept_zone:
        raise InvalidInput([Problem("time_zone", "unreal_zone", problem)])
    return checked


def _kept(name: str, value: Any) -> Any:
    keep = _KEPT.get(_TYPES[name])
    return keep(value) if keep else value


def partner_document(partner: Partner) -> dict[str, Any]:
    """Give the JSON document of a partner; ``read_partner`` of it gives the same partner."""
    document = {}
    for name in _SHARED:
        called = PartnerDoc.model_fields[name].alias or name
        document[called] = _SHOWN[_TYPES[name]](getattr(partner, name))
    document["status"] = {
        "confirmed": partner.confirmed,
        "bounced": partner.bounced,
        "second_bounced": partner.second_contact is not None and partner.second is None,
        "active": partner.active,
        "deactivated": partner.deactivated,
        "holidays": [day.isoformat() for day in partner.holidays],
        "version": partner.version,
    }
    return document


def patched_document(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that a JSON Merge Patch of the document names, as they are to be sent.

    What it takes away is sent as its default: a field that is not sent stays as it was.
    """
    patched = merge_patch(document, patch)
    sent: dict[str, Any] = {}
    for name in patch:
        value = patched.get(name, _default(PartnerDoc, name))
        kind = _KINDS_OF_PARTS.get(name)
        if kind and isinstance(value, dict):
            value = {part: _default(kind, part) for part in kind.model_fields} | value
        sent[name] = value
    return sent


_KINDS_OF_PARTS: Mapping[str, type[Part]] = {
    "contact": PersonDoc,
    "second_contact": PersonDoc,
    "caps": CapsDoc,
}


def _default(kind: type[Part], name: str) -> Any:
    """Give the default of a field as plain data; None where it has none."""
    for field, about in kind.model_fields.items():
        if name in (field, about.alias):
            default = about.get_default(call_default_factory=True)
            return default.model_dump() if isinstance(default, Part) else default
    return None


def _before(programme: Programme, previous: Partner | None) -> dict[str, Any]:
    if previous:
        document = partner_document(previous)
        del document["status"]
        return document
    return {
        "type": programme.partner_types[0],
        "country": programme.country,
        "time_zone": programme.time_zone,
        "language": programme.languages[0],
    }


def _merged(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was there with what is sent in its place, part by part where a field has parts."""
    merged = {**before, **sent}
    for name in ("contact", "second_contact", "caps"):
        if isinstance(before.get(name), Mapping) and isinstance(sent.get(name), Mapping):
            merged[name] = {**before[name], **sent[name]}
    return merged


def _with_unknown_of(partner: Partner, previous: Partner) -> Partner:
    """Give the partner with what newer code knows of the previous one."""
    contact, second = partner.contact, partner.second_contact
    if contact.email == previous.contact.email:
        contact = replace(contact, extra=previous.contact.extra)
    was_second = previous.second_contact
    if second and was_second and second.email == was_second.email:
        second = replace(second, extra=was_second.extra)
    return replace(
        partner,
        contact=contact,
        second_contact=second,
        caps=replace(partner.caps, extra=previous.caps.extra),
        extra=previous.extra,
    )


def _with_history(partner: Partner, confirmed: bool | None, previous: Partner | None) -> Partner:
    """Give the partner with what was known of the previous one, as far as it is still true."""
    address = previous.confirmed_email if previous else ""
    if confirmed is not None:
        address = partner.contact.email if confirmed else ""
    if previous is None:
        return replace(partner, confirmed_email=address, version=1)
    same_address = previous.contact.email == partner.contact.email
    new = replace(
        partner,
        confirmed_email=address,
        bounced=previous.bounced and same_address and not confirmed,
        unreachable=() if confirmed else previous.unreachable,
        listed=previous.listed,
        paused_by=previous.paused_by if partner.paused else "",
        deactivated=previous.deactivated,
        version=previous.version + 1,
    )
    new = with_links_of(_with_unknown_of(new, previous), previous)
    reached_as_before = (
        same_address
        and new.confirmed == previous.confirmed
        and new.bounced == previous.bounced
        and new.unreachable == previous.unreachable
    )
    generation = (
        previous.address_generation if reached_as_before else previous.address_generation + 1
    )
    return replace(new, address_generation=generation)
