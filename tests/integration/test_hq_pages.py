"""HQ's pages: what stands first, what asks before it does harm, and what each row tells."""

import re
from urllib.parse import urlsplit

import pytest

from tests.support.world import ENQUIRY, World, a_programme, munich


def page(world: World, lead_id: str = "") -> str:
    return world.http("GET", urlsplit(world.wiring.services.queue_link(lead_id)).path).body


@pytest.fixture
def owned(world: World) -> str:
    world.use(a_programme(), munich(1), munich(2))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    assert world.lead(lead_id).owner
    return lead_id


def test_what_somebody_owns_is_taken_away_only_after_a_question(world: World, owned: str) -> None:
    """ "Assign" was the first button of the page, and one press took the enquiry away."""
    html = page(world, owned)
    owner = world.wiring.services.partner(world.lead(owned).owner or "").name
    forms = re.findall(r'<form method="post" novalidate>.*?</form>', html, re.DOTALL)
    taking = [form for form in forms if 'value="assign"' in form]
    assert taking
    assert all(f"{owner} is told to stop contacting the customer" in form for form in taking)
    for form in taking:
        before = html[: html.index(form)]
        assert before.count("<details") > before.count("</details>"), "folded until it is asked for"
    assert html.index('id="facts"') < html.index(taking[0])


def test_what_nobody_owns_is_assigned_with_the_first_button(world: World) -> None:
    world.use(a_programme(), munich(1, paused=True))
    lead_id = world.post_lead().json()["lead"]
    html = page(world, lead_id)
    assert "is told to stop contacting" not in html
    assert html.index('value="assign"') < html.index('id="facts"')


def test_each_row_of_the_queue_tells_who_where_and_by_when(world: World) -> None:
    world.use(a_programme(promise=[{"within": {"working_days": 1}}]), munich(1, paused=True))
    world.post_lead(town="München", name="Erika Beispiel")
    html = page(world)
    row = html[html.index('<ul class="list">') :]
    assert "Erika Beispiel" in row
    assert "80331 München" in row
    assert "Reply promised by" in row


def test_an_emergency_stands_above_all_plans_whichever_list_it_waits_in(world: World) -> None:
    world.use(a_programme(), munich(1, paused=True))
    first = world.post_lead(urgency="emergency").json()["lead"]
    world.run_for(days=3)
    assert world.lead(first).status == "follow_up"
    plan = world.post_lead(key="2", email="plan@example.com", phone="", postcode="80333").json()[
        "lead"
    ]
    html = page(world)
    assert html.index(f"/leads/{first}") < html.index(f"/leads/{plan}")
    rows = {
        lead: html[html.index(f"/leads/{lead}") :].partition("</a>")[0] for lead in (first, plan)
    }
    assert [
        lead for lead, row in rows.items() if '<strong class="badge">Emergency</strong>' in row
    ] == [first]


def test_the_subject_of_an_emergency_says_so_to_partners_and_not_to_who_asked(world: World) -> None:
    world.use(a_programme(), munich(1))
    world.post_lead(urgency="emergency")
    world.deliver()
    assert str(world.mails("munich-1")[-1]["Subject"]).startswith("Notfall: ")
    assert not any(
        str(mail["Subject"]).startswith(("Emergency", "Notfall"))
        for mail in world.mails(str(ENQUIRY["email"]))
    )
    world.post_lead(key="2", email="calm@example.com", phone="", urgency="soon", postcode="80333")
    world.deliver()
    assert not str(world.mails("munich-1")[-1]["Subject"]).startswith(("Emergency", "Notfall"))
