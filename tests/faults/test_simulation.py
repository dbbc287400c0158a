"""The whole product played at random, with every invariant checked after every step.

Meanwhile calls to AWS fail and processes die, clocks are off, deliveries come late, twice, in
another order or not at
all, and people press at the last millisecond. When all that has ended, everything must come right
by itself. A run
that met none of what it is there for (``SOMETIMES``; at length also what is ``RARE``) has shown
nothing and fails.
`make test-faults` plays at length, each time other games; SEED=… plays the same again. A game that
failed is told step
by step at the end, and hypothesis prints what plays it again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from routing_core.aws.tables.mail_rows import MailRows
from routing_core.service.kernel.mail_ports import MailTry
from tests.faults.calls import Trouble, trouble
from tests.faults.conftest import FULL, counted
from tests.faults.deliveries import PatientWorld, short_letter
from tests.faults.game import LET_GO, RARE, REFUSED, Services
from tests.faults.playground import a_crowd, partners, programmes

PARTS, GAMES, STEPS = (12, 40, 36) if FULL else (1, 30, 30)
"""Parts can be played at the same time (pytest -n), and one of them again."""
SOMETIMES = (
    "last moment",
    "exhausted",
    "contended",
    "redriven",
    "lease taken over",
    "crashed",
    "repeat attached",
    "repeat settled",
    LET_GO,
    REFUSED,
)


@contextmanager
def leases_watched(world: PatientWorld, met: Counter[str]) -> Iterator[None]:
    lease = MailRows.lease

    def watched(
        rows: MailRows, key: str, now: datetime, facts: Sequence[str] = ()
    ) -> MailTry | None:
        held = world.items(only=lambda pk, sk: pk == f"MAIL#{key}")
        ours = lease(rows, key, now, facts)
        met["lease taken over"] += ours is not None and bool(held)
        return ours

    with patch.object(MailRows, "lease", watched):
        yield


@pytest.mark.parametrize("part", range(PARTS))
def test_no_sequence_of_events_breaks_an_invariant(
    patient: PatientWorld, part: int, request: pytest.FixtureRequest
) -> None:
    points, met = [], Counter[str]()
    empty = patient.saved()
    for programme in programmes():
        patient.back_to(empty)
        patient.use(programme, *partners(), *(a_crowd() if programme.offers[0].waves else []))
        points.append(patient.saved())
    chosen = int(request.config.getoption("--hypothesis-seed") or 0) if FULL else 0
    named = f"part {part}, SEED={chosen}"
    game = type(
        "Game", (Services,), {"world": patient, "points": points, "met": met, "named": named}
    )
    play = settings(
        max_examples=GAMES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink)
        if FULL
        else (Phase.generate,),  # to shrink a game takes minutes
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    with trouble() as patient.trouble, leases_watched(patient, met):
        patient.trouble.asleep = True
        with (
            patch("functions.notify.app.render_mail", short_letter),
            patch("functions.sweep.app.render_mail", short_letter),
        ):
            run_state_machine_as_test(seed(f"{chosen} {part}")(game), settings=play)
    patient.trouble = Trouble()
    counted["simulation"].update(
        {name: met[name] for name in ("games", "steps", "races", *SOMETIMES, *RARE)}
    )
    assert not [what for what in SOMETIMES if not met[what]], "never met, so nothing is shown of it"
