"""The read model: what the leads stream leaves behind, and the lists that are read from it."""

from datetime import timedelta

from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadFilter
from tests.support.world import World, a_programme, munich


def test_a_lead_is_on_every_list_that_it_belongs_to(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead("one", utm_campaign="spring", source="google").json()["lead"]
    model = world.read_model
    everything = model.page(LeadFilter(), world.now)
    assert [row.id for row in everything.rows] == [lead]
    assert (everything.cursor, everything.looked_back_to) == ("", None)
    row = everything.rows[0]
    assert (row.status, row.asked, row.source, row.campaign) == (
        LeadStatus.OFFERED,
        ("munich-1",),
        "google",
        "spring",
    )
    offered = LeadFilter(states=frozenset({LeadStatus.OFFERED}))
    assert model.page(offered, world.now).rows == everything.rows
    assert model.page(LeadFilter(partner="munich-1"), world.now).rows == everything.rows
    assert model.by_reference(row.reference.lower()) == everything.rows
    assert model.days(world.now.date(), world.now.date())[0].received == 1
    assert model.lag(world.now) == timedelta(0)
