"""Figures of any days: of months with a report, of days since, and of any part of the leads."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.openapi.operations import OPERATIONS
from routing_core.service.reports import gather_days
from tests.support.builders import working_in
from tests.support.world import Context, World, a_programme, munich

OCTOBER = "2026-10"
KEY = "x-api-key"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Asking:
    """A program that asks for figures, and goes on counting where it is told to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.headers = {KEY: world.api_key("reports:read", "reports:write")}
        self.answers: list[int] = []

    def figures(self, **asked: str) -> Any:
        self.world.feed()
        address = f"/v1/figures?{urlencode(asked)}"
        while True:
            answer = self.world.http("GET", address, headers=self.headers)
            self.answers.append(answer.status)
            assert answer.status in (200, 202), answer.body
            if answer.status == 200:
                return answer.json()
            assert answer.json()["next"] == answer.headers["Location"]
            address = answer.headers["Location"]

    def line(self, **asked: str) -> tuple[int, int, int, int]:
        """Open at the start, received, won, open at the end."""
        line = self.figures(**asked)["reconciliation"]
        names = ("open_at_start", "received", "won", "open_at_end")
        opened, received, won, still_open = (line[name] for name in names)
        return opened, received, won, still_open

    def report(self, period: str) -> Any:
        world = self.world
        body = {"period": period}
        world.http("POST", "/v1/reports", json_body=body, headers=self.headers)
        world.make_reports()
        return world.http("GET", f"/v1/reports/{period}", headers=self.headers).json()["figures"]


@pytest.fixture
def asking(world: World) -> Asking:
    world.now = at("2026-10-05T09:00")
    world.use(a_programme(), munich(1), munich(2))
    return Asking(world)


def enquiry(world: World, name: str, **fields: Any) -> str:
    before = set(world.lead_ids())
    world.post_lead(name, email=f"{name}@posteo.de", phone="", **fields)
    world.deliver()
    (new,) = set(world.lead_ids()) - before
    return new


def accepted(world: World, name: str) -> str:
    lead = enquiry(world, name)
    world.press(world.offer_link(lead), action="accept")
    world.deliver()
    return lead


def won(world: World, lead: str, value: str) -> None:
    world.press(world.offer_link(lead), action="won", value=value)
    world.deliver()


# ── the running month ─────────────────────────────────────────────────────────────────────────────


def test_the_running_month_has_figures_before_any_report(asking: Asking) -> None:
    world = asking.world
    enquiry(world, "one")
    won(world, accepted(world, "two"), "9000")
    world.advance(hours=1)
    assert asking.line(period=OCTOBER) == (0, 2, 1, 1)
    figures = asking.figures(period=OCTOBER)
    assert figures["activity"]["value"] == {"EUR": "9000.00"}
    assert figures["created"] == "2026-10-05T10:00:00Z"


def test_what_the_running_month_says_in_the_end_is_what_its_report_says(asking: Asking) -> None:
    world = asking.world
    leads = [accepted(world, f"lead-{number}") for number in range(4)]
    enquiry(world, "waits")
    world.advance(days=3)
    won(world, leads[0], "9000")
    world.now = at("2026-11-01T03:00")
    counted = asking.figures(period=OCTOBER)
    reported = asking.report(OCTOBER)
    # Free places are those of the moment at which a report is made; figures of any days have none.
    for gap in (*counted["gaps"], *reported["gaps"]):
        gap |= {"free": None, "unlimited": 0}
    # Of the instant at which they were made nothing else depends: the month was over for both.
    assert counted | {"created": ""} == reported | {"created": ""}


def test_days_of_a_reported_month_and_days_since_are_counted_together(asking: Asking) -> None:
    world = asking.world
    october = accepted(world, "october")
    enquiry(world, "also-october")
    world.now = at("2026-11-01T04:00")
    asking.report(OCTOBER)
    world.now = at("2026-11-10T09:00")
    enquiry(world, "november")
    won(world, october, "12000")
    world.advance(hours=1)
    assert asking.line(first="2026-10-05", last="2026-11-15") == (0, 3, 1, 2)
    assert asking.line(period="2026-11") == (2, 1, 1, 2)
    assert asking.line(first="2026-11-10", last="2026-11-10") == (2, 1, 1, 2)
    # What a report says of its month stays what it says.
    assert asking.line(period=OCTOBER) == (0, 2, 0, 2)


