"""Sign out: on this device, on another one, or everywhere at once."""

from collections.abc import Mapping
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.hq_access import all_ended, without_device
from routing_core.service.hq_desk.sign_in import Visit
from routing_core.service.kernel.hq_access_book import change_access
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services


def act_on_devices(services: Services, visit: Visit, form: Mapping[str, str], now: datetime) -> str:
    """Press a button of the visitor's list of devices, and give the notice.

    ``remove`` signs out the ``device`` that it names, ``everywhere`` all of them, with every link
    that the visitor was sent; ``signed_out`` means that the visitor's own device was among them.
    """
    book, person = services.hq_access, visit.person
    match form.get("action"):
        case "remove":
            device = form.get("device", "")
            if all(each.id != device for each in visit.access.devices):
                return ""
            change_access(book, person.id, lambda access: without_device(access, device))
            removed = LogEntry(
                at=now, by=person.actor, kind=ActivityKind.DEVICE_REMOVED, about=device
            )
            services.activity.note(removed)
            return "signed_out" if device == visit.device else "removed"
        case "everywhere":
            change_access(book, person.id, all_ended)
            ended = LogEntry(
                at=now, by=person.actor, kind=ActivityKind.ACCESS_ENDED, about=person.id
            )
            services.activity.note(ended)
            return "signed_out"
    return ""
