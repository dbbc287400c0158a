"""Who asks and who answers: the form, the partner's pages, the prospect's own page."""

from functools import partial

from routing_core.domain.questions import question_mark
from routing_core.domain.values.mailboxes import email_mark
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import (
    SHARE,
    WAVES,
    Act,
    Case,
    Cases,
    another,
    at_night,
    offered,
    on_offer,
    on_queue,
    on_status,
    owned,
    posted,
    press,
    staged,
)
from tests.support.hooks import crowd
from tests.support.world import ENQUIRY, Answer

CASES = Cases()


# ── intake ────────────────────────────────────────────────────────────────────────────────────────


def _submitted(**fields: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        staged(world)
        return partial(world.post_lead, "one", **fields)

    return prepare


CASES["submit"] = _submitted()
CASES["submit where nobody is"] = _submitted(postcode="25980")
CASES["submit spam"] = _submitted(website_url="https://spam.example")
CASES["submit for later"] = _submitted(owner="tenant")


@CASES("submit by the hosted form")
def submit_form(world: PatientWorld) -> Act:
    staged(world)
    fields = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()}
    return press(world, "/f/enquiry", step="2", submission_id="form", **fields)


@CASES("submit at night")
def submit_at_night(world: PatientWorld) -> Act:
    at_night(world)
    return partial(world.post_lead, "one")


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


# ── partners ──────────────────────────────────────────────────────────────────────────────────────


def _answered(partners: int = 3, **form: str) -> Case:
    """The first of so many partners."""
    return lambda world: on_offer(world, offered(world, partners), **form)


CASES["accept"] = _answered(action="accept")
CASES["decline"] = _answered(action="decline", reason="busy", text="Full until May.")
CASES["decline by the last"] = _answered(partners=1, action="decline", reason="busy")
CASES["claim"] = _answered(action="decline", reason="customer", text="Since 2019.")


def _answered_in_a_wave(**form: str) -> Case:
    return lambda world: on_offer(world, offered(world, offers=[WAVES]), 1, **form)


CASES["accept from a wave"] = _answered_in_a_wave(action="accept")
CASES["decline in a wave"] = _answered_in_a_wave(action="decline", reason="busy")


@CASES("accept what was shared")
def accept_shared(world: PatientWorld) -> Act:
    lead = offered(world, offers=[SHARE])
    world.run_for(minutes=120)
    return on_offer(world, lead, 1, action="accept")


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


@CASES("look")
def look(world: PatientWorld) -> Act:
    path = world.offer_link(offered(world))
    return partial(world.http, "POST", f"{path}/seen")


def _owner(**form: str) -> Case:
    return lambda world: on_offer(world, owned(world), **form)


CASES["early return"] = _owner(action="return")
CASES["give back work that is not theirs"] = _owner(action="give_back", reason="work")
CASES["give back a wrong contact"] = _owner(action="give_back", reason="contact")
CASES["hand over to a colleague"] = _owner(
    action="colleague", name="Sam Huber", email="sam@example.com"
)
CASES["hand over to HQ"] = _owner(action="hq", text="A cousin would be nearer.")
CASES["attempt"] = _owner(action="attempt", text="Nobody answered.")
CASES["contacted"] = _owner(action="contacted")
CASES["quoted"] = _owner(action="quoted", value="12500")
CASES["won"] = _owner(action="won", value="12500")
CASES["lost"] = _owner(action="lost", reason="price")
CASES["note of a partner"] = _owner(action="note", text="Called twice.")


@CASES("hand over to another partner")
def hand_to_partner(world: PatientWorld) -> Act:
    lead = owned(world)
    return on_offer(
        world, lead, action="partner", partner=another(world, lead), text="Nearer to them."
    )


@CASES("accept what was handed over")
def accept_handed(world: PatientWorld) -> Act:
    hand_to_partner_now = hand_to_partner(world)
    hand_to_partner_now()
    world.deliver()
    (lead,) = world.lead_ids()
    return on_offer(world, lead, action="accept")


@CASES("answer HQ's question")
def answer_hq(world: PatientWorld) -> Act:
    lead = owned(world)
    on_queue(world, lead, action="ask", text="Is the boiler ordered?")()
    world.deliver()
    mark = question_mark(world.wiring.leads.context(lead).notes[-1])
    return on_offer(world, lead, action="reply", question=mark, text="It comes in May.")


@CASES("undo")
def undo(world: PatientWorld) -> Act:
    lead = owned(world)
    world.press(world.offer_link(lead), action="won", value="12500")
    return on_offer(world, lead, action="undo")


# ── prospects ─────────────────────────────────────────────────────────────────────────────────────


def _prospect(**form: str) -> Case:
    return lambda world: on_status(world, owned(world), **form)


CASES["withdraw"] = _prospect(action="withdraw")
CASES["note of the prospect"] = _prospect(action="note", text="The dog is friendly.")
CASES["not called"] = _prospect(action="not_called")
CASES["called"] = _prospect(action="called")
CASES["correct the phone"] = _prospect(action="phone", phone="+49 89 99998125")
CASES["put the place right"] = _prospect(action="postcode", postcode="80333")
CASES["put the place right before anybody accepted"] = lambda world: on_status(
    world, offered(world), action="postcode", postcode="80333"
)


@CASES("confirm the enquiry")
def confirm(world: PatientWorld) -> Act:
    lead = posted(world, started="")
    return press(
        world,
        world.wiring.links.confirm_enquiry(lead, email_mark(ENQUIRY["email"])),
        action="confirm",
    )


@CASES("note of the prospect on what is attached")
def note_on_attached(world: PatientWorld) -> Act:
    owned(world)
    second: str = world.post_lead("two", message="Once more.").json()["lead"]
    world.deliver()
    return on_status(world, second, action="note", text="The dog is friendly.")


CASES["ready after all"] = lambda world: on_status(
    world, posted(world, owner="tenant"), action="ready"
)


def _digest_page(world: PatientWorld, **form: str) -> Act:
    """Somebody at HQ who gets a digest, on the page behind the link in it."""
    staged(world)
    digest = world.wiring.links.stop_digest(email_mark("hq@example.com"), "digest")
    return press(world, digest, **form)


CASES["stop a digest"] = partial(_digest_page, action="stop")
CASES["have a digest again"] = partial(_digest_page, action="again")
