"""What a stranger may not do to somebody whose address, number or firm they know: read, end,
swallow or find out.

Each attack on merged enquiries that worked once is here, named by what must not happen; and every
way in which an enquiry ends is tried with another one attached to it.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import routing_core
from infra.tools.hq_key import create_key
from routing_core.domain.lead import FINISHED, LeadStatus
from routing_core.domain.repeats import ALIVE
from tests.faults.stages import HOLD, RULES, WAVES
from tests.support.builders import working_in
from tests.support.hooks import meanwhile
from tests.support.invariants import NOTHING, check, look
from tests.support.merged import merged
from tests.support.world import World, a_programme, munich

CODE = Path(routing_core.__file__).parent
CLOSING = [
    {
        "id": "unreachable",
        "label": {"en": "Not reached", "de": "Nicht erreicht"},
        "neutral": True,
        "then": "close",
    },
    {
        "id": "wrong-contact",
        "label": {"en": "Wrong contact", "de": "Falscher Kontakt"},
        "then": "review",
    },
    {
        "id": "nobody-home",
        "label": {"en": "Nobody home", "de": "Niemand da"},
        "unreached": True,
        "then": "route",
    },
    {"id": "too-far", "label": {"en": "Too far", "de": "Zu weit"}, "then": "route"},
]
LOST = [
    {"id": "price", "label": {"en": "Price", "de": "Preis"}},
    {"id": "unreachable", "label": {"en": "Not reached", "de": "Nicht erreicht"}, "neutral": True},
    {"id": "nobody-home", "label": {"en": "Nobody home", "de": "Niemand da"}, "unreached": True},
    {"id": "joke", "label": {"en": "A joke", "de": "Ein Scherz"}, "junk": True},
]


def status_page(world: World, lead_id: str) -> str:
    return urlsplit(world.wiring.links.status(lead_id)).path


def queue_page(world: World, lead_id: str) -> str:
    return world.hq_link(lead_id)


def ask(world: World, key: str, **fields: Any) -> str:
    lead_id: str = world.post_lead(key, **fields).json()["lead"]
    world.deliver()
    return lead_id


def staged(world: World, *more: Any, partners: int = 3, **rules: Any) -> None:
    world.use(a_programme(**RULES | rules), *(munich(n) for n in range(1, partners + 1)), *more)


# ── loss: whatever ends the first ─────────────────────────────────────────────────────────────────


def owner_does(world: World, first: str, **form: str) -> None:
    page = world.offer_link(first)
    world.press(page, action="accept")
    world.deliver()
    world.press(page, **form)


def withdrawn(world: World, first: str) -> None:
    world.press(status_page(world, first), action="withdraw")


def withdrawn_from_its_owner(world: World, first: str) -> None:
    world.press(world.offer_link(first), action="accept")
    withdrawn(world, first)


def won(world: World, first: str) -> None:
    owner_does(world, first, action="won", value="9000")


def lost(world: World, first: str) -> None:
    owner_does(world, first, action="lost", reason="price")


def lost_with_all(world: World, first: str, reason: str) -> None:
    also = {
        f"also-{world.lead(each).reference.lower()}": "yes" for each in world.lead(first).attached
    }
    owner_does(world, first, action="lost", reason=reason, **also)


def lost_unreached(world: World, first: str) -> None:
    lost_with_all(world, first, "unreachable")


def lost_as_the_programme_calls_it(world: World, first: str) -> None:
    lost_with_all(world, first, "nobody-home")


def given_back_and_closed(world: World, first: str) -> None:
    owner_does(world, first, action="give_back", reason="unreachable")


def given_back_for_a_wrong_number(world: World, first: str) -> None:
    """It does not end: HQ looks at it. Nobody was spoken to, and the second may have the right
    number.
    """
    owner_does(world, first, action="give_back", reason="wrong-contact")


def given_back_to_the_next_partner(world: World, first: str) -> None:
    owner_does(world, first, action="give_back", reason="nobody-home")


def to_hq(world: World, first: str) -> None:
    """Nobody is left to ask."""
    for _ in range(9):
        if not world.lead(first).live_offers:
            return
        world.press(world.offer_link(first), action="decline", reason="busy")


def rejected_by_hq(world: World, first: str) -> None:
    to_hq(world, first)
    world.press(queue_page(world, first), action="reject")


def withdrawn_for_them_by_hq(world: World, first: str) -> None:
    key = {"x-api-key": world.api_key("leads:write")}
    answer = world.http("POST", f"/v1/leads/{first}/withdraw", headers=key)
    assert answer.status == 200, answer.body


def unplaced(world: World, first: str) -> None:
    to_hq(world, first)
    while world.lead(first).status is not LeadStatus.LOST:
        due = world.lead(first).due
        assert due
        world.run_until(due)


def moved_away(world: World, first: str) -> None:
    world.press(status_page(world, first), action="postcode", postcode="20095")


def moved_away_by_hq(world: World, first: str) -> None:
    world.press(queue_page(world, first), action="move", postcode="20095")


ENDS: dict[str, Callable[[World, str], None]] = {
    each.__name__: each
    for each in (
        withdrawn,
        withdrawn_from_its_owner,
        won,
        lost,
        lost_unreached,
        lost_as_the_programme_calls_it,
        given_back_and_closed,
        given_back_for_a_wrong_number,
        given_back_to_the_next_partner,
        rejected_by_hq,
        withdrawn_for_them_by_hq,
        unplaced,
        moved_away,
        moved_away_by_hq,
    )
}


@pytest.mark.parametrize("end", ENDS)
def test_no_way_in_which_an_enquiry_ends_takes_another_with_it(world: World, end: str) -> None:
    staged(world, working_in("hamburg", "DE 20*"), return_reasons=CLOSING, lost_reasons=LOST)
    first = ask(world, "one")
    second = ask(world, "two", message="Once more.")
    assert world.lead(second).attached_to == first
    before = look(world)
    ENDS[end](world, first)
    told = world.lead(second)
    assert not told.is_attached or (told.due and told.due <= world.now), (
        "due in the same transaction"
    )
    world.deliver()
    check(before, look(world))
    after = world.lead(second)
    assert (after.status in ALIVE, after.attached_to) == (True, None), f"{end}: {after.status}"
    assert "attachment.ended" in world.facts(second)


@pytest.mark.parametrize("end", ["withdrawn", "won", "rejected_by_hq", "moved_away"])
def test_nobody_is_stranded_where_every_timer_and_every_event_is_lost(
    world: World, end: str
) -> None:
    staged(world, working_in("hamburg", "DE 20*"))
    first = ask(world, "one")
    second = ask(world, "two", message="Once more.")
    ENDS[end](world, first)
    world.advance(minutes=5)
    world.sweep()
    assert world.lead(second).status in ALIVE


def test_nobody_is_attached_to_what_ends_while_the_two_are_compared(world: World) -> None:
    staged(world)
    first = ask(world, "one")
    second: str = world.post_lead("two", message="Once more.").json()["lead"]
    page = status_page(world, first)
    with meanwhile(world, lambda: world.press(page, action="withdraw")) as calls:
        world.wake({"lead": second, "version": 1})
    assert calls[0] > 1, "the withdrawal came in between"
    assert world.lead(first).status == "withdrawn"
    world.deliver()
    assert (world.lead(second).status, world.lead(second).attached_to) == ("offered", None)


def test_the_list_of_ends_is_whole() -> None:
    """A state that an open enquiry can end in and that nobody tries above would be a hole."""
    from routing_core.domain.lead import OPEN, TRANSITIONS

    reachable = {
        end
        for state in (*OPEN, LeadStatus.HQ_QUEUE, LeadStatus.FOLLOW_UP)
        for end in TRANSITIONS[state]
    }
    tried = {LeadStatus.WITHDRAWN, LeadStatus.WON, LeadStatus.LOST, LeadStatus.REJECTED}
    erased = {LeadStatus.ERASED}  # below: it reaches what has the same address
    assert reachable & FINISHED == tried | erased


NOTHING_OPEN = "what it ends is not open, so that nothing can be attached to it"


def test_a_first_enquiry_that_was_a_joke_says_nothing_of_the_second(world: World) -> None:
    staged(world, lost_reasons=LOST)
    first, second = ask(world, "one"), ask(world, "two", message="Once more.")
    assert world.lead(second).attached_to == first
    lost_with_all(world, first, "joke")
    world.deliver()
    assert (world.lead(second).status in ALIVE, world.lead(second).attached_to) == (True, None)


TRIED_BY: dict[str, tuple[str, ...]] = {
    "erase_lead.erase_in_time": (NOTHING_OPEN,),
    "erase_lead._erase": ("test_an_erasure_reaches_what_has_the_same_address_and_nothing_else",),
    "handle_lead.reject_lead": ("rejected_by_hq",),
    "lead_by_hand.withdraw_lead": ("withdrawn_for_them_by_hq",),
    "prospect_status._withdraw": ("withdrawn", "withdrawn_from_its_owner"),
    "record_progress._won": ("won",),
    "record_progress._lost": ("lost", "lost_unreached", "lost_as_the_programme_calls_it"),
    "repeats.attach": ("test_what_is_attached_follows_where_its_first_is_attached_itself",),
    "repeats.attach_for_now": (NOTHING_OPEN,),
    "repeats.attached_at_last": (
        "test_what_is_attached_follows_where_its_first_is_attached_itself",
    ),
    "respond_to_offer._give_back": ("given_back_and_closed",),
    "respond_to_offer._said_of_attached": (NOTHING_OPEN,),
    "wake_lead._end_follow_up": ("unplaced",),
    "wake_lead._end_nurture": (NOTHING_OPEN,),
}
"""Every function of a use case that ends an enquiry, and what tries it here with another one
attached to it.
"""


def test_every_use_case_that_ends_an_enquiry_is_tried_with_another_attached() -> None:
    """Read from the code: whoever writes a new way to end an enquiry finds this test failing."""
    assert use_cases_that_end() == set(TRIED_BY)
    tried = {name for names in TRIED_BY.values() for name in names} - {NOTHING_OPEN}
    assert tried <= {*ENDS, *globals()}
    do_not_end_it = {
        "moved_away",
        "moved_away_by_hq",
        "given_back_for_a_wrong_number",
        "given_back_to_the_next_partner",
    }
    assert set(ENDS) - tried == do_not_end_it


def test_what_is_given_back_for_another_reason_takes_the_second_along_to_the_next_partner(
    world: World,
) -> None:
    staged(world, return_reasons=CLOSING)
    first, second = ask(world, "one"), ask(world, "two", message="Once more.")
    owner_does(world, first, action="give_back", reason="too-far")
    world.deliver()
    assert world.lead(first).status == "offered"
    assert (world.lead(second).is_attached, world.lead(second).attached_to) == (True, first)


def test_a_third_enquiry_does_not_go_along_with_one_whose_sender_was_not_reached(
    world: World,
) -> None:
    staged(world, return_reasons=CLOSING)
    first = ask(world, "one")
    given_back_to_the_next_partner(world, first)
    world.deliver()
    assert world.lead(first).status == "offered"
    assert world.lead(ask(world, "two", message="Once more.")).status == "offered"


def test_nothing_is_committed_but_where_it_is_looked_for_who_is_tied_to_it() -> None:
    """``Services.commit`` is what lets go the attached ones: whoever wrote past it would strand
    them.
    """
    for path in sorted(CODE.glob("**/*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("leads.commit"):
                assert path == CODE / "service" / "kernel" / "services.py"


def use_cases_that_end() -> set[str]:
    """Names the functions of use cases that move an enquiry to a finished state, by themselves or
    by a step; the rehearsal of rules is played with an enquiry that nobody sent.
    """
    steps: set[tuple[str, str]] = set()
    while more := _ending("domain/lifecycle", steps) - steps:
        steps |= more
    found = {f"{module}.{name}" for module, name in _ending("service", steps)}
    return {each for each in found if not each.startswith("rehearsal.")}


def _ending(folder: str, steps: set[tuple[str, str]]) -> set[tuple[str, str]]:
    found = set()
    for path in sorted((CODE / folder).rglob("*.py")):
        for function in ast.parse(path.read_text()).body:
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            if isinstance(function, ast.FunctionDef) and any(
                _ends(call, steps, path.stem) for call in calls
            ):
                found.add((path.stem, function.name))
    return found


def _ends(call: ast.Call, steps: set[tuple[str, str]], module: str) -> bool:
    """Tells whether this is a move to a finished state, or to one that is not written there, or a
    step known to end.
    """
    called = ast.unparse(call.func)
    if called.endswith("raft.move"):
        state = ast.unparse(call.args[0]).rpartition(".")
        is_handed_in = state[0] in ("", "how")  # as itself, or as the status of an ``Ending``
        ends_it = state[2] in {each.name for each in FINISHED | {LeadStatus.ATTACHED}}
        return is_handed_in or ends_it
    of, _, name = called.rpartition(".")
    return (of or module, name) in steps or (not of and name in {"finish", "withdraw"})


def test_what_is_attached_follows_where_its_first_is_attached_itself(world: World) -> None:
    """The first waits for its partner to open, and then goes along with another enquiry of the same
    person.
    """
    staged(world, offers=[HOLD], partners=2)
    world.advance(hours=4)
    first = ask(world, "one")
    second = ask(world, "two", message="Once more.")
    assert world.lead(second).attached_to == first
    world.advance(hours=6)
    world.press(world.offer_link(first), action="decline", reason="busy")
    world.deliver()
    assert world.lead(first).partner_opens_at is not None
    other = ask(world, "three", urgency="emergency", message="And now it is cold.")
    assert world.lead(other).status == LeadStatus.HQ_QUEUE
    world.now = max(world.lead(each).due or world.now for each in (first, other))
    for each in (other, first):
        world.wake({"lead": each, "version": world.lead(each).version})
    assert world.lead(first).attached_to == other
    check(NOTHING, look(world))
    world.deliver()
    check(NOTHING, look(world))
    assert world.lead(second).attached_to == other


def test_an_erasure_reaches_what_has_the_same_address_and_nothing_else(world: World) -> None:
    staged(world)
    first = ask(world, "one")
    attached = ask(world, "two", message="Once more.")
    couple = ask(world, "three", name="Max Beispiel", email="max@posteo.de")
    world.press(queue_page(world, first), action="erase")
    world.deliver()
    check(NOTHING, look(world))
    assert [world.lead(each).status for each in (first, attached)] == ["erased", "erased"]
    assert world.lead(couple).status == "offered"
    assert "offer.made" not in world.facts(attached)


@pytest.mark.parametrize("then", ["erased first", "erased again"])
def test_an_erasure_takes_no_stranger_along_who_typed_the_same_address_and_was_not_compared_yet(
    world: World, then: str
) -> None:
    staged(world)
    nobody = {"email": "keine@angabe.de"}
    first = ask(world, "one", **nobody, name="Anna Berg", phone="089 99998 111")
    if then == "erased again":
        world.press(queue_page(world, first), action="erase")
    stranger = world.post_lead("two", **nobody, name="Bernd Tal", phone="089 99998 222").json()[
        "lead"
    ]
    if then == "erased first":
        assert world.lead(stranger).attached_to == first, "about to be compared with it"
    world.press(queue_page(world, first), action="erase")
    world.deliver()
    check(NOTHING, look(world))
    assert (world.lead(first).status, world.lead(stranger).status) == ("erased", "offered")


def test_an_erasure_reaches_what_the_same_person_has_just_posted(world: World) -> None:
    staged(world)
    first = ask(world, "one")
    second = world.post_lead("two", message="Once more.").json()["lead"]
    world.press(queue_page(world, first), action="erase")
    world.deliver()
    assert world.lead(second).status == "erased"


def test_whoever_owned_the_first_is_asked_to_erase_the_attached_one_that_they_saw(
    world: World,
) -> None:
    staged(world)
    first = ask(world, "one")
    world.press(world.offer_link(first), action="accept")
    second = ask(world, "two", message="Once more.")
    assert world.lead(second).attached_to == first
    owner = world.lead(first).owner
    world.press(queue_page(world, second), action="erase")
    world.deliver()
    asked = [
        mail
        for mail in world.mails(f"{owner}@example.com")
        if world.lead(second).reference in mail["Subject"]
    ]
    assert [str(mail["To"]) for mail in asked] == [f"{owner}@example.com"]
    assert world.lead(first).contact is not None


def test_whoever_had_given_the_first_back_is_not_asked_to_erase_what_they_never_saw(
    world: World,
) -> None:
    staged(world)
    first = ask(world, "one")
    page = world.offer_link(first)
    world.press(page, action="accept")
    former = world.lead(first).owner
    world.press(page, action="return")
    world.advance(minutes=1)
    second = ask(world, "two", message="Once more.")
    assert (world.lead(second).attached_to, world.lead(first).owner) == (first, None)
    world.press(queue_page(world, second), action="erase")
    assert former not in [
        fact.to_data().get("partner") for row in world.events(second) for fact in row.events
    ]


def test_an_enquiry_that_was_merged_by_phone_is_not_erased_with_the_other_one(world: World) -> None:
    staged(world)
    first = ask(world, "one")
    stub = merged(world, first, "two", "And mine.", name="Max Beispiel", email="max@posteo.de")
    world.press(queue_page(world, first), action="erase")
    assert world.lead(stub).contact is not None


def test_the_first_goes_to_somebody_who_does_not_cover_the_second_and_does_not_take_it_along(
    world: World,
) -> None:
    staged(world, partners=1)
    first, second = ask(world, "one"), ask(world, "two", postcode="80995")
    world.add(working_in("north", "DE 80331"))
    assert world.lead(second).attached_to == first
    world.press(queue_page(world, first), action="assign", partner="north")
    world.deliver()
    check(NOTHING, look(world))
    lead = world.lead(second)
    assert (lead.attached_to, [offer.partner for offer in lead.offers]) == (None, ["munich-1"])


def test_what_is_attached_takes_no_place_until_it_is_let_go(world: World) -> None:
    staged(world, partners=1)
    first = ask(world, "one")
    for n in range(3):
        ask(world, f"more-{n}", message=f"Number {n}")
    assert world.load("munich-1").open_count == 1
    withdrawn(world, first)
    world.deliver()
    assert world.load("munich-1").open_count == 1


def test_nobody_locks_the_owner_out_of_an_enquiry_by_going_and_coming_back(world: World) -> None:
    staged(world, working_in("hamburg", "DE 20*"), offers=[HOLD])
    first = ask(world, "one")
    page = world.offer_link(first)
    world.press(page, action="accept")
    world.advance(hours=10)  # every office is closed
    attacker = ask(world, "two", phone="089 99998 666", message="x")
    assert world.lead(attacker).attached_to == first
    for postcode in ("20095", "80331"):
        world.press(status_page(world, attacker), action="postcode", postcode=postcode)
        world.run_for(minutes=2)
    world.run_for(hours=12)
    assert world.lead(attacker).attached_to == first
    assert world.lead(first).attached == (attacker,)
    assert world.http("GET", page).status == 200
    check(NOTHING, look(world))


# ── leak: neither sees anything of the other ──────────────────────────────────────────────────────

ANNA = {
    "name": "Anna Azurblau",
    "email": "anna@werk-beispiel.de",
    "phone": "089 99998 101",
    "street": "Ahornallee 1",
    "message": "Alabaster in the attic.",
    "town": "Allach",
}
BERND = {
    "name": "Bernd Bernstein",
    "email": "bernd@werk-beispiel.de",
    "phone": "089 99998 202",
    "street": "Birkenweg 2",
    "message": "Basalt in the basement.",
    "town": "Berg am Laim",
}
SAME: dict[str, tuple[str, ...]] = {
    "the phone": ("phone",),
    "the firm": (),
    "the address": ("email",),
    "the address and the phone": ("email", "phone"),
    "the address and the name": ("email", "name"),
}


def words_of(person: dict[str, str], other: dict[str, str]) -> list[str]:
    """What only this one typed, as it may be written anywhere."""
    own = [value for name, value in person.items() if value != other[name]]
    return [
        *own,
        *(value.split()[0] for value in own),
        *(value.replace(" ", "").lstrip("0") for value in own),
    ]


def goes_on(world: World, leads: dict[int, str]) -> None:
    """Nobody ends anything: reminders, missed calls and promises come by themselves."""


def first_withdraws(world: World, leads: dict[int, str]) -> None:
    withdrawn(world, next(iter(leads.values())))


def second_withdraws(world: World, leads: dict[int, str]) -> None:
    withdrawn(world, list(leads.values())[1])


def owner_settles_both(world: World, leads: dict[int, str]) -> None:
    first, second = leads.values()
    also = {f"also-{world.lead(second).reference.lower()}": "yes"}
    world.press(world.offer_link(first), action="won", value="9000", **also)


def hq_rejects_the_second(world: World, leads: dict[int, str]) -> None:
    world.press(queue_page(world, list(leads.values())[1]), action="reject")


WAYS = (goes_on, first_withdraws, second_withdraws, owner_settles_both, hq_rejects_the_second)


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=("anna first", "bernd first"))
@pytest.mark.parametrize("shared", SAME)
def test_nobody_reads_anything_of_somebody_else_who_typed_the_same(
    world: World, shared: str, order: tuple[int, int], way: Callable[[World, dict[int, str]], None]
) -> None:
    """Every page, mail and answer that either gets, from the post to the end, is searched for the
    other's words.
    """
    staged(world, repeat={"window_days": 90, "by": ["email", "phone", "domain"]})
    people = [ANNA, BERND | {name: ANNA[name] for name in SAME[shared]}]
    answers: dict[int, Any] = {}
    for which in order:
        answers[which] = world.post_lead(f"key-{which}", **people[which])
        world.deliver()
        world.advance(hours=1)
    leads = {which: str(answers[which].json()["lead"]) for which in order}
    for which in order:
        world.press(
            status_page(world, leads[which]),
            action="note",
            text=f"Note of {people[which]['message']}",
        )
    seen = {which: answers[which].body + _all_pages(world, leads[which]) for which in order}
    for lead_id in leads.values():
        if world.lead(lead_id).live_offers:
            world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    for which in order:
        seen[which] += (
            _all_pages(world, leads[which]) + world.post_lead(f"key-{which}", **people[which]).body
        )
    way(world, leads)
    world.deliver()
    for which in order:
        seen[which] += _all_pages(world, leads[which])
    world.run_for(days=3)
    for which in order:
        other = people[1 - which]
        seen[which] += _all_pages(world, leads[which])
        mails = _mails(world, people[which]["email"])
        for word in words_of(other, people[which]):
            assert word not in seen[which] + mails, f"{shared}: {word} of the other one is shown"
        seen[which] += mails if other["email"] != people[which]["email"] else ""
        assert leads[1 - which] not in seen[which]
        assert world.lead(leads[1 - which]).reference not in seen[which]


def _mails(world: World, to: str) -> str:
    """Every subject and every part, plain and HTML."""
    told = []
    for mail in world.mails(to):
        told.append(str(mail["Subject"]))
        told += [
            str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"
        ]
    return "\n".join(told)


def _all_pages(world: World, lead_id: str) -> str:
    """The sender's page, and what each of its buttons answers that changes nothing for good."""
    page = status_page(world, lead_id)
    tried = [
        {"action": "phone", "phone": "12"},
        {"action": "note", "text": " "},
        {"action": "postcode", "postcode": "x"},
    ]
    return world.http("GET", page).body + "".join(world.press(page, **form).body for form in tried)


