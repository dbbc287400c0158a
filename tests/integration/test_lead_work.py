"""HQ works on a lead: tries it again, withdraws it for the customer, notes what was said."""

from typing import Any

import pytest

from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Caps
from routing_core.present.catalog import catalog_for
from routing_core.routing.decide.answering import LATE
from routing_core.routing.decide.eligibility import REASONS
from tests.support.builders import working_in
from tests.support.hooks import meanwhile
from tests.support.world import Answer, World, a_programme, munich


def call(world: World, lead: str, what: str, body: object = None, **headers: str) -> Answer:
    key = {"X-Api-Key": world.api_key("leads:write", "leads:read")}
    return world.http("POST", f"/v1/leads/{lead}/{what}", json_body=body, headers=key | headers)


def posted(world: World) -> str:
    lead: str = world.post_lead("one").json()["lead"]
    world.deliver()
    return lead


def test_a_waiting_lead_is_tried_again_and_nothing_changes_while_nobody_is_there(
    world: World,
) -> None:
    world.use(a_programme())
    lead = posted(world)
    waiting = world.lead(lead)
    assert waiting.exhausted
    answer = call(world, lead, "requeue")
    assert (answer.status, world.lead(lead)) == (200, waiting)
    world.add(munich(1))
    assert call(world, lead, "requeue").json()["lead"]["status"] == "offered"
    assert "lead.rerouted" in world.facts(lead)


