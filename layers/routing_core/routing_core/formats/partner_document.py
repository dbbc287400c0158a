"""A partner as HQ sends and reads it: a JSON document in plain words, checked whole.

What a document leaves out stays as it was (a new partner gets the defaults); what it sends
replaces. What only the product knows stands under ``status``, which is ignored when it is sent
back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.calendar.zones import zone_problem
from routing_core.domain.checks.programme_checks import condition_problem
from routing_core.domain.closing_days import closing_days
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.extents import of_no_effect
from routing_core.domain.partner import TIERS, WEIGHTS, Absence, Caps, Partner, Person
from routing_core.domain.people import with_links_of
from routing_core.domain.programme.document import Email, TimeZone, problems_of
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.phones import e164
from routing_core.domain.values.spelled import meant, spellings
from routing_core.formats import partner_cells

T = TypeVar("T")


def _text(value: Any) -> Any:
    """Cleaned; what is far too long for any field is cut first, so that a huge cell costs
    nothing.
    """
    return one_line(value[:5000]) if isinstance(value, str) else value


def _website(text: str) -> str:
    address = text if not text or "://" in text else f"https://{text}"
    if address and (
        not address.startswith(("https://", "http://")) or " " in address or "." not in address
    ):
        raise ValueError("is not a web address: use one like https://www.example.com")
    return address


def _territory(value: Any) -> Territory:
    if isinstance(value, Territory):
        return value
    if not isinstance(value, str):
        raise ValueError(
            "a territory is text: write DE, DE 80331, DE 80*, DE 80000-81999 or region bavaria"
        )
    territory = Territory.parse(one_line(value[:200]))
    if territory.country:
        _country(territory.country)
    return territory


def _condition(value: Any, info: ValidationInfo) -> Condition:
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str):
        raise ValueError(
            "is a sentence: write area at least 100, or weekday in mon, tue, wed, thu, fri"
        )
    condition = Condition.parse(one_line(value[:300]))
    problem = condition_problem(condition, _context(info).programme)
    if problem:
        raise ValueError(problem)
    return condition


def _country(code: str) -> str:
    if not postcodes.is_country(code):
        raise ValueError(f"{code[:20]!r} is not a country: use one like DE, AT or US")
    return code


def _once(items: list[T]) -> list[T]:
    seen: set[T] = set()
    for item in items:
        if item in seen:
            raise ValueError(f"{item} appears twice: write it once")
        seen.add(item)
    return items


def _yes_or_no(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_text), StringConstraints(max_length=100)]
Named = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1, max_length=100)]
PartnerId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Country = Annotated[str, BeforeValidator(_text), AfterValidator(_country)]
Language = Annotated[str, BeforeValidator(_text), Field(pattern=r"^[a-z]{2,3}$")]
Word = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1, max_length=60)]
Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]
"""Of enquiries; nobody works on more, and none is a cap too: the partner gets nothing."""
Flag = Annotated[bool, Field(strict=True)]


def _phone(text: str, info: ValidationInfo) -> str:
    return e164(text, _context(info).country) if text else ""


def _postcode(text: str, info: ValidationInfo) -> str:
    return postcodes.canonical(_context(info).country, text) if text else ""


def _product(text: str, info: ValidationInfo) -> str:
    products = _context(info).programme.products
    named = {product.id: tuple(product.name.values()) for product in products}
    return _one_of(text, named)


def _type(text: str, info: ValidationInfo) -> str:
    return _one_of(text, dict.fromkeys(_context(info).programme.partner_types, ()))


def _one_of(text: str, named: Mapping[str, tuple[str, ...]]) -> str:
    """The id, also of what is spelled otherwise, or called as people see it: ``Service`` for
    ``service``.
    """
    if text in named:
        return text
    text, known = meant(text, spellings(named)), list(named)
    if text not in known:
        raise ValueError(f"{text!r} is not one of {', '.join(known)}")
    return text


def _known_to_programme(territory: Territory, info: ValidationInfo) -> Territory:
    """Regions and areas are the programme's."""
    programme = _context(info).programme
    named: Mapping[str, object] | None = None
    if territory.reach in (TerritoryKind.REGION, TerritoryKind.AREA):
        named = programme.regions if territory.reach is TerritoryKind.REGION else programme.areas
    if named is not None and territory.value not in named:
        known = f"there are {', '.join(named)}" if named else "the programme has none"
        raise ValueError(f"{territory.value!r} is not a known {territory.reach.value}: {known}")
    return territory


def _may_be_saved(territory: Territory, info: ValidationInfo) -> Territory:
    if territory not in _context(info).before:
        territory.check()
    return territory


