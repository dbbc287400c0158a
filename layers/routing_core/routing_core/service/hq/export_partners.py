"""HQ takes the list of its partners away, with everybody's contacts: by right, and noted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.partner import Partner
from routing_core.service.hq.known_partners import all_as_saved
from routing_core.service.hq.partner_list import visible_to
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services


def exported_partners(
    services: Services, person: HqPerson, kind: str, now: datetime
) -> Sequence[Partner]:
    """Give all partners whom somebody sees, by id, each as saved, and note who took them away.

    ``kind`` is the kind of file. Raises NotAllowed.
    """
    person.need(Right.EXPORT)
    seen = [each for each in all_as_saved(services) if visible_to(person, each, services)]
    entry = LogEntry(at=now, by=person.actor, kind=ActivityKind.PARTNERS_EXPORTED)
    services.activity.note(replace(entry, about=kind, detail=f"rows={len(seen)}"))
    return seen
