"""Pages have one control for one thing, and each choice says what comes of it."""

import re

import pytest

from tests.support.world import World, a_programme, munich

REASONS = [
    {"id": "work", "label": {"en": "Not work we do", "de": "Machen wir nicht"}, "then": "route"},
    {
        "id": "twice",
        "label": {"en": "Have it already", "de": "Haben wir schon"},
        "neutral": True,
        "then": "review",
    },
    {
        "id": "over",
        "label": {"en": "No longer wanted", "de": "Kein Bedarf"},
        "neutral": True,
        "then": "close",
    },
]
MISTAKE = "accepted by mistake"
BUSY = [{"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}, "then": "pause"}]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def accepted(world: World, partners: int = 2) -> str:
    world.use(
        a_programme(return_reasons=REASONS),
        *(munich(n, language="en") for n in range(1, partners + 1)),
    )
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id, 1), action="accept")
    return lead_id


def offer_page(world: World, lead_id: str) -> str:
    return world.http("GET", world.offer_link(lead_id, 1)).body


# ── giving back ───────────────────────────────────────────────────────────────────────────────────


def test_an_enquiry_is_given_back_by_one_control_whose_reasons_say_what_comes_of_them(
    world: World,
) -> None:
    html = offer_page(world, accepted(world))
    assert html.count('value="give_back"') == 1
    assert 'value="return"' not in html
    told = words(html)
    for reason, comes_of_it in (
        (
            "Accepted by mistake",
            "We will look for another partner. You can do this until 12:10 today",
        ),
        ("Not work we do", "We will look for another partner. It counts in your statistics."),
        (
            "Have it already",
            "Example Heating decides what happens next. It won't affect your statistics.",
        ),
        ("No longer wanted", "The enquiry is closed. It won't affect your statistics."),
    ):
        assert f"{reason} {comes_of_it}" in told.replace("&#39;", "'")


def test_a_mistake_is_given_back_uncounted_through_the_same_control(world: World) -> None:
    lead_id = accepted(world)
    world.press(world.offer_link(lead_id, 1), action="give_back", reason=MISTAKE)
    assert "offer.returned" in world.facts(lead_id)
    assert "lead.returned" not in world.facts(lead_id)
    assert world.lead(lead_id).offers[-1].partner != world.lead(lead_id).offers[0].partner


def test_a_mistake_is_no_reason_any_more_once_its_time_is_up(world: World) -> None:
    lead_id = accepted(world)
    world.advance(minutes=11)
    assert "Accepted by mistake" not in offer_page(world, lead_id)
    page = world.press(world.offer_link(lead_id, 1), action="give_back", reason=MISTAKE)
    assert "no longer possible" in page.body
    assert world.lead(lead_id).owner


# ── after declining ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("partners", "says"),
    [
        (1, "Nobody else has this enquiry at the moment."),
        (2, "If it becomes available again, you can have it"),
    ],
    ids=["nobody else has it", "somebody else is asked"],
)
def test_who_has_no_capacity_is_shown_one_main_button_and_what_the_other_would_do(
    world: World, partners: int, says: str
) -> None:
    world.use(
        a_programme(decline_reasons=BUSY),
        *(munich(n, language="en") for n in range(1, partners + 1)),
    )
    lead_id = world.post_lead().json()["lead"]
    html = world.press(world.offer_link(lead_id, 1), action="decline", reason="busy").body
    buttons = re.findall(r'<button class="(button[^"]*)" type="submit">([^<]*)</button>', html)
    assert [label for kind, label in buttons if kind == "button"] == ["Pause new enquiries"]
    assert [
        kind for kind, label in buttons if label in ("Join the waiting list", "Ask me again")
    ] == ["button second"]
    assert says in html


# ── HQ takes away and gives back ──────────────────────────────────────────────────────────────────


def hq_page(world: World, lead_id: str) -> str:
    return world.http("GET", world.hq_link(lead_id)).body


def test_hq_is_told_the_way_back_before_it_takes_an_enquiry_away_and_the_way_works(
    world: World,
) -> None:
    lead_id = accepted(world)
    owner = world.lead(lead_id).owner
    assert owner
    other = "munich-2" if owner == "munich-1" else "munich-1"
    name = world.wiring.services.partner(owner).name
    assert f"You can assign it back to {name} here later" in words(hq_page(world, lead_id))
    seen = str(world.lead(lead_id).version)
    world.press(world.hq_link(lead_id), action="assign", partner=other, version=seen)
    assert world.lead(lead_id).live_offers[0].partner == other
    seen = str(world.lead(lead_id).version)
    world.press(world.hq_link(lead_id), action="assign", partner=owner, version=seen)
    assert world.lead(lead_id).live_offers[0].partner == owner
    world.press(world.offer_link(lead_id), action="accept")
    assert world.lead(lead_id).owner == owner


def test_an_offer_somebody_is_thinking_about_is_withdrawn_only_after_a_question_that_names_them(
    world: World,
) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    asked = world.lead(lead_id).live_offers[0].partner
    html = hq_page(world, lead_id)
    forms = re.findall(r'<form method="post" novalidate>.*?</form>', html, re.DOTALL)
    assigning = [form for form in forms if 'value="assign"' in form]
    assert assigning
    name = world.wiring.services.partner(asked).name
    for form in assigning:
        assert f"{name} is being asked at the moment." in form
        assert f'name="partner" value="{asked}"' not in form, "who is asked already need not be"
        before = html[: html.index(form)]
        assert before.count("<details") > before.count("</details>"), "folded until it is asked for"
