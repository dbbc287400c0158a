"""A partner as plain data and back: one mapping for the stored profile and the network snapshot.

Only dicts, lists, text, whole numbers, booleans and None: ready for JSON and for DynamoDB. Days are
ISO text, territories as people write them. What is empty is left out; every other value is written
even where it is today's default, so that a later default changes no stored partner.

A change of shape raises ``SCHEMA``; ``partner_from_plain`` then reads the older shapes too. Fields
it does not know are left alone, so that a function still running the old code reads what a new one
wrote.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.partner import Absence, Caps, Partner, Person
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory.territory import Territory

SCHEMA = 1


class NewerSchema(ValueError):
    """Written by code that is newer than this, which is about to be replaced: to be read again, by
    that code.
    """


def partner_to_plain(partner: Partner) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "id": partner.id,
        "version": partner.version,
        "name": partner.name,
        "type": partner.type,
        "tier": partner.tier,
        "contact": _person(partner.contact),
        "second_contact": partner.second_contact and _person(partner.second_contact),
        "street": partner.street,
        "postcode": partner.postcode,
        "town": partner.town,
        "country": partner.country,
        "website": partner.website,
        "time_zone": partner.time_zone,
        "language": partner.language,
        "languages": sorted(partner.languages),
        "territories": [str(territory) for territory in partner.territories],
        "products": sorted(partner.products),
        "tags": sorted(partner.tags),
        "specialisations": sorted(partner.specialisations),
        "weight": partner.weight,
        "takes": [str(condition) for condition in partner.takes],
        "certificates": {
            name: last and last.isoformat() for name, last in sorted(partner.certificates.items())
        },
        "response_hours": None if partner.response_hours is None else partner.response_hours.week(),
        "holiday_region": partner.holiday_region,
        "holidays": [day.isoformat() for day in partner.holidays],
        "absences": [
            [absence.first.isoformat(), absence.last.isoformat()] for absence in partner.absences
        ],
        "caps": caps_to_plain(partner.caps),
        "paused": partner.paused,
        "confirmed_email": partner.confirmed_email,
        "bounced": partner.bounced,
        "unreachable": list(partner.unreachable),
        "occasion": partner.occasion,
        "backup": partner.backup,
        "links": partner.links,
        "listed": dict(sorted(partner.listed.items())),
        "generations": dict(sorted(partner.generations.items())),
        "revoked": partner.revoked or None,
        "ended": dict(sorted(partner.ended.items())),
    }
    kept_when_empty = {"response_hours"}  # no hours at all is not the same as the programme's hours
    return {
        name: value
        for name, value in plain.items()
        if value not in (None, "", [], {}) or (value == {} and name in kept_when_empty)
    }


def partner_from_plain(plain: Mapping[str, Any]) -> Partner:
    """Raises NewerSchema, KeyError for a missing field that every partner has, or what reading a
    wrong type raises.
    """
    _check_schema(plain)
    second, hours = plain.get("second_contact"), plain.get("response_hours")
    return Partner(
        id=plain["id"],
        version=int(plain["version"]),
        name=plain["name"],
        type=plain["type"],
        tier=int(plain["tier"]),
        contact=_person_from(plain["contact"]),
        second_contact=_person_from(second) if second else None,
        street=plain.get("street", ""),
        postcode=plain.get("postcode", ""),
        town=plain.get("town", ""),
        country=plain["country"],
        website=plain.get("website", ""),
        time_zone=plain["time_zone"],
        language=plain["language"],
        languages=frozenset(plain.get("languages", ())),
        territories=tuple(Territory.parse(text) for text in plain.get("territories", ())),
        products=frozenset(plain.get("products", ())),
        tags=frozenset(plain.get("tags", ())),
        specialisations=frozenset(plain.get("specialisations", ())),
        weight=int(plain.get("weight", 1)),
        takes=tuple(Condition.parse(text) for text in plain.get("takes", ())),
        certificates={
            name: date.fromisoformat(last) if last else None
            for name, last in plain.get("certificates", {}).items()
        },
        response_hours=None if hours is None else ResponseHours.parse(hours),
        holiday_region=plain.get("holiday_region", ""),
        holidays=tuple(date.fromisoformat(day) for day in plain.get("holidays", ())),
        absences=tuple(
            Absence(date.fromisoformat(first), date.fromisoformat(last))
            for first, last in plain.get("absences", ())
        ),
        caps=caps_from_plain(plain.get("caps", {})),
        paused=plain["paused"],
        confirmed_email=plain.get("confirmed_email", ""),
        bounced=plain["bounced"],
        unreachable=tuple(plain.get("unreachable", ())),
        occasion=int(plain.get("occasion", 1)),
        backup=_id_of(plain.get("backup")),
        links=int(plain["links"]),
        listed=plain.get("listed", {}),
        generations={
            person: int(generation) for person, generation in plain.get("generations", {}).items()
        },
        revoked=int(plain.get("revoked", 0)),
        ended={person: int(times) for person, times in plain.get("ended", {}).items()},
    )


def _id_of(backup: Any) -> str:
    """Profiles saved before a backup was somebody have yes or no there, which meant nothing."""
    return backup if isinstance(backup, str) else ""


def caps_to_plain(caps: Caps) -> dict[str, Any]:
    """Caps that are no limit are left out."""
    stated: dict[str, Any] = {
        "open": caps.open,
        "day": caps.day,
        "week": caps.week,
        "month": caps.month,
    }
    stated |= {"paced": caps.paced or None, "products": dict(sorted(caps.products.items())) or None}
    stated |= {
        "product_offers": {name: dict(most) for name, most in sorted(caps.product_offers.items())}
        or None
    }
    return {name: most for name, most in stated.items() if most is not None}


def caps_from_plain(plain: Mapping[str, Any]) -> Caps:
    return Caps(
        **{name: int(plain[name]) for name in ("open", "day", "week", "month") if name in plain},
        paced=bool(plain.get("paced", False)),
        products={product: int(most) for product, most in plain.get("products", {}).items()},
        product_offers={
            product: {period: int(most) for period, most in by_period.items()}
            for product, by_period in plain.get("product_offers", {}).items()
        },
    )


def _person(person: Person) -> dict[str, str]:
    stated = {"email": person.email, "name": person.name, "phone": person.phone}
    return {name: value for name, value in stated.items() if value}


def _person_from(plain: Mapping[str, str]) -> Person:
    return Person(plain["email"], plain.get("name", ""), plain.get("phone", ""))


def _check_schema(plain: Mapping[str, Any]) -> None:
    if int(plain["schema"]) > SCHEMA:
        raise NewerSchema(
            f"partner {plain.get('id')} is written in schema {plain['schema']}, this code reads {SCHEMA}"
        )
