"""Who asks and who answers: the form, the partner's pages, the prospect's own page."""

from functools import partial

from tests.faults.deliveries import PatientWorld
from tests.faults.stages import (
    SHARE,
    WAVES,
    Act,
    Case,
    Cases,
    at_night,
    offered,
    on_offer,
    on_status,
    owned,
    press,
    staged,
)
from tests.hooks import crowd
from tests.world import ENQUIRY, Answer

CASES = Cases()


# ── intake ────────────────────────────────────────────────────────────────────────────────────────────


@CASES("submit")
def submit(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one")


@CASES("submit by the hosted form")
def submit_form(world: PatientWorld) -> Act:
    staged(world)
    fields = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()}
    return press(world, "/f/enquiry", step="2", submission_id="form", **fields)


@CASES("submit where nobody is")
def submit_nowhere(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one", postcode="25980")


@CASES("submit at night")
def submit_at_night(world: PatientWorld) -> Act:
    at_night(world)
    return partial(world.post_lead, "one")


@CASES("submit spam")
def submit_spam(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one", website_url="https://spam.example")


@CASES("submit for later")
def submit_nurtured(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one", owner="tenant")


@CASES("submit in a crowd")
def submit_in_a_crowd(world: PatientWorld) -> Act:
    """Somebody else is always faster."""
    staged(world)

    def post() -> Answer:
        with crowd(world):
            return world.post_lead("one")

    return post


@CASES("repeat of the post")
def submit_again(world: PatientWorld) -> Act:
    offered(world)
    return partial(world.post_lead)


@CASES("repeat by the same person")
def join(world: PatientWorld) -> Act:
    offered(world)
    return partial(world.post_lead, "two", message="And the garage.")


# ── partners ──────────────────────────────────────────────────────────────────────────────────────────


@CASES("accept")
def accept(world: PatientWorld) -> Act:
    return on_offer(world, offered(world), action="accept")


@CASES("accept what was shared")
def accept_shared(world: PatientWorld) -> Act:
    lead = offered(world, offers=[SHARE])
    world.run_for(minutes=120)
    return on_offer(world, lead, 1, action="accept")


@CASES("decline")
def decline(world: PatientWorld) -> Act:
    return on_offer(world, offered(world), action="decline", reason="busy", text="Full until May.")


@CASES("decline by the last")
def decline_last(world: PatientWorld) -> Act:
    return on_offer(world, offered(world, partners=1), action="decline", reason="busy")


@CASES("accept from a wave")
def accept_from_wave(world: PatientWorld) -> Act:
    return on_offer(world, offered(world, offers=[WAVES]), 1, action="accept")


@CASES("decline in a wave")
def decline_in_wave(world: PatientWorld) -> Act:
    return on_offer(world, offered(world, offers=[WAVES]), 1, action="decline", reason="busy")


@CASES("claim")
def claim(world: PatientWorld) -> Act:
    return on_offer(world, offered(world), action="decline", reason="customer", text="Since 2019.")


@CASES("release")
def release(world: PatientWorld) -> Act:
    lead = offered(world)
    partner = world.lead(lead).offers[0].partner
    world.wiring.partners.set_paused(partner, True, world.now)
    world.deliver()
    return on_offer(world, lead, action="release")


@CASES("wait")
def wait(world: PatientWorld) -> Act:
    lead = offered(world)
    world.press(world.offer_link(lead, 1), action="decline", reason="busy")
    return on_offer(world, lead, 1, action="wait")


@CASES("early return")
def give_back(world: PatientWorld) -> Act:
    return on_offer(world, owned(world), action="return")


CASES["give back work that is not theirs"] = lambda world: on_offer(
    world, owned(world), action="give_back", reason="work"
)
CASES["give back a wrong contact"] = lambda world: on_offer(world, owned(world), action="give_back", reason="contact")


@CASES("hand over to a colleague")
def hand_to_colleague(world: PatientWorld) -> Act:
    return on_offer(world, owned(world), action="colleague", name="Sam Huber", email="sam@example.com")


@CASES("hand over to another partner")
def hand_to_partner(world: PatientWorld) -> Act:
    lead = owned(world)
    other = next(f"munich-{n}" for n in (1, 2, 3) if world.lead(lead).owner != f"munich-{n}")
    return on_offer(world, lead, action="partner", partner=other, text="Nearer to them.")


CASES["hand over to HQ"] = lambda world: on_offer(world, owned(world), action="hq", text="A cousin would be nearer.")


@CASES("accept what was handed over")
def accept_handed(world: PatientWorld) -> Act:
    hand_to_partner_now = hand_to_partner(world)
    hand_to_partner_now()
    world.deliver()
    (lead,) = world.lead_ids()
    return on_offer(world, lead, action="accept")


@CASES("look")
def look(world: PatientWorld) -> Act:
    path = world.offer_link(offered(world))
    return partial(world.http, "POST", f"{path}/seen")


def _progress(**form: str) -> Case:
    return lambda world: on_offer(world, owned(world), **form)


CASES["attempt"] = _progress(action="attempt", text="Nobody answered.")
CASES["contacted"] = _progress(action="contacted")
CASES["quoted"] = _progress(action="quoted", value="12500")
CASES["won"] = _progress(action="won", value="12500")
CASES["lost"] = _progress(action="lost", reason="price")
CASES["note of a partner"] = _progress(action="note", text="Called twice.")


@CASES("undo")
def undo(world: PatientWorld) -> Act:
    lead = owned(world)
    world.press(world.offer_link(lead), action="won", value="12500")
    return on_offer(world, lead, action="undo")


# ── prospects ─────────────────────────────────────────────────────────────────────────────────────────


def _prospect(**form: str) -> Case:
    return lambda world: on_status(world, owned(world), **form)


CASES["withdraw"] = _prospect(action="withdraw")
CASES["note of the prospect"] = _prospect(action="note", text="The dog is friendly.")
CASES["not called"] = _prospect(action="not_called")
CASES["correct the phone"] = _prospect(action="phone", phone="+49 89 99998125")


CASES["put the place right"] = _prospect(action="postcode", postcode="80333")
CASES["put the place right before anybody accepted"] = lambda world: on_status(
    world, offered(world), action="postcode", postcode="80333"
)


@CASES("ready after all")
def ready(world: PatientWorld) -> Act:
    staged(world)
    lead = world.post_lead("one", owner="tenant").json()["lead"]
    world.deliver()
    return on_status(world, lead, action="ready")