def _cover_something(entries: list[Territory], info: ValidationInfo) -> list[Territory]:
    if tuple(entries) == _context(info).before:
        return entries
    if all(entry.excluded for entry in entries):
        raise ValueError(
            f"only take away: name what the partner covers too, as in DE, {entries[0]}"
        )
    idle = next(of_no_effect(entries, _context(info).programme.regions), None)
    if idle:
        raise ValueError(
            f"{str(idle)!r} takes nothing away: all it reaches lies wholly inside it and stays; leave it out"
        )
    return entries


def _holiday_region(text: str, info: ValidationInfo) -> str:
    closing_days(text, _context(info).today)
    return text


@dataclass(frozen=True)
class _Context:
    """What a field is checked against."""

    programme: Programme
    country: str
    today: date
    before: tuple[Territory, ...]
    """Territories that the partner has already: those may stay as they are."""


def _context(info: ValidationInfo) -> _Context:
    context: _Context = info.context  # type: ignore[assignment]
    return context


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class PersonDoc(Part):
    email: Annotated[Email, BeforeValidator(_text)]
    name: Line = ""
    phone: Annotated[Line, AfterValidator(_phone)] = ""


class CapsDoc(Part):
    open: Count | None = None
    day: Count | None = None
    week: Count | None = None
    month: Count | None = None
    paced: Flag = False
    products: dict[Annotated[Word, AfterValidator(_product)], Count] = {}
    product_offers: dict[
        Annotated[Word, AfterValidator(_product)], dict[Literal["day", "week", "month"], Count]
    ] = {}


class PartnerDoc(Part):
    """The whole document; defaults that depend on the programme are filled in before."""

    id: PartnerId
    name: Named
    type: Annotated[Word, AfterValidator(_type)]
    tier: Annotated[int, Field(strict=True, ge=TIERS[0], le=TIERS[-1])] = 2
    contact: PersonDoc
    second_contact: PersonDoc | None = None
    country: Country
    time_zone: TimeZone
    language: Language
    languages: Annotated[list[Language], Field(max_length=50)] = []
    street: Line = ""
    postcode: Annotated[Line, AfterValidator(_postcode)] = ""
    town: Line = ""
    website: Annotated[
        str, BeforeValidator(_text), StringConstraints(max_length=200), AfterValidator(_website)
    ] = ""
    territories: Annotated[
        list[
            Annotated[
                Territory,
                PlainValidator(_territory),
                AfterValidator(_known_to_programme),
                AfterValidator(_may_be_saved),
            ]
        ],
        Field(min_length=1, max_length=3000),
        AfterValidator(_once),
        AfterValidator(_cover_something),
    ]
    products: Annotated[
        list[Annotated[Word, AfterValidator(_product)]], Field(min_length=1, max_length=200)
    ]
    tags: Annotated[list[Word], Field(max_length=200)] = []
    specialisations: Annotated[list[Word], Field(max_length=200)] = []
    weight: Annotated[int, Field(strict=True, ge=WEIGHTS[0], le=WEIGHTS[-1])] = 1
    takes: Annotated[
        list[Annotated[Condition, PlainValidator(_condition)]], Field(max_length=20)
    ] = []
    certificates: Annotated[dict[str, date | None], PlainValidator(partner_cells.certificates)] = {}
    response_hours: Annotated[
        ResponseHours | None, PlainValidator(partner_cells.response_hours)
    ] = None
    holiday_region: Annotated[Line, AfterValidator(_holiday_region)] = ""
    absences: Annotated[
        list[Annotated[Absence, PlainValidator(partner_cells.absence)]],
        BeforeValidator(partner_cells.absence_list),
        Field(max_length=200),
    ] = []
    caps: CapsDoc = CapsDoc()
    paused: Annotated[Flag, BeforeValidator(_yes_or_no)] = False
    backup: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,39})?$")] = ""
    confirmed: Flag | None = None


