"""The people of HQ as the API tells of them."""

from typing import Any

from routing_core.domain.hq_people import HqPerson, hq_entries
from routing_core.domain.people import person_id
from routing_core.service.hq_desk.people_desk import PeopleView, PersonRow, PersonView


def people_document(view: PeopleView) -> dict[str, Any]:
    """Give everybody at HQ, ready for JSON."""
    rights: dict[str, list[str]] = {}
    for entry in hq_entries(view.programme.hq):
        rights.setdefault(person_id(entry.email), list(entry.may))
    return {"people": [_document(row, rights[row.person.id]) for row in view.people]}


def person_document(view: PersonView) -> dict[str, Any]:
    """Give one person, ready for JSON; nothing of somebody who is not there yet."""
    if view.row is None:
        return {}
    return _document(view.row, list(view.form.may))


def _document(row: PersonRow, may: list[str]) -> dict[str, Any]:
    person: HqPerson = row.person
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role.value,
        "language": person.language,
        "regions": sorted(person.regions or ()),
        "may": may,
        "devices": len(row.devices),
        "last_seen": row.last_seen.isoformat() if row.last_seen else None,
    }