def test_a_month_before_the_first_report_is_counted_as_it_is_known_now(asking: Asking) -> None:
    world = asking.world
    won(world, accepted(world, "september"), "100")
    world.now = at("2026-11-20T09:00")
    enquiry(world, "november")
    world.advance(hours=1)
    assert asking.line(period=OCTOBER) == (0, 1, 1, 0)
    assert asking.line(period="2026-11") == (0, 1, 0, 1)
    assert asking.line(period="2026-09") == (0, 0, 0, 0)


# ── days ──────────────────────────────────────────────────────────────────────────────────────────


def test_days_are_half_open_and_by_the_programmes_clock(asking: Asking) -> None:
    world = asking.world
    for number, instant in enumerate(
        (
            "2026-10-24T21:59:59",  # the last second of the day before
            "2026-10-24T22:00:00",  # midnight in summer time
            "2026-10-25T22:59:59",  # the last second of a day of 25 hours
            "2026-10-25T23:00:00",  # midnight in winter time
        )
    ):
        world.now = at(instant)
        enquiry(world, f"lead-{number}")
    world.now = at("2026-10-27T09:00")
    received = asking.figures(first="2026-10-25", last="2026-10-25")["reconciliation"]["received"]
    assert received == 2
    assert asking.figures(first="2026-10-24", last="2026-10-26")["activity"]["received"] == 4


def test_days_to_come_are_counted_until_now(asking: Asking) -> None:
    world = asking.world
    for number in range(5):
        enquiry(world, f"lead-{number}")
    world.advance(hours=30)
    speed = asking.figures(first="2026-10-01", last="2026-12-31")["speed"]["within"]
    assert (speed["24"]["count"], speed["24"]["of"]) == (0, 5)
    assert speed["48"]["of"] == 0  # none of them is that old: what may still come is not missed


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"first": "2026-10-06", "last": "2026-10-31"}, "first", "not_begun"),
        ({"period": "2026-11"}, "period", "not_begun"),
        ({"first": "2025-10-01", "last": "2026-10-01"}, "last", "too_far_ahead"),
        ({"period": OCTOBER, "as_of": "2026-10-05T09:00:01Z"}, "as_of", "invalid"),
        ({"period": OCTOBER, "as_of": "2026-10-03T09:00:00Z"}, "as_of", "invalid"),
        ({"period": OCTOBER, "as_of": "2026-10-05T09:00:00"}, "as_of", "invalid"),
        ({"period": OCTOBER, "as_of": "../x"}, "as_of", "invalid"),
    ],
)
def test_what_cannot_be_counted_is_refused_at_its_field(
    asking: Asking, asked: dict[str, str], field: str, code: str
) -> None:
    answer = asking.world.http("GET", f"/v1/figures?{urlencode(asked)}", headers=asking.headers)
    assert answer.status == 422
    (problem,) = answer.json()["errors"]
    assert (problem["field"], problem["code"]) == (field, code)