def read_partner(
    document: Mapping[str, Any], programme: Programme, today: date, previous: Partner | None = None
) -> Partner:
    """The profile that the document makes of ``previous`` (None = a new partner). Raises
    InvalidInput.

    ``confirmed: true`` is HQ's word for the contact's address: nobody is asked to confirm it, and
    earlier bounces,
    the second contact's too, are forgotten; false asks again. The version is one above the
    previous.
    """
    if not isinstance(document, Mapping):
        raise InvalidInput([Problem("(document)", "malformed", "a partner is an object of fields")])
    sent = {str(k)[:60]: v for k, v in document.items() if k != "status"}
    merged = _merged(_before(programme, previous), sent)
    if isinstance(merged["country"], str):
        merged["country"] = country_code(merged["country"]) or merged["country"]
    country = merged["country"] if isinstance(merged["country"], str) else ""
    before = previous.territories if previous else ()
    try:
        doc = PartnerDoc.model_validate(merged, context=_Context(programme, country, today, before))
    except ValidationError as error:
        raise InvalidInput(problems_of(error)) from error
    if doc.backup == doc.id:
        message = "names the partner itself: name another one, or leave it out"
        raise InvalidInput([Problem("backup", "invalid", message)])
    problem = zone_problem(doc.time_zone)
    if problem and (previous is None or previous.time_zone != doc.time_zone):
        raise InvalidInput([Problem("time_zone", "unreal_zone", problem)])
    partner = Partner(
        id=doc.id,
        name=doc.name,
        contact=Person(**doc.contact.model_dump()),
        country=doc.country,
        time_zone=doc.time_zone,
        language=doc.language,
        territories=tuple(doc.territories),
        products=frozenset(doc.products),
        type=doc.type,
        tier=doc.tier,
        languages=frozenset(doc.languages),
        tags=frozenset(doc.tags),
        specialisations=frozenset(doc.specialisations),
        weight=doc.weight,
        takes=tuple(doc.takes),
        certificates=doc.certificates,
        second_contact=Person(**doc.second_contact.model_dump()) if doc.second_contact else None,
        street=doc.street,
        postcode=doc.postcode,
        town=doc.town,
        website=doc.website,
        response_hours=doc.response_hours,
        holiday_region=doc.holiday_region,
        holidays=closing_days(doc.holiday_region or programme.calendar.holiday_region, today),
        absences=tuple(sorted(doc.absences, key=lambda a: a.first)),
        caps=Caps(**doc.caps.model_dump()),
        paused=doc.paused,
        backup=doc.backup,
    )
    return _with_history(partner, doc.confirmed, previous)


def partner_document(partner: Partner) -> dict[str, Any]:
    """JSON-ready; ``read_partner`` of it gives the same partner."""
    return {
        "id": partner.id,
        "name": partner.name,
        "type": partner.type,
        "tier": partner.tier,
        "contact": _person_document(partner.contact),
        "second_contact": partner.second_contact and _person_document(partner.second_contact),
        "country": partner.country,
        "time_zone": partner.time_zone,
        "language": partner.language,
        "languages": sorted(partner.languages),
        "street": partner.street,
        "postcode": partner.postcode,
        "town": partner.town,
        "website": partner.website,
        "territories": [str(t) for t in partner.territories],
        "products": sorted(partner.products),
        "tags": sorted(partner.tags),
        "specialisations": sorted(partner.specialisations),
        "weight": partner.weight,
        "takes": [str(condition) for condition in partner.takes],
        "certificates": {
            name: day and day.isoformat() for name, day in sorted(partner.certificates.items())
        },
        "response_hours": partner.response_hours and partner.response_hours.week(),
        "holiday_region": partner.holiday_region,
        "absences": [
            {"first": a.first.isoformat(), "last": a.last.isoformat()} for a in partner.absences
        ],
        "caps": {
            name: getattr(partner.caps, name) for name in ("open", "day", "week", "month", "paced")
        }
        | {
            "products": dict(sorted(partner.caps.products.items())),
            "product_offers": {
                name: dict(most) for name, most in sorted(partner.caps.product_offers.items())
            },
        },
        "paused": partner.paused,
        "backup": partner.backup,
        "status": {
            "confirmed": partner.confirmed,
            "bounced": partner.bounced,
            "second_bounced": partner.second_contact is not None and partner.second is None,
            "active": partner.active,
            "holidays": [day.isoformat() for day in partner.holidays],
            "version": partner.version,
        },
    }


def _person_document(person: Person) -> dict[str, str]:
    return {"email": person.email, "name": person.name, "phone": person.phone}


def _before(programme: Programme, previous: Partner | None) -> dict[str, Any]:
    if previous:
        return {k: v for k, v in partner_document(previous).items() if k != "status"}
    return {
        "type": programme.partner_types[0],
        "country": programme.country,
        "time_zone": programme.time_zone,
        "language": programme.languages[0],
    }


def _merged(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**before, **sent}
    for name in ("contact", "second_contact", "caps"):
        if isinstance(before.get(name), Mapping) and isinstance(sent.get(name), Mapping):
            merged[name] = {**before[name], **sent[name]}
    return merged


def _with_history(partner: Partner, confirmed: bool | None, previous: Partner | None) -> Partner:
    same_address = previous is not None and previous.contact.email == partner.contact.email
    address = previous.confirmed_email if previous else ""
    if confirmed is not None:
        address = partner.contact.email if confirmed else ""
    if previous is None:
        return replace(partner, confirmed_email=address, version=1)
    new = replace(
        partner,
        confirmed_email=address,
        bounced=previous.bounced and same_address and not confirmed,
        unreachable=() if confirmed else previous.unreachable,
        listed=previous.listed,
        version=previous.version + 1,
    )
    new = with_links_of(new, previous)
    known = ("confirmed", "bounced", "unreachable")
    as_before = same_address and all(
        getattr(new, each) == getattr(previous, each) for each in known
    )
    return replace(new, occasion=previous.occasion + (not as_before))
