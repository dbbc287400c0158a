"""HQ decides about a lead."""

from tests.faults.deliveries import PatientWorld
from tests.faults.stages import (
    Act,
    Case,
    Cases,
    another,
    exhausted,
    hq_api,
    offered,
    on_queue,
    owned,
    posted,
    press,
)
from tests.support.merged import merged
from tests.support.world import munich

CASES = Cases()


@CASES("assign by HQ")
def assign(world: PatientWorld) -> Act:
    lead = owned(world)
    whoever_has_it = {"if-match": "*"}
    return hq_api(
        world,
        "POST",
        f"/v1/leads/{lead}/assign",
        {"partner": another(world, lead)},
        **whoever_has_it,
    )


def _decided(action: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        lead = offered(world)
        world.press(world.offer_link(lead), action="decline", reason="customer")
        world.deliver()
        return on_queue(world, lead, action=action)

    return prepare


CASES["grant a claim"] = _decided("grant")
CASES["refuse a claim"] = _decided("release")
CASES["erase by HQ"] = lambda world: on_queue(world, owned(world), action="erase")


def _repeated(which: int) -> Case:
    """The enquiry (0) or its repeat (1)."""

    def prepare(world: PatientWorld) -> Act:
        leads = [owned(world), world.post_lead("two", message="And the garage.").json()["lead"]]
        world.deliver()
        return on_queue(world, leads[which], action="erase")

    return prepare


CASES["erase by HQ, with its repeat"] = _repeated(0)
CASES["erase by HQ, only the repeat"] = _repeated(1)


@CASES("release from quarantine, of somebody known")
def release_known(world: PatientWorld) -> Act:
    """It is attached for the moment, and compared by its own wake."""
    owned(world)
    held: str = world.post_lead("two", message="Once more.", website_url="x").json()["lead"]
    world.deliver()
    return on_queue(world, held, action="release")


CASES["release from quarantine"] = lambda world: on_queue(
    world, posted(world, website_url="x"), action="release"
)
CASES["reject"] = lambda world: on_queue(world, exhausted(world), action="reject")
CASES["ask the partner"] = lambda world: on_queue(
    world, owned(world), action="ask", text="Is the boiler ordered?"
)
CASES["note of hq"] = lambda world: on_queue(
    world, exhausted(world), action="note", text="Phoned them."
)


@CASES("reject what had paused a partner")
def reject_junk(world: PatientWorld) -> Act:
    lead = offered(world, partners=1, lapses={"unseen_to_hq": 1, "pause": 1})
    world.run_until(world.lead(lead).offers[0].expires_at)
    return on_queue(world, lead, action="reject")


@CASES("erase by HQ, what was merged before")
def erase_merged(world: PatientWorld) -> Act:
    return on_queue(world, merged(world, owned(world), "two", "And the garage."), action="erase")


@CASES("retry all who wait")
def retry_all(world: PatientWorld) -> Act:
    exhausted(world)
    world.add(munich(4))
    return press(world, world.wiring.services.queue_link(), action="retry")


@CASES("end a partner's links")
def revoke(world: PatientWorld) -> Act:
    offered(world)
    return press(world, f"{world.hq_link()}/partners/munich-1", action="revoke", seen="0")


@CASES("a fresh link for HQ")
def fresh_link(world: PatientWorld) -> Act:
    offered(world)
    return press(world, world.hq_link(), action="renew")


@CASES("put the place right by HQ")
def move(world: PatientWorld) -> Act:
    return hq_api(world, "POST", f"/v1/leads/{exhausted(world)}/move", {"postcode": "80333"})


@CASES("try one again by HQ")
def requeue(world: PatientWorld) -> Act:
    lead = exhausted(world)
    world.add(munich(4))
    return hq_api(world, "POST", f"/v1/leads/{lead}/requeue")


@CASES("withdraw by HQ")
def withdraw(world: PatientWorld) -> Act:
    return hq_api(world, "POST", f"/v1/leads/{owned(world)}/withdraw")


@CASES("signs of interest")
def interest(world: PatientWorld) -> Act:
    told = {"activities": [{"kind": "download", "text": "The brochure"}]}
    return hq_api(world, "POST", f"/v1/leads/{owned(world)}/activities", told)