def test_months_with_too_many_leads_for_a_request_say_what_to_do(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = asking.world
    enquiry(world, "one")
    enquiry(world, "two")
    world.now = at("2026-11-02T04:00")
    asking.report(OCTOBER)
    monkeypatch.setattr("routing_core.service.reports.figures_of.MOST_LEADS_JOINED", 1)
    address = "/v1/figures?first=2026-10-05&last=2026-11-01"
    answer = world.http("GET", address, headers=asking.headers)
    assert answer.status == 422
    assert "one month at a time" in answer.json()["errors"][0]["message"]
    assert asking.line(period=OCTOBER)[1] == 2


# ── over several requests ─────────────────────────────────────────────────────────────────────────


def test_many_leads_are_counted_over_several_requests_each_once(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = asking.world
    for number in range(3):
        enquiry(world, f"october-{number}")
    world.now = at("2026-11-01T04:00")
    asking.report(OCTOBER)
    world.now = at("2026-11-03T09:00")
    for number in range(5):
        enquiry(world, f"november-{number}")
    world.advance(hours=1)
    at_once = asking.figures(period="2026-11")
    assert set(asking.answers) == {200}
    monkeypatch.setattr(gather_days, "MOST_ON_PAGE", 2)
    times = iter([1_000, 1_000, 25_000, 1_000, 1_000, 1_000, 1_000, 1_000])
    monkeypatch.setattr(
        Context, "get_remaining_time_in_millis", lambda _: next(times, 25_000), raising=True
    )
    world.advance(minutes=1)
    slowly = asking.figures(period="2026-11")
    assert asking.answers.count(202) >= 3
    assert slowly["reconciliation"] == at_once["reconciliation"]
    assert slowly["reconciliation"]["received"] == 5


def test_what_comes_while_counting_is_not_counted(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = asking.world
    enquiry(world, "one")
    world.advance(minutes=1)
    world.feed()
    with monkeypatch.context() as hurried:
        hurried.setattr(Context, "get_remaining_time_in_millis", lambda _: 1_000)
        address = f"/v1/figures?period={OCTOBER}&product=heat-pump"
        answer = world.http("GET", address, headers=asking.headers)
    assert (answer.status, answer.headers["Retry-After"]) == (202, "1")
    assert answer.json()["leads_read"] == 1
    world.advance(minutes=1)
    enquiry(world, "two")
    world.feed()
    figures = world.http("GET", answer.headers["Location"], headers=asking.headers).json()
    assert figures["reconciliation"]["received"] == 1


# ── parts of the leads ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_regions(world: World) -> Asking:
    world.now = at("2026-10-05T09:00")
    people = [{"email": "munich@example.com", "role": "manager", "regions": ["munich"]}]
    admin = {"email": "hq@example.com", "role": "admin"}
    berlin = working_in("berlin-1", "DE 10*")
    world.use(a_programme(hq={"people": [admin, *people]}), munich(1), munich(2), berlin)
    enquiry(world, "munich", utm_source="google", utm_campaign="autumn")
    enquiry(world, "berlin", postcode="10115")
    world.advance(hours=1)
    return Asking(world)


@pytest.mark.parametrize(
    ("asked", "received"),
    [
        ({}, 2),
        ({"region": "munich"}, 1),
        ({"region": "hamburg"}, 0),
        ({"source": "google"}, 1),
        ({"campaign": "autumn"}, 1),
        ({"campaign": "autumn", "region": "berlin"}, 0),
        ({"partner": "berlin-1"}, 1),
        ({"partner": "berlin-1", "region": "munich"}, 0),
        ({"product": "heat-pump,boiler"}, 2),
        ({"product": "boiler"}, 0),
        ({"urgency": "soon", "product": "x"}, 0),
    ],
)
def test_the_running_month_is_filtered_like_any_other(
    two_regions: Asking, asked: dict[str, str], received: int
) -> None:
    assert two_regions.line(period=OCTOBER, **asked)[1] == received


def test_the_figures_of_a_region_are_those_that_its_manager_reads(two_regions: Asking) -> None:
    world = two_regions.world
    world.now = at("2026-11-01T04:00")
    counted = two_regions.figures(period=OCTOBER, region="munich")
    assert [each["partner"] for each in counted["partners"]] != []
    assert "berlin-1" not in {each["partner"] for each in counted["partners"]}
    two_regions.report(OCTOBER)
    again = two_regions.figures(period=OCTOBER, region="munich")
    assert again["reconciliation"] == counted["reconciliation"]
    page = world.desk("munich@example.com").get(f"/hq/reports/{OCTOBER}").body
    assert "0 open + 1 received" in page


def test_the_example_of_the_contract_is_answered(asking: Asking) -> None:
    enquiry(asking.world, "one")
    asking.world.now = at("2026-11-03T09:00")
    example = OPERATIONS["GET /v1/figures"].query_examples
    assert example
    assert asking.line(**example)[1] == 0  # nobody of these regions has asked
