"""What HQ does with many leads at once: each is decided on its own, and told on its own."""

import html
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.integration.test_desk_leads import PEOPLE, REGIONS
from tests.integration.test_desk_lists import post
from tests.support.builders import programme_document
from tests.support.stack import BASE_URL
from tests.support.triggers import Context
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

GROUP = re.compile(r'<h2 id="g-\d">([^<]+) <span class="count">(\d+)</span>')


@pytest.fixture
def open_world(world: World) -> World:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    world.use(a_programme(hq=hq, regions=REGIONS), munich(1, paused=True), munich(2, paused=True))
    return world


@pytest.fixture
def desk(open_world: World) -> HqBrowser:
    return open_world.desk("hq@example.com")


def named(world: World, *leads: str) -> list[str]:
    return [f"{lead}.{world.lead(lead).version}" for lead in leads]


def pressed(desk: HqBrowser, chosen: list[str], **form: str) -> Answer:
    """The answer to a press below the list."""
    fields = [*form.items(), *(("lead", each) for each in chosen)]
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return desk.send("/hq/leads", body=urlencode(fields), headers=kind)


def press(desk: HqBrowser, chosen: list[str], **form: str) -> Answer:
    """A press below the list, and the page that a browser then shows."""
    answer = pressed(desk, chosen, **form)
    return desk.get(answer.headers["Location"]) if answer.status == 303 else answer


def told(answer: Answer) -> dict[str, int]:
    return {title: int(count) for title, count in GROUP.findall(answer.body)}


def test_many_are_assigned_with_one_press(open_world: World, desk: HqBrowser) -> None:
    leads = [post(open_world, f"lead-{n}") for n in range(3)]
    done = press(desk, named(open_world, *leads), action="assign", to="Isar Wärme 2")
    assert "Done for 3 of 3" in done.body
    assert told(done) == {"Done": 3}
    for lead in leads:
        assert [each.partner for each in open_world.lead(lead).live_offers] == ["munich-2"]


def test_all_on_the_page_are_meant_where_it_says_so(open_world: World, desk: HqBrowser) -> None:
    leads = [post(open_world, f"lead-{n}") for n in range(3)]
    page = desk.get("/hq/leads").body
    all_listed = re.search(r'name="listed" value="([^"]+)"', page)
    assert all_listed
    done = press(desk, [], action="reject", all="yes", listed=all_listed[1])
    assert told(done) == {"Done": 3}
    assert {open_world.lead(lead).status for lead in leads} == {"rejected"}


def test_each_lead_says_why_nothing_was_done(open_world: World, desk: HqBrowser) -> None:
    fine, rejected, changed, taken = (post(open_world, f"lead-{n}") for n in range(4))
    services = open_world.wiring.services
    open_world.press(open_world.hq_link(rejected), action="reject")
    desk.press(f"/hq/leads/{taken}", action="assign", partner="munich-1", version="1")
    open_world.press(open_world.offer_link(taken), action="accept")
    chosen = named(open_world, fine, rejected, changed, taken)
    desk.press(f"/hq/leads/{changed}", action="assign", partner="munich-1", version="1")
    done = press(desk, [*chosen, "LNOBODYSLEADISTHISONEHERE.1"], action="assign", to="munich-2")
    assert told(done) == {
        "Not done: something happened meanwhile": 1,
        "Not done: a partner has it": 1,
        "Not done: no longer possible": 1,
        "Not done: not found": 1,
        "Done": 1,
    }
    assert done.body.index("Not done") < done.body.index(">Done <"), "what asks for somebody first"
    assert services.lead(taken).owner == "munich-1"
    assert [each.partner for each in services.lead(changed).live_offers] == ["munich-1"]


def test_what_waits_is_tried_again_once_somebody_can_take_it(
    open_world: World, desk: HqBrowser
) -> None:
    lead = post(open_world, "a")
    still = press(desk, named(open_world, lead), action="retry")
    assert told(still) == {"No partner to ask": 1}
    open_world.wiring.partners.set_paused("munich-1", False, open_world.now)
    open_world.compile()
    done = press(desk, named(open_world, lead), action="retry")
    assert told(done) == {"Done": 1}
    assert open_world.lead(lead).status == "offered"


def test_a_note_is_added_to_each(open_world: World, desk: HqBrowser) -> None:
    leads = [post(open_world, f"lead-{n}") for n in range(2)]
    press(desk, named(open_world, *leads), action="note", text="From the fair in Munich.")
    for lead in leads:
        context = open_world.wiring.leads.context(lead)
        assert context is not None
        assert [note.text for note in context.notes] == ["From the fair in Munich."]


