"""Whoever reads German is told in German what is wrong, whatever the mistake, on every page of HQ's."""

import re
from html import unescape
from typing import Any

import pytest

from tests.integration.test_rule_forms import _Inputs
from tests.support.world import Answer, World, a_programme, munich

PEOPLE = [{"email": "hq@example.com", "name": "Ada Admin", "role": "admin", "language": "de"}]
ENGLISH = re.compile(
    r"\b(the|is|are|must|not|use|write|only|there|or|of|at most|known|please|enter|choose"
    r"|missing|invalid|should|cannot|twice|empty|readable|like|did you mean)\b",
    re.IGNORECASE,
)


@pytest.fixture
def german(world: World) -> World:
    programme = a_programme(
        hq={"people": PEOPLE, "language": "de"}, languages=["en", "de"], match_language=False
    )
    world.use(programme, munich(1), munich(2))
    return world


def seen_wrong(answer: Answer) -> list[str]:
    """What the page says is wrong: in its notices, at its fields, in its table of mistakes."""
    body = answer.body
    found = re.findall(r'<p class="error"[^>]*>(.*?)</p>', body, re.DOTALL)
    found += re.findall(r'<div class="notice bad"[^>]*>(.*?)</div></div>', body, re.DOTALL)
    found += re.findall(r'<div class="summary"[^>]*>(.*?)</div>', body, re.DOTALL)
    found += re.findall(r"<td data-label=\"(?!Zelle)[^>]*>(.*?)</td>", body, re.DOTALL)
    texts = [unescape(re.sub(r"<code.*?</code>|<q.*?</q>|<[^>]+>", " ", each)) for each in found]
    return [" ".join(re.sub(r"„[^“]*“", "", each).split()) for each in texts]


def assert_german(answer: Answer) -> None:
    assert answer.status in (200, 409, 422), answer.status
    told = seen_wrong(answer)
    assert any(told), "nothing is said"
    for each in told:
        assert not ENGLISH.search(each), each


RULES = ["name: 12\noffers: {}", "a: [", "- x", "nme: x", "name: \u0000", "languages: [de]\nhq: 1"]


@pytest.mark.parametrize("text", RULES)
def test_the_editor_of_the_rules(german: World, text: str) -> None:
    for action in ("check", "put", "try", "back_test"):
        posted = _Inputs(german.desk().get("/hq/rules/edit").body).posted
        sent = posted | {"text": text, "action": action, "starts_at": "soon", "reference": "x"}
        assert_german(german.desk().post("/hq/rules/edit", **sent))


FORMS: dict[str, dict[str, str]] = {
    "offers": {"offers-0-window": "-1", "offers-0-total": "x", "offers-1-on_lapse": "never"},
    "partners": {"offers-0-partners": "99", "offers-1-waves": "all, 1"},
    "reminders": {"reminders-at": "x", "reminders-min_gap_minutes": ""},
    "days": {"calendar-holiday_region": "XX-99", "calendar-closing_days": "someday"},
    "contact": {"contact-0-window": "999999999"},
    "hotline": {"hotline-phone": "12"},
}


@pytest.mark.parametrize("form", FORMS)
def test_the_small_forms_of_the_rules(german: World, form: str) -> None:
    posted = _Inputs(german.desk().get(f"/hq/rules/change/{form}").body).posted
    for name, typed in FORMS[form].items():
        for when in ("", "2020-01-01T00:00", "tomorrow"):
            sent = posted | {name: typed, "starts_at": when, "action": "save"}
            assert_german(german.desk().post(f"/hq/rules/change/{form}", **sent))


HEADER = "id;name;email;territories;products;type;language;country"
GOOD = "p9;Neu;neu@example.com;DE 81*;heat-pump;installer;de;DE"
PARTNERS: list[str] = [
    "",
    "\x00",
    "id;name;territories\np1;X;DE",
    f"{HEADER};langauges\n{GOOD};de",
    f"{HEADER};name\n{GOOD};X",
    HEADER,
    f"{HEADER}\n{GOOD};;;x",
    f'{HEADER}\n"open',
    f"{HEADER}\n{GOOD}\n{GOOD}",
    *(f"{HEADER}\n{GOOD.replace('DE 81*', entry)}" for entry in (
        "81*,not DE 1*,80", "DE 8x", "DE 80-81999", "DE 82-81", "region nowhere", "DE 9999km 80331",
        "not DE 81*", "XX 8*", "Bavaria-land", "DE 80* rank 0", "DE 00000", "GB 8*", "DE 1", "",
        "backup backup DE 81*", "area moon", "DE 10km 99", "DE 10km 99,999", "DE 81*, DE 81*",
    )),
    f"{HEADER}\n{GOOD.replace('neu@example.com', 'nobody')}",
    f"{HEADER}\n{GOOD.replace('heat-pump', 'moon')}",
    f"{HEADER}\n{GOOD.replace('installer', 'wizard')}",
    f"{HEADER}\n{GOOD.replace(';de;DE', ';german please;Atlantis')}",
    f"{HEADER}\n;{GOOD}",
    *(f"{HEADER};{column}\n{GOOD};{cell}" for column, cell in (
        ("phone", "12"), ("phone", "0900 123456"), ("website", "no address"), ("postcode", "1"),
        ("time_zone", "CET"), ("time_zone", "Nowhere"), ("response_hours", "always"),
        ("response_hours", "mon 25:00-26:00"), ("response_hours", "fri-mon 08:00-17:00"),
        ("absences", "next week"), ("absences", "2026-12-24 to 2026-12-01"), ("open_cap", "many"),
        ("certificates", "gas:someday"), ("certificates", "a|a"), ("paused", "perhaps"),
        ("takes", "moon is full"), ("takes", "area at least many"), ("backup", "Nobody"),
        ("extra_open", "2"), ("holiday_region", "XX"), ("languages", "x1"), ("product_caps", "x"),
        ("second_email", "x"), ("weight", "-1"), ("backup", "p9"), ("day_cap", "0"),
    )),
]  # fmt: skip


@pytest.mark.parametrize("text", PARTNERS)
def test_a_list_of_partners(german: World, text: str) -> None:
    answer = german.desk().post("/hq/partners/import", text=text)
    if answer.status != 200 or seen_wrong(answer):
        assert_german(answer)


COSTS = ["", "month;source", "month;source;cost\nx;y;z", "month;source;cost\n2026-10;;1;2",
         'month;source;cost\n"', "month;source;cost;currency\n2026-10;a;-1;euros", "\x00"]  # fmt: skip


@pytest.mark.parametrize("text", COSTS)
def test_a_list_of_costs(german: World, text: str) -> None:
    assert_german(german.desk().post("/hq/reports/costs", text=text, action="check"))


ENTRY: dict[str, Any] = {
    "nothing": {},
    "place": {"postcode": "8", "product": "moon", "urgency": "never", "country": "XX"},
    "person": {"email": "nobody", "phone": "12", "name": "x" * 500, "consent_at": "soon"},
    "questions": {"owner": "king", "area": "much", "partner": "Nobody", "way": "pigeon"},
}


@pytest.mark.parametrize("typed", ENTRY.values(), ids=ENTRY)
def test_a_new_enquiry_and_one_that_is_tried(german: World, typed: dict[str, str]) -> None:
    for path in ("/hq/leads/new", "/hq/rules/try"):
        assert_german(german.desk().post(path, form="enquiry", **typed))
