"""The rules and the partners: what HQ saves, what a partner changes at their desk."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from routing_core.domain.partner import Absence, Caps
from routing_core.domain.values.mailboxes import email_mark
from tests.faults.calls import Fault, Killed, trouble
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import (
    AT_ONCE,
    RULES,
    Act,
    Case,
    Cases,
    hq_api,
    offered,
    on_desk,
    press,
    staged,
)
from tests.faults.state import half_applied
from tests.support.builders import a_partner, a_programme, programme_document
from tests.support.world import munich

CASES = Cases()


QUIET = {
    "confirmed": True,
    "paused": True,
    "country": "DE",
    "products": ["boiler"],
    "territories": ["DE 80*"],
}
"""Nobody is told of them."""


def _import(world: PatientWorld, number: int) -> Act:
    known = {"id": "munich-1", "name": "Another name", "contact": {"email": "munich-1@example.com"}}
    new = [
        {"id": f"new-{n}", "name": "New", "contact": {"email": "new@example.com"}}
        for n in range(1, number)
    ]
    return hq_api(
        world, "POST", "/v1/partners/import", {"partners": [QUIET | row for row in (known, *new)]}
    )


@CASES("import partners")
def import_partners(world: PatientWorld) -> Act:
    staged(world)
    return _import(world, AT_ONCE)


@CASES("import a table")
def import_table(world: PatientWorld) -> Act:
    staged(world)
    return a_table(world)


def a_table(world: PatientWorld) -> Act:
    columns = "id;name;email;country;territories;products;paused;confirmed"
    table = f"{columns}\nfresh;New;n@example.com;DE;DE 80*;boiler;yes;yes\n"
    return hq_api(world, "POST", "/v1/partners/import", text=table)


@CASES("import a dealer map")
def import_map(world: PatientWorld) -> Act:
    staged(world)
    return a_map(world)


def a_map(world: PatientWorld) -> Act:
    return hq_api(
        world,
        "POST",
        "/v1/partners/import",
        text="country;postcode;first dealer\nDE;80331;munich-1\n",
    )


@CASES("import a list too long for one transaction")
def import_long(world: PatientWorld) -> Act:
    staged(world)
    return _import(world, 3 * AT_ONCE)


def decided_long_list(world: PatientWorld) -> None:
    """A long list that was decided on, and then its process died."""
    staged(world)
    send = _import(world, 3 * AT_ONCE)
    with trouble(Fault.KILLED_AFTER, at="dynamodb.TransactWriteItems"), suppress(Killed):
        send()
    assert half_applied(world)


@CASES("sweep: a long list is waiting")
def sweep_import(world: PatientWorld) -> Act:
    decided_long_list(world)
    return world.sweep


@CASES("save a partner while a long list is waiting")
def save_at_the_gate(world: PatientWorld) -> Act:
    decided_long_list(world)
    return hq_api(
        world,
        "PUT",
        "/v1/partners/another",
        QUIET | {"name": "Another", "contact": {"email": "a@example.com"}},
    )


@CASES("import while a long list is waiting")
def import_at_the_gate(world: PatientWorld) -> Act:
    decided_long_list(world)
    return _import(world, 2 * AT_ONCE)


@CASES("import a table while a long list is waiting")
def import_table_at_the_gate(world: PatientWorld) -> Act:
    decided_long_list(world)
    return a_table(world)


@CASES("import a dealer map while a long list is waiting")
def import_map_at_the_gate(world: PatientWorld) -> Act:
    decided_long_list(world)
    return a_map(world)


@CASES("save a partner")
def save_partner(world: PatientWorld) -> Act:
    staged(world)
    world.press(urlsplit(world.wiring.links.desk("munich-1", 1)).path, action="pause")
    return hq_api(world, "PUT", "/v1/partners/munich-1", {"paused": False, "caps": {"open": 7}})


@CASES("save the programme")
def save_programme(world: PatientWorld) -> Act:
    staged(world)
    return hq_api(world, "PUT", "/v1/programme", programme_document(name="Another"))


@CASES("save where postcodes are")
def save_places(world: PatientWorld) -> Act:
    staged(world)
    return hq_api(world, "PUT", "/v1/places/DE", text="postcode;lat;lon\n80331;48.137;11.575\n")


# ── the partner's desk ────────────────────────────────────────────────────────────────────────────


def _desk(**form: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        offered(world)
        return on_desk(world, **form)

    return prepare


CASES["pause"] = _desk(action="pause")
CASES["holiday"] = _desk(action="holiday", first="2026-12-01", last="2026-12-05")
CASES["renew the link"] = _desk(action="renew")


@CASES("resume")
def resume(world: PatientWorld) -> Act:
    offered(world)
    on_desk(world, action="pause")()
    world.deliver()
    return on_desk(world, action="resume")


@CASES("end a holiday")
def end_holiday(world: PatientWorld) -> Act:
    day = world.now.date() + timedelta(days=5)
    world.use(a_programme(**RULES), munich(1, absences=(Absence(day, day),)))
    return on_desk(world, action="end_holiday", first=f"{day}", last=f"{day}")


@CASES("confirm the address")
def confirm(world: PatientWorld) -> Act:
    world.use(a_programme(**RULES), munich(1, confirmed_email=""))
    world.post_lead()
    world.deliver()
    return press(world, world.wiring.links.confirm("munich-1", email_mark("munich-1@example.com")))


@CASES("network: a partner changed")
def network(world: PatientWorld) -> Act:
    staged(world)
    known = world.wiring.partners.get("munich-1")
    assert known
    fresh = a_partner("fresh", confirmed_email="")
    world.wiring.partners.save(
        [(replace(known, caps=Caps(open=9)), known.version), (fresh, None)], world.now
    )
    return world.hear_of_partners


@CASES("network: mail to a partner comes back")
def network_bounced(world: PatientWorld) -> Act:
    staged(world)
    world.wiring.partners.bounce("munich-1", world.now)
    return world.hear_of_partners
