"""The page on which somebody at HQ enters an enquiry for its sender."""

import html
import re

import pytest

from tests.support.world import Answer, World, a_programme, munich

PEOPLE = [
    {"email": "hq@example.com", "name": "Max Beispiel", "role": "admin"},
    {"email": "deutsch@example.com", "role": "admin", "language": "de"},
    {"email": "south@example.com", "role": "manager", "regions": ["munich"], "may": []},
    {"email": "looks@example.com", "role": "viewer"},
]
CALLER = {
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "soon",
    "owner": "owner",
    "name": "Erika Beispiel",
    "phone": "089 99998 1230",
    "email": "",
    "consent": "yes",
    "way": "phone",
    "source": "hotline",
}


@pytest.fixture
def hq(world: World) -> World:
    world.use(a_programme(hq={"people": PEOPLE, "digests": []}), munich(1), munich(2))
    return world


def key_of(page: Answer) -> str:
    return re.findall(r'name="submission_id" value="([^"]+)"', page.body)[0]


def entered(answer: Answer) -> str:
    assert answer.status == 303, answer.body
    path = answer.headers["Location"]
    assert path.startswith("/hq/leads/L")
    return path.removeprefix("/hq/leads/").partition("?")[0]


def test_an_enquiry_on_the_phone_goes_to_partners_at_once_and_pressed_twice_it_is_one(
    hq: World,
) -> None:
    desk = hq.desk()
    key = key_of(desk.get("/hq/leads/new"))
    answers = [entered(desk.post("/hq/leads/new", submission_id=key, **CALLER)) for _ in range(2)]
    assert len(hq.lead_ids()) == 1
    assert len(set(answers)) == 1
    lead = hq.lead(answers[0])
    assert lead.live_offers
    context = hq.wiring.leads.context(lead.id)
    assert context
    assert context.on_behalf
    assert context.on_behalf.consent_by == "Max Beispiel"
    assert context.on_behalf.consent_at == hq.now
    assert context.source == "hotline"
    assert context.on_behalf.by.startswith("link:")


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ("hq@example.com", ["Entered by Max Beispiel", "On the phone", "Said so, Max Beispiel"]),
        ("deutsch@example.com", ["Aufgenommen von", "Am Telefon", "Mündlich"]),
    ],
)
def test_the_leads_page_says_who_entered_it_how_it_came_and_how_they_agreed(
    hq: World, reader: str, said: list[str]
) -> None:
    answer = hq.desk(reader).press("/hq/leads/new", submission_id="one", **CALLER)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(answer.body)))
    for words in (*said, "99998"):
        assert words in text, text[-3000:]
    assert "mailto:" not in answer.body


def test_a_partner_is_chosen_by_name_or_id(hq: World) -> None:
    desk = hq.desk()
    for number, chosen in enumerate(["Isar Wärme 2", "munich-2"]):
        lead = entered(
            desk.post("/hq/leads/new", submission_id=str(number), **CALLER, partner=chosen)
        )
        assert [offer.partner for offer in hq.lead(lead).offers] == ["munich-2"]


@pytest.mark.parametrize("reader", ["hq@example.com", "deutsch@example.com"])
def test_what_is_wrong_stands_at_its_field_and_nothing_that_was_typed_is_lost(
    hq: World, reader: str
) -> None:
    typed = CALLER | {"phone": "", "name": "<b>Erika</b>", "consent": "", "partner": "Nobody & Co"}
    answer = hq.desk(reader).post("/hq/leads/new", submission_id="one", **typed)
    assert answer.status == 422
    assert hq.lead_ids() == []
    for field in ("phone", "consent", "partner"):
        assert f'id="f-{field}-error"' in answer.body
    assert 'value="&lt;b&gt;Erika&lt;/b&gt;"' in answer.body
    assert "Nobody &amp; Co" in answer.body
    assert key_of(answer) == "one"
    said = {
        "hq@example.com": "Enter a phone number or an email address.",
        "deutsch@example.com": "Geben Sie eine Telefonnummer oder eine E-Mail-Adresse an.",
    }
    assert said[reader] in html.unescape(answer.body)


def test_a_page_sent_with_another_content_gets_a_new_key_and_is_not_lost(hq: World) -> None:
    desk = hq.desk()
    entered(desk.post("/hq/leads/new", submission_id="one", **CALLER))
    again = desk.post("/hq/leads/new", submission_id="one", **CALLER | {"name": "Another"})
    assert again.status == 422
    assert key_of(again) != "one"
    entered(desk.post("/hq/leads/new", submission_id=key_of(again), **CALLER | {"name": "Another"}))
    assert len(hq.lead_ids()) == 2


def test_a_viewer_enters_nothing_and_a_manager_only_for_their_regions(hq: World) -> None:
    viewer = hq.desk("looks@example.com")
    assert viewer.get("/hq/leads/new").status == 403
    assert viewer.post("/hq/leads/new", submission_id="one", **CALLER).status == 403
    manager = hq.desk("south@example.com")
    elsewhere = manager.post("/hq/leads/new", submission_id="two", **CALLER | {"postcode": "10115"})
    assert elsewhere.status == 422
    assert "outside your regions" in elsewhere.body
    assert hq.lead_ids() == []
    entered(manager.post("/hq/leads/new", submission_id="three", **CALLER))
    chosen = CALLER | {"partner": "munich-2"}
    assert manager.post("/hq/leads/new", submission_id="four", **chosen).status == 403


def test_another_sites_page_enters_nothing(hq: World) -> None:
    answer = hq.desk().send(
        "/hq/leads/new", form=CALLER, headers={"origin": "https://elsewhere.example"}
    )
    assert answer.status == 403
    assert hq.lead_ids() == []


def test_a_form_that_there_is_not_is_no_page(hq: World) -> None:
    assert hq.desk().get("/hq/leads/new?form=nothing").status == 404