def test_only_a_lead_that_waits_for_a_partner_is_tried_again(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    assert call(world, lead, "requeue").status == 200, "who is being asked, stays asked"
    assert len(world.lead(lead).offers) == 1
    world.press(world.offer_link(lead), action="accept")
    assert call(world, lead, "requeue").status == 409


@pytest.mark.parametrize("accepted", [False, True])
def test_a_customer_who_says_no_on_the_phone_is_withdrawn_and_whoever_has_it_is_told(
    world: World, accepted: bool
) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    if accepted:
        world.press(world.offer_link(lead), action="accept")
    answer = call(world, lead, "withdraw")
    assert answer.status == 200
    assert world.lead(lead).status is LeadStatus.WITHDRAWN
    assert world.load("munich-1").open_count == 0
    told = [moment["sentence"] for moment in answer.json()["timeline"]]
    assert [each for each in told if each.startswith("Withdrawn by HQ for the customer (API key ")]
    ended = world.lead(lead)
    assert (call(world, lead, "withdraw").status, world.lead(lead)) == (200, ended)


def test_a_lead_that_is_over_cannot_be_withdrawn(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    world.press(world.offer_link(lead), action="accept")
    world.press(world.offer_link(lead), action="won", value="100")
    assert call(world, lead, "withdraw").status == 409


def test_what_was_decided_on_an_older_version_is_refused_with_what_happened(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    world.press(world.offer_link(lead), action="accept")
    answer = call(world, lead, "withdraw", **{"if-match": '"1"'})
    assert answer.status == 409
    assert world.lead(lead).status is LeadStatus.ACCEPTED


def test_a_note_says_who_wrote_it_and_partners_read_only_that_it_was_hq(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    answer = call(world, lead, "notes", {"text": "Call on Monday."})
    (note,) = answer.json()["context"]["notes"]
    assert note["by"].startswith("hq:machine-")
    world.press(world.offer_link(lead), action="accept")
    page = world.http("GET", world.offer_link(lead)).body
    assert "Call on Monday." in page
    assert "machine-" not in page


@pytest.mark.parametrize("body", [{}, {"text": 5}, {"text": " \n"}])
def test_an_empty_note_is_refused_at_its_field(world: World, body: object) -> None:
    world.use(a_programme(), munich(1))
    answer = call(world, posted(world), "notes", body)
    assert answer.status == 422
    assert answer.json()["errors"][0]["field"] == "text"


# ── the list ──────────────────────────────────────────────────────────────────────────────────────


def listed(world: World, query: str = "", *scopes: str) -> Answer:
    key = {"X-Api-Key": world.api_key(*(scopes or ("leads:read",)))}
    return world.http("GET", f"/v1/leads?{query}", headers=key)


def several(world: World, count: int) -> list[str]:
    leads = []
    for number in range(count):
        fields = {"email": f"a{number}@posteo.de", "phone": f"+49899999812{number:02}"}
        leads.append(world.post_lead(f"number-{number}", name=f"Ada {number}", **fields).json())
        world.advance(minutes=1)
    return [lead["lead"] for lead in leads]


def test_leads_are_listed_page_by_page_the_newest_first(world: World) -> None:
    world.use(a_programme(), munich(1))
    leads = several(world, 5)
    first = listed(world, "limit=3").json()
    assert [row["id"] for row in first["leads"]] == leads[:1:-1]
    assert first["behind_seconds"] == 0
    second = listed(world, f"limit=3&cursor={first['next']}").json()
    assert [row["id"] for row in second["leads"]] == leads[1::-1]
    assert (second["next"], second["looked_back_to"]) == ("", None)
    oldest = listed(world, "sort=oldest&state=offered,accepted&product=heat-pump").json()
    assert [row["id"] for row in oldest["leads"]] == leads


def test_a_lead_is_found_by_its_reference_its_sender_and_part_of_a_name(world: World) -> None:
    world.use(a_programme(), munich(1))
    leads = several(world, 3)
    row = listed(world, "text=ada%201").json()["leads"][0]
    assert row["id"] == leads[1]
    for query in (
        f"reference={row['reference']}",
        "contact=A1%40posteo.de",
        "contact=089 99998 1201",
    ):
        found = listed(world, query.replace(" ", "%20")).json()["leads"]
        assert [each["id"] for each in found] == [leads[1]], query


@pytest.mark.parametrize(
    "query",
    [
        "cursor=nobodys",
        "limit=0",
        "limit=201",
        "limit=x",
        "state=gone",
        "from=yesterday",
        "contact=x",
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_parameter(world: World, query: str) -> None:
    world.use(a_programme())
    answer = listed(world, query)
    assert answer.status == 422
    assert [error["field"] for error in answer.json()["errors"]] == [query.partition("=")[0]]


def test_a_key_that_may_not_read_leads_lists_none(world: World) -> None:
    world.use(a_programme())
    assert listed(world, "", "leads:write").status == 403


# ── signs of interest ─────────────────────────────────────────────────────────────────────────────

WEBINAR = {
    "kind": "webinar",
    "at": "2026-11-20T15:00:00Z",
    "text": "Heat pumps in old houses",
    "source": "HubSpot",
}


def test_what_a_sender_was_interested_in_is_read_by_the_owner_and_nobody_else(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    score = {"kind": "score", "text": 87}
    answer = call(world, lead, "activities", {"activities": [WEBINAR, score]})
    assert answer.status == 200
    assert [each["kind"] for each in answer.json()["context"]["interest"]] == ["webinar", "score"]
    assert "Heat pumps in old houses" not in world.http("GET", world.offer_link(lead)).body
    world.press(world.offer_link(lead), action="accept")
    page = world.http("GET", world.offer_link(lead)).body
    for told in ("Heat pumps in old houses", "gemeldet von HubSpot", "87"):
        assert told in page
    assert "Heat pumps in old houses" in world.http("GET", world.hq_link(lead)).body


def test_what_is_told_twice_is_kept_once_and_of_much_the_last(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    call(world, lead, "activities", {"activities": [WEBINAR, WEBINAR]})
    version = world.lead(lead).version
    call(world, lead, "activities", {"activities": [WEBINAR]})
    assert world.lead(lead).version == version
    for day in (21, 22):
        visits = [
            WEBINAR | {"kind": "page_visit", "at": f"2026-11-{day}T{n // 60:02}:{n % 60:02}:00Z"}
            for n in range(30)
        ]
        assert call(world, lead, "activities", {"activities": visits}).status == 200
    context = world.wiring.leads.context(lead)
    assert context is not None
    assert len(context.interest) == 40
    assert context.interest[0].at.isoformat() == "2026-11-21T00:20:00+00:00"


def test_signs_of_interest_and_what_others_do_meanwhile_both_stay(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    with meanwhile(world, lambda: call(world, lead, "notes", {"text": "Mondays"})):
        assert call(world, lead, "activities", {"activities": [WEBINAR]}).status == 200
    context = world.wiring.leads.context(lead)
    assert context is not None
    assert (len(context.notes), len(context.interest)) == (1, 1)


def test_signs_of_interest_are_erased_with_who_asked(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    call(world, lead, "activities", {"activities": [WEBINAR]})
    call(world, lead, "erase")
    assert "Heat pumps in old houses" not in repr(world.items())
    assert call(world, lead, "activities", {"activities": [WEBINAR]}).status == 409


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ([], "activities"),
        ("x", "activities"),
        ([WEBINAR] * 41, "activities"),
        ([5], "activities[0]"),
        ([WEBINAR, WEBINAR | {"kind": []}], "activities[1].kind"),
        ([WEBINAR | {"text": " "}], "activities[0].text"),
        ([WEBINAR | {"at": "yesterday"}], "activities[0].at"),
        ([WEBINAR | {"at": "2026-11-20T15:00:00"}], "activities[0].at"),
        ([WEBINAR | {"at": "2126-11-20T15:00:00Z"}], "activities[0].at"),
    ],
)
def test_a_sign_of_interest_that_makes_no_sense_is_refused_at_its_field(
    world: World, told: object, field: str
) -> None:
    world.use(a_programme(), munich(1))
    answer = call(world, posted(world), "activities", {"activities": told})
    assert answer.status == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


# ── why a partner was asked ───────────────────────────────────────────────────────────────────────


def why(world: World, lead: str, partner: str, lang: str = "en") -> Any:
    key = {"X-Api-Key": world.api_key("leads:read")}
    return world.http("GET", f"/v1/leads/{lead}/why?partner={partner}&lang={lang}", headers=key)


def test_a_partner_hears_why_they_were_asked_or_not_and_nothing_of_anybody_else(
    world: World,
) -> None:
    full = munich(3, caps=Caps(open=0))
    world.use(a_programme(), munich(1), munich(2), full, working_in("far", "DE 20095"))
    lead = posted(world)
    asked = world.lead(lead).offers[0].partner
    other = "munich-1" if asked == "munich-2" else "munich-2"
    told = {name: why(world, lead, name).json() for name in (asked, other, "munich-3", "far")}
    assert {name: (each["asked"], each["code"]) for name, each in told.items()} == {
        asked: (True, "routed"),
        other: (False, "in_line"),
        "munich-3": (False, "full"),
        "far": (False, "elsewhere"),
    }
    for name, each in told.items():
        others = {"Isar Wärme 1", "Isar Wärme 2", "Isar Wärme 3", "Erika"}
        assert not any(known in each["sentence"] for known in others), name
    german = why(world, lead, "munich-3", "de").json()
    assert german["sentence"].startswith("Sie wurden nicht gefragt")
    world.press(world.hq_link(lead), action="assign", partner="far")
    assert why(world, lead, "far").json()["code"] == "assigned"


def test_why_of_a_partner_or_a_lead_that_there_is_not_is_not_found(world: World) -> None:
    world.use(a_programme(), munich(1))
    assert why(world, posted(world), "nobody").status == 404
    assert why(world, "LNOTTHERE", "munich-1").status == 404
    assert why(world, "LNOTTHERE", "").status == 422


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_reason_of_routing_has_a_sentence_for_the_partner(language: str) -> None:
    known = catalog_for(language)
    missing = [each for each in (*REASONS, LATE) if known.find(f"why.not_asked.{each}") is None]
    missing += [kind for kind in OfferKind if known.find(f"why.asked.{kind.value}") is None]
    assert missing == []


def test_programs_tell_problems_apart_by_a_type_that_stays(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = posted(world)
    world.press(world.offer_link(lead), action="accept")
    told = {
        listed(world, "limit=0").json()["type"],
        call(world, lead, "requeue").json()["type"],
        why(world, lead, "nobody").json()["type"],
        listed(world, "", "leads:write").json()["type"],
    }
    names = ("invalid", "conflict", "missing", "refused")
    assert told == {f"urn:partner-relay:problem:{name}" for name in names}
