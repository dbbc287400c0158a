"""The samples of ``make run`` where nobody ever answers: whoever watches still finds partners to
ask.
"""

from __future__ import annotations

import pytest

from infra.local.seed import sample
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.formats.partner_document import read_partner
from routing_core.formats.partners_csv import Reading, read_partners_csv
from tests.support.world import World

VISITORS = 4
MOST_MAILS = 28
"""For one enquiry, to its end: to each of four partners the offer, a reminder to both contacts and
the end; to the customer and HQ what they are promised.
"""


def loaded(world: World, name: str) -> dict[str, str]:
    """Saves the sample; returns the fields of the enquiry that ``make run`` sends."""
    put = sample(name)
    programme = read_programme(put["programme"])
    today = world.now.date()
    file = read_partners_csv(put["partners"].decode(), Reading(programme, today))
    world.use(
        programme, *(read_partner(document, programme, today) for _, document in file.documents)
    )
    return dict(put["enquiries"]["routed"]["fields"])


def taking_enquiries(world: World) -> set[str]:
    return {p.id for p in world.wiring.partners.all() if p.active and world.load(p.id).active}


@pytest.mark.parametrize("name", ["dach-heating", "us-solar"])
@pytest.mark.slow
def test_a_sample_that_nobody_answers_pauses_nobody_and_sends_few_mails(
    world: World, name: str
) -> None:
    fields = loaded(world, name)
    before = taking_enquiries(world)
    for number in range(VISITORS):
        answer = world.post_lead(
            f"visit-{number}", **fields | {"email": f"visitor-{number}@example.com", "phone": ""}
        )
        assert answer.status == 201, answer.body
        world.run_for(minutes=4)
    world.run_for(minutes=20)
    assert taking_enquiries(world) == before
    assert len(world.mails()) <= MOST_MAILS * VISITORS
