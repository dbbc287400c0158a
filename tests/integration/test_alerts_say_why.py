"""HQ's alert says what happened, not only that it happened."""

import pytest

from tests.support.builders import programme_document
from tests.support.world import World, a_programme, munich


@pytest.mark.slow
def test_an_alert_names_the_limit_that_kept_the_lead_from_partners_who_could_have_taken_it(
    world: World,
) -> None:
    once = [rule | {"partners": 1} for rule in programme_document()["offers"]]
    world.use(a_programme(offers=once), munich(1), munich(2), munich(3))
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    world.deliver()
    decision = world.events(lead_id)[-1].decision
    assert decision is not None
    assert (decision["offered"], decision["limited"], decision["eligible"]) == (None, True, 2)
    alert = next(str(m.get_body(("plain",)).get_content()) for m in world.mails("hq@example.com"))  # type: ignore[union-attr]
    assert (
        "2 × eligible, but the programme's limit of partners or time has been reached"
        in " ".join(alert.split())
    )