REFUSED = [
    ({"action": "assign", "to": "Nobody"}, "No partner has this name or id."),
    ({"action": "assign", "to": ""}, "Please fill in this field."),
    ({"action": "note", "text": "  "}, "Please enter some text."),
]


@pytest.mark.parametrize(("form", "said"), REFUSED)
def test_what_cannot_be_done_for_any_is_said_once_and_nothing_typed_is_lost(
    open_world: World, desk: HqBrowser, form: dict[str, str], said: str
) -> None:
    lead = post(open_world, "a")
    chosen = named(open_world, lead)
    page = press(desk, chosen, **form)
    assert page.status == 422
    assert said in page.body
    assert f'value="{chosen[0]}" checked' in page.body
    assert open_world.lead(lead).version == int(chosen[0].partition(".")[2])


def test_a_press_without_a_lead_says_so(desk: HqBrowser) -> None:
    page = press(desk, [], action="reject")
    assert page.status == 422
    assert "Please select at least one lead." in page.body


def test_no_more_than_a_hundred_are_done_at_once(open_world: World, desk: HqBrowser) -> None:
    done = press(desk, [f"LNOBODY{n}.1" for n in range(150)], action="reject")
    assert told(done) == {"Not done: not found": 100}


def test_who_looks_can_press_nothing_and_who_has_one_region_nothing_of_another(
    open_world: World,
) -> None:
    here, there = post(open_world, "here"), post(open_world, "there", postcode="10115")
    viewer = open_world.desk("looks@example.com")
    assert 'type="checkbox"' not in viewer.get("/hq/leads").body
    for action in ("assign", "retry", "release", "reject", "note"):
        answer = press(viewer, named(open_world, here), action=action, to="munich-1", text="x")
        assert answer.status == 403
    bavaria = open_world.desk("bavaria@example.com")
    done = press(bavaria, named(open_world, here, there), action="reject")
    assert told(done) == {"Not done: not found": 1, "Done": 1}
    assert open_world.lead(there).status != "rejected"


def test_what_there_is_no_time_for_is_told_apart(
    open_world: World, desk: HqBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [post(open_world, f"lead-{n}") for n in range(3)]
    open_world.feed()  # the lists follow in a time of their own
    with monkeypatch.context() as late:
        late.setattr(Context, "get_remaining_time_in_millis", lambda _: 1_000)
        answer = pressed(desk, named(open_world, *leads), action="reject")
    assert told(desk.get(answer.headers["Location"])) == {
        "Not done yet: it took too long": 2,
        "Done": 1,
    }


def test_a_button_of_another_site_does_nothing(open_world: World, desk: HqBrowser) -> None:
    lead = post(open_world, "a")
    form = {"action": "reject", "lead": named(open_world, lead)[0]}
    forged = desk.send("/hq/leads", form=form, headers={"origin": "https://evil.example"})
    assert forged.status == 403
    assert open_world.lead(lead).status != "rejected"
    assert desk.send("/hq/leads", form=form, headers={"origin": BASE_URL}).status == 303


def test_the_way_back_leads_to_the_list_that_was_filtered(
    open_world: World, desk: HqBrowser
) -> None:
    lead = post(open_world, "one")
    fields = [("action", "reject"), ("lead", named(open_world, lead)[0])]
    kind = {"content-type": "application/x-www-form-urlencoded"}
    query = {"product": "heat_pump", "q": "a&b <i>", "leads": "x"}
    answer = desk.send(f"/hq/leads?{urlencode(query)}", body=urlencode(fields), headers=kind)
    page = desk.get(answer.headers["Location"])
    assert told(page) == {"Done": 1}
    assert f'href="/hq/leads/{lead}"' in page.body
    back = re.search(r'<p class="tall"><a href="([^"]+)"', page.body)
    assert back
    assert parse_qs(urlsplit(html.unescape(back[1])).query) == {
        "product": ["heat_pump"],
        "q": ["a&b <i>"],
    }


def test_an_address_that_somebody_made_up_tells_nothing_dangerous(desk: HqBrowser) -> None:
    page = desk.get("/hq/leads/result?leads=%3Cscript%3Ed.LX%22onclickd.LAd")
    assert told(page) == {"Done": 1}
    assert "onclick" not in page.body
