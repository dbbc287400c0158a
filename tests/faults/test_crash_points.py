"""Every call to AWS of everything the product does, gone wrong in every way: in the end it is as if
nothing had.

For each case the calls of an undisturbed run are counted; then it runs once for each call and each
fault that may meet it. People who saw an error try again, AWS brings again what failed, the sweeper
comes by: what is stored, told and mailed must then be what the undisturbed run left, done once.
What a person was told has worked must be there at that moment already.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.aws.codecs.value_codecs import instant_text
from routing_core.aws.wiring import wiring
from routing_core.service.upkeep.sweep import LATENESS
from tests.faults.calls import Fault, Killed, applies, trouble
from tests.faults.cases import A_DAY_LATER, ANEW_EACH_TIME, CASES, LOOK_FIRST, SAYS_THAT_IT_WAITED
from tests.faults.conftest import FULL, told_at_the_end
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import Act
from tests.faults.state import difference, half_applied, kept, mails, told
from tests.support.invariants import NOTHING, check, look
from tests.support.world import Answer

ON_ITS_WAY = 202
"""The answer to a long import that was decided: nobody needs to try again, all of it comes to
pass.
"""
SEND = "sesv2.SendEmail"
ONE_IN = 1 if FULL else 7
"""How many of the runs are made."""


@dataclass
class Count:
    begun: int = 0
    held: int = 0
    """Cases in which every run came out as it should."""
    points: int = 0
    runs: int = 0
    doubled: int = 0
    """Mails that left twice, where nobody can know: between sending one and writing down that it
    was sent.
    """
    faults: Counter[str] = field(default_factory=Counter)
    which: int = 0
    """Of those that are left out others run another time."""

    def __str__(self) -> str:
        by = ", ".join(f"{fault} {times}" for fault, times in self.faults.most_common())
        return (
            f"crash points: {self.points} calls of {len(CASES)} cases, {self.runs} runs ({by}); "
            f"cases violated: {self.begun - self.held}; mails doubled {self.doubled}"
        )


@pytest.fixture(scope="module")
def count(request: pytest.FixtureRequest) -> Iterator[Count]:
    counted = Count(which=int(request.config.getoption("--hypothesis-seed") or 0))
    yield counted
    told_at_the_end.append(str(counted))


pytestmark = pytest.mark.usefixtures("swift", "few_at_once")


def tried(act: Act) -> Answer | None:
    """None: nobody got an answer, or one that says to try again."""
    try:
        answer = act()
    except Killed:
        return None
    return answer if isinstance(answer, Answer) and answer.status < 400 else None


def recover(world: PatientWorld, name: str = "") -> None:
    """What AWS does by itself within a few minutes, and what the sweeper does: in some cases
    (``name``) a day later.
    """
    _recover(world)
    if name in A_DAY_LATER:
        world.advance(days=1)
        world.sweep()
        _recover(world)
        world.advance(hours=1)  # HQ hears of them together, at the end of the hour
        world.sweep()
        _recover(world)
        assert walk_is_over(world)


def _recover(world: PatientWorld) -> None:
    world.redeliver()
    world.deliver()
    world.advance(minutes=2)  # leases of mails end
    world.redeliver()
    world.deliver()
    if something_is_late(world) or world.wiring.lead_lists.running():
        world.sweep()
        world.deliver()
    assert not world.again, "still failing after all faults have ended"
    assert not something_is_late(world)


def walk_is_over(world: PatientWorld) -> bool:
    """Nothing that was merged before is left to be looked at."""
    return any(item.get("over") for item in world.items(only=lambda pk, sk: sk == "WALK"))


def something_is_late(world: PatientWorld) -> bool:
    """The sweeper would find something. It costs a tenth of a second to look in vain."""
    late = world.now - LATENESS
    digests = world.items(only=lambda pk, sk: pk == "DIGESTS" and sk <= instant_text(world.now))
    leads = [lead_from_item(item) for item in world.items(only=lambda pk, sk: sk == "LEAD")]
    overdue = [
        lead
        for lead in leads
        if (lead.due and lead.due <= late) or (lead.erase_at or world.now) < world.now
    ]
    return bool(digests or overdue or half_applied(world))


@dataclass
class Undisturbed:
    calls: list[str]
    asked: bool
    """Somebody waits for an answer, and tries again if there is none."""
    acknowledged: Mapping[str, Any]
    kept: Mapping[str, Any]
    told: Mapping[str, Any]
    mails: Counter[str]


def undisturbed(world: PatientWorld, name: str, act: Act) -> Undisturbed:
    wiring.cache_clear()
    with trouble() as seen:
        answer = act()
    asked = isinstance(answer, Answer)
    assert not asked or answer.status < 400, f"refused without any fault: {answer.body}"
    acknowledged = kept(world)
    recover(world, name)
    return Undisturbed(seen.calls, asked, acknowledged, kept(world), told(world), mails(world))


@pytest.mark.parametrize("name", CASES)
def test_whatever_breaks_on_the_way_it_is_done_once(
    patient: PatientWorld, count: Count, name: str
) -> None:
    world = patient
    act = CASES[name](world)
    start = world.saved()
    count.begun += 1
    wanted = undisturbed(world, name, act)
    count.points += len(wanted.calls)
    for at, call in enumerate(wanted.calls):
        for fault in Fault:
            if (
                not applies(fault, call)
                or (zlib.crc32(f"{name}{at}{fault}".encode()) + count.which) % ONE_IN
            ):
                continue
            if name in SAYS_THAT_IT_WAITED and (fault, call) == (Fault.THROTTLED, SEND):
                continue
            where = f"{name}: {fault} at call {at}, {call}"
            world.back_to(start)
            before = look(world)
            disturbed(world, name, act, fault, at, wanted, where)
            twice = mails(world) - wanted.mails
            assert not wanted.mails - mails(world), (
                f"{where}: mails lost: {wanted.mails - mails(world)}"
            )
            assert not twice or name in ANEW_EACH_TIME or unknowable(fault, call), (
                f"{where}: mails doubled: {twice}"
            )
            compare(where, wanted.kept, kept(world))
            compare(where, wanted.told, told(world))
            check(before, look(world))
            count.runs += 1
            count.doubled += twice.total()
            count.faults[fault] += 1
    count.held += 1


def disturbed(
    world: PatientWorld, name: str, act: Act, fault: Fault, at: int, wanted: Undisturbed, where: str
) -> None:
    before = kept(world)
    wiring.cache_clear()  # as the undisturbed run began: whoever looked just now has read the rules
    with trouble(fault, at) as met:
        answer = tried(act)
    assert met.fired, f"{where} was never reached"
    check(NOTHING, look(world))
    if wanted.asked and answer is None:
        if name not in LOOK_FIRST or kept(world) == before:
            assert tried(act) is not None, f"{where}: refused when tried again"
    elif wanted.asked and answer.status != ON_ITS_WAY:
        compare(f"{where}, said to have worked", wanted.acknowledged, kept(world))
    recover(world, name)


def unknowable(fault: Fault, call: str) -> bool:
    """The mail service has no idempotency: a mail may have left, and nobody lived to write it
    down.
    """
    if call == "sesv2.SendEmail":
        return fault in (Fault.RESENT, Fault.SILENT, Fault.KILLED_AFTER)
    return call == "dynamodb.UpdateItem" and fault is not Fault.RESENT


def compare(where: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    if expected != found:
        pytest.fail(f"{where}:\n{difference(expected, found)}", pytrace=False)