def test_what_was_merged_before_is_not_on_the_other_ones_page_and_still_on_the_owners(
    world: World,
) -> None:
    staged(world)
    first = ask(world, "one")
    page = world.offer_link(first)
    world.press(page, action="accept")
    merged(world, first, "two", "Alabaster in the attic.", email="anna@posteo.de")
    assert "Alabaster" not in world.http("GET", status_page(world, first)).body
    assert "Alabaster" in world.http("GET", page).body
    assert "Alabaster" in world.http("GET", queue_page(world, first)).body


def test_nobody_ends_or_changes_somebody_elses_enquiry_with_their_address(world: World) -> None:
    staged(world)
    first = ask(world, "one")
    attacker = ask(world, "two", phone="089 99998 666", message="x")
    assert world.lead(attacker).attached_to == first
    for form in (
        {"action": "phone", "phone": "089 99998 667"},
        {"action": "note", "text": "Do not call."},
        {"action": "postcode", "postcode": "20095"},
        {"action": "withdraw"},
    ):
        world.press(status_page(world, attacker), **form)
        world.deliver()
        check(NOTHING, look(world))
    lead = world.lead(first)
    assert (lead.status, lead.postcode) == ("offered", "80331")
    assert lead.contact is not None
    assert lead.contact.phone == "+4989999981230"
    assert world.lead(attacker).status == "withdrawn"


# ── oracle: whoever posts learns nothing of what is open ──────────────────────────────────────────

CALLS = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems")


@contextmanager
def recorded(world: World) -> Iterator[list[str]]:
    """Every call to the tables, by its name and by how many items it reads or writes."""
    import json

    told: list[str] = []
    events = world.wiring._dynamo.meta.events

    def note(model: Any, params: dict[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        keys = sum(len(table["Keys"]) for table in body.get("RequestItems", {}).values())
        told.append(f"{model.name} {keys or len(body.get('TransactItems', []))}")

    for name in CALLS:
        events.register(f"before-call.dynamodb.{name}", note)
    try:
        yield told
    finally:
        for name in CALLS:
            events.unregister(f"before-call.dynamodb.{name}", note)


@pytest.mark.parametrize("known", ["email", "phone"])
@pytest.mark.parametrize("stage", ["offered", "accepted", "withdrawn", "far away"])
def test_the_same_calls_are_made_for_a_known_and_for_an_unknown_contact(
    world: World, known: str, stage: str
) -> None:
    staged(world)
    first = ask(world, "one", postcode="25980" if stage == "far away" else "80331")
    if stage == "accepted":
        world.press(world.offer_link(first), action="accept")
    if stage == "withdrawn":
        withdrawn(world, first)
    world.deliver()
    other = {"email": "somebody@posteo.de"} if known == "phone" else {"phone": "089 99998 321"}
    stranger = {"email": "nobody@posteo.de", "phone": "089 99998 432"}
    calls, answers = [], []
    point = world.saved()
    for fields in (other, stranger):
        world.back_to(point)
        world.wiring.rules.network()
        world.wiring.rules.programme()
        with recorded(world) as told:
            answers.append(world.post_lead("two", **fields))
        calls.append(told)
    assert calls[0] == calls[1]
    assert [answer.status for answer in answers] == [201, 201]
    one, two = (answer.json() for answer in answers)
    assert one.keys() == two.keys()
    alike = one.keys() - {"lead", "reference", "status_url"}
    assert {name: one[name] for name in alike} == {name: two[name] for name in alike}


def test_the_status_page_of_a_known_contact_reads_like_an_unknown_ones(world: World) -> None:
    staged(world)
    ask(world, "one")
    pages = []
    for key, fields in (
        ("two", {"message": ""}),
        ("three", {"email": "a@posteo.de", "phone": "089 99998 432"}),
    ):
        lead_id = ask(world, key, **{"message": ""} | fields)
        page = world.http("GET", status_page(world, lead_id)).body
        pages.append(
            page.replace(world.lead(lead_id).reference, "REFERENCE").replace(
                status_page(world, lead_id), ""
            )
        )
    known, unknown = (page.replace("089 99998 432", "+49 89 99998 1230") for page in pages)
    shown = [text.split("<main")[1].split("What you told us")[0] for text in (known, unknown)]
    assert shown[0] == shown[1]


def test_the_status_page_of_a_known_contact_names_as_many_partners_as_an_unknown_ones(
    world: World,
) -> None:
    staged(world, offers=[WAVES])
    ask(world, "one")
    pages = []
    for key, fields in (
        ("two", {"message": ""}),
        ("three", {"email": "a@posteo.de", "phone": "089 99998 432"}),
    ):
        lead_id = world.post_lead(key, **fields).json()["lead"]
        pages += [world.http("GET", status_page(world, lead_id)).body]
        world.deliver()
        pages += [world.http("GET", status_page(world, lead_id)).body]
    assert ["We have asked 2 partners." in page for page in pages] == [True] * 4


def test_hq_reads_of_both_by_its_key(world: World) -> None:
    staged(world)
    first, second = ask(world, "one"), ask(world, "two", message="Once more.")
    key = {"x-api-key": create_key(world.wiring._dynamo, "partners", "tests")}
    document = world.http("GET", f"/v1/leads/{second}", headers=key).json()
    assert document["lead"]["joined_to"] == first
    assert world.http("GET", f"/v1/leads/{first}", headers=key).json()["lead"]["attached"] == [
        second
    ]
    assert world.lead(second).reference in world.http("GET", queue_page(world, first)).body
    assert world.lead(first).reference in world.http("GET", queue_page(world, second)).body
