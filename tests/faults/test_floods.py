"""What must not happen when somebody posts in bulk, or leaves out what our forms carry: nobody's
enquiry is lost, and no flood reaches a partner.
"""

import base64
import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from routing_core.aws.tables.gate_rows import GateRows
from routing_core.aws.wiring import wiring
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.partner import Caps
from routing_core.service.hq import hq_queue
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.services import Services
from routing_core.service.placing.release_lead import release_lead
from tests.support.builders import programme_document
from tests.support.triggers import Context
from tests.support.world import ENQUIRY, LINKS, Answer, World, a_programme, munich

LEADS = "/v1/forms/enquiry/leads"
DEFAULTS: dict[str, Any] = {"ceilings": {}}


@pytest.fixture
def town(world: World) -> World:
    """The programme's own ceilings, and two partners with ten places each."""
    world.use(a_programme(**DEFAULTS), *(munich(n, caps=Caps(open=10)) for n in (1, 2)))
    return world


def flood(world: World, number: int, name: str = "junk", **same: Any) -> list[str]:
    """Posts as a robot makes them that asks for a form each time, within a quarter of an hour, no
    two alike.
    """
    ids = []
    for n in range(number):
        fields = {"email": f"{name}{n}@spam.example", "phone": "", "name": f"Junk {n}"} | same
        ids.append(world.post_lead(f"{name}-{n}", **fields).json()["lead"])
        world.advance(seconds=900 / number)
    return ids


def routed(world: World, ids: list[str]) -> list[str]:
    return [each for each in ids if world.lead(each).offers]


def genuine(world: World, **fields: Any) -> Answer:
    return world.post_lead(**{"key": "genuine", "client": "198.51.100.7"} | fields)


def test_one_signed_start_is_no_key_for_any_number_of_addresses(town: World) -> None:
    """Three, for whoever mistyped their address and posts the form again; what comes after waits
    for its sender.
    """
    posted = [town.post_lead("same", email=f"somebody{n}@posteo.de", phone="") for n in range(6)]
    assert {answer.status for answer in posted} == {201}
    assert [answer.json()["answer"] for answer in posted] == ["offered"] * 3 + ["confirm"] * 3
    again = town.post_lead("same", email="somebody0@posteo.de", phone="")
    assert again.body == posted[0].body, "a retry is no other enquiry"
    other = town.post_lead("another", email="somebody9@posteo.de", phone="")
    assert other.json()["answer"] == "offered"
    assert not town.wiring.rules.pressure().is_on(town.now), (
        "nobody else is asked for a proof because of it"
    )


def solved(challenge: dict[str, Any]) -> str:
    """What a browser finds and posts."""
    numbers = range(challenge["maxnumber"] + 1)
    digest = lambda n: hashlib.sha256(f"{challenge['salt']}{n}".encode()).hexdigest()  # noqa: E731
    number = next(n for n in numbers if digest(n) == challenge["challenge"])
    told = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")} | {
        "number": number
    }
    return base64.b64encode(json.dumps(told).encode()).decode()


def definition(world: World) -> dict[str, Any]:
    """What a form asks for; a warm function looks again only after a few seconds."""
    world.wiring.rules.look_again()
    told: dict[str, Any] = world.http("GET", "/v1/forms/enquiry").json()
    world.advance(seconds=10)
    return told


def step_two(world: World) -> str:
    need = {name: str(ENQUIRY[name]) for name in ("country", "postcode", "product", "urgency")}
    return world.http("POST", "/f/enquiry", form=need | {"step": "1"}).body


def carried(world: World) -> dict[str, str]:
    """What a form with a browser behind it posts along."""
    form = definition(world)
    known = {name: form[name] for name in ("submission_id", "started")}
    return known | ({"altcha": solved(form["challenge"])} if form["challenge"] else {})


def confirm_link(world: World, to: str) -> str:
    (mail,) = [m for m in world.mails(to) if "confirm" in str(m["Subject"])]
    body = mail.get_body(("plain",))
    assert body
    return urlsplit(re.findall(r"https://\S+/s/\S+", body.get_content())[0]).path


# ── too many of a kind ────────────────────────────────────────────────────────────────────────────


def test_sixty_posts_in_a_quarter_of_an_hour_do_not_switch_a_region_off(town: World) -> None:
    ids = flood(town, 60)
    assert len(routed(town, ids)) == 12
    assert {town.lead(each).reason for each in ids if each not in routed(town, ids)} == {"ceiling"}
    answer = genuine(town)
    assert answer.json()["answer"] == "offered"
    assert town.load("munich-1").open_count + town.load("munich-2").open_count == 13


def test_a_flood_from_everywhere_for_one_place_is_held_at_its_ceiling(world: World) -> None:
    world.use(a_programme(**DEFAULTS), munich(1), munich(2))
    ids = [
        world.post_lead(
            f"junk-{n}", client=f"203.0.113.{n}", email=f"j{n}@spam.example", phone=""
        ).json()["lead"]
        for n in range(60)
    ]
    assert len(routed(world, ids)) == 30


def test_a_filled_ceiling_does_not_silence_the_postcode(world: World) -> None:
    world.use(a_programme(**DEFAULTS), munich(1), munich(2))
    for n in range(31):
        world.post_lead(f"junk-{n}", client=f"203.0.113.{n}", email=f"j{n}@spam.example", phone="")
    held = genuine(world, email="first@posteo.de")
    assert held.json()["answer"] == "confirm"
    with_a_browser = genuine(world, **carried(world), email="second@posteo.de", phone="")
    assert with_a_browser.json()["answer"] == "offered"
    key = {"X-Api-Key": world.api_key("leads:write")}
    by_a_server = world.http(
        "POST", LEADS, json_body=ENQUIRY | {"email": "third@posteo.de", "phone": ""}, headers=key
    )
    assert by_a_server.json()["answer"] == "offered"
    world.deliver()
    world.press(confirm_link(world, "first@posteo.de"), action="confirm")
    assert world.lead(held.json()["lead"]).status == LeadStatus.OFFERED


def test_one_client_at_twenty_requests_a_second_keeps_nobody_else_out(town: World) -> None:
    for n in range(100):
        assert town.post_lead(f"junk-{n}", email=f"j{n}@spam.example", phone="").status == 201
        town.advance(seconds=0.05)
    assert genuine(town).json()["answer"] == "offered"


def test_a_robot_gains_nothing_by_the_many_addresses_of_its_line(town: World) -> None:
    ids = [
        town.post_lead(
            f"junk-{n}", client=f"2001:db8:1:1::{n:x}", email=f"j{n}@spam.example", phone=""
        ).json()["lead"]
        for n in range(20)
    ]
    assert len(routed(town, ids)) == 12


def test_trying_the_same_post_again_fills_no_ceiling(town: World) -> None:
    for _ in range(40):
        genuine(town)
    assert (
        town.post_lead("other", client="198.51.100.7", email="other@posteo.de", phone="").json()[
            "answer"
        ]
        == "offered"
    )


def test_an_hour_later_the_ceiling_is_open_again(town: World) -> None:
    flood(town, 13)
    town.advance(hours=1)
    town.wiring.rules.look_again()
    late = town.post_lead("late", email="late@posteo.de", phone="")
    assert late.json()["answer"] == "offered"


# ── many instances ────────────────────────────────────────────────────────────────────────────────


def another_instance(world: World) -> None:
    """As if the next post met a function that has just started."""
    wiring.cache_clear()


def test_what_one_instance_finds_every_other_knows(town: World) -> None:
    flood(town, 13)
    another_instance(town)
    late = town.post_lead("late", email="late@posteo.de", phone="")
    assert late.json()["answer"] == "confirm"
    assert genuine(town).json()["answer"] == "offered"


def test_a_flood_spread_over_many_instances_is_added_up(town: World) -> None:
    outbox = town.wiring  # the function that counts stays warm
    ids = []
    for n in range(40):
        another_instance(town)
        ids.append(town.post_lead(f"junk-{n}", email=f"j{n}@spam.example", phone="").json()["lead"])
        with patch("functions.outbox.commits.wiring", lambda: outbox):
            town.stream(*town.rows(new=True))
        town.advance(seconds=20)
    assert 12 <= len(routed(town, ids)) <= 14
    another_instance(town)
    assert genuine(town).json()["answer"] == "offered"


def test_a_record_that_the_stream_brings_twice_is_counted_once(town: World) -> None:
    for n in range(5):
        town.post_lead(f"v{n}", email=f"v{n}@posteo.de", phone="")
        for _ in range(4):
            town.stream(*town.rows())
    counts = [item["posts"] for item in town.items(only=lambda pk, sk: pk.startswith("COUNT#c"))]
    assert counts == [4]


def test_counting_that_fails_holds_nothing_up(town: World) -> None:
    for n in range(2):
        town.post_lead(f"v{n}", email=f"v{n}@posteo.de", phone="")
    refused = ClientError({"Error": {"Code": "InternalServerError"}}, "UpdateItem")
    with patch.object(GateRows, "count", side_effect=refused):
        assert town.stream(*town.rows())["batchItemFailures"] == []
    assert town.schedules()


def test_an_alarm_rings_while_there_is_a_flood_and_stops_after_it(
    town: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def gauge() -> float:
        capsys.readouterr()
        town.sweep()
        lines = [
            json.loads(line)
            for line in capsys.readouterr().out.splitlines()
            if "UnderPressure" in line
        ]
        return float(lines[-1]["UnderPressure"][0])

    assert gauge() == 0
    flood(town, 13)
    town.wiring.rules.look_again()
    assert gauge() == 1
    town.advance(minutes=16)
    assert gauge() == 0


# ── the proof of work ─────────────────────────────────────────────────────────────────────────────


def test_without_a_flood_no_form_carries_a_task(town: World) -> None:
    assert definition(town)["challenge"] is None


def test_in_a_flood_every_form_carries_a_task_until_a_quarter_of_an_hour_is_quiet(
    town: World,
) -> None:
    flood(town, 13)
    assert definition(town)["challenge"]
    assert 'name="altcha"' in step_two(town)
    town.advance(minutes=16)
    assert definition(town)["challenge"] is None
    assert 'name="altcha"' not in step_two(town)


def test_who_solves_the_task_is_routed_as_ever_from_the_flooded_address_too(town: World) -> None:
    flood(town, 13)
    answer = town.post_lead(**carried(town), email="neighbour@posteo.de", phone="")
    assert answer.json()["answer"] == "offered"


def test_a_used_proof_opens_no_second_door(town: World) -> None:
    flood(town, 13)
    proof = carried(town)
    first = town.post_lead(**proof, email="a@posteo.de", phone="")
    again = town.post_lead(**proof, email="a@posteo.de", phone="")
    second = town.post_lead(
        **carried(town) | {"altcha": proof["altcha"]}, email="b@posteo.de", phone=""
    )
    assert [answer.json()["answer"] for answer in (first, again, second)] == [
        "offered",
        "offered",
        "confirm",
    ]
    assert first.json()["lead"] == again.json()["lead"]


def test_a_proof_that_is_wrong_old_or_of_nobody_knows_what_opens_nothing(town: World) -> None:
    flood(town, 13)
    form = definition(town)
    good = solved(form["challenge"])
    told = json.loads(base64.b64decode(good))

    def of(**changes: Any) -> str:
        return base64.b64encode(json.dumps(told | changes).encode()).decode()

    forged = hashlib.sha256(b"salt?expires=9999999999&7").hexdigest()
    attempts = [
        "x",
        "",
        of(number=told["number"] + 1),
        of(number=10**300),
        of(number="7"),
        of(signature="0" * 64),
        of(signature="ä"),
        of(salt=told["salt"].replace("expires=1", "expires=9")),
        of(salt="salt?expires=9999999999&", number=7, challenge=forged),
        of(salt="salt?expires=9999999999&", number=7, challenge=forged, signature=None),
        base64.b64encode(b"[" * 1400).decode(),
        base64.b64encode(b"{}").decode(),
    ]
    for n, attempt in enumerate(attempts):
        answer = town.post_lead(f"try-{n}", altcha=attempt, email=f"t{n}@posteo.de", phone="")
        assert (answer.status, answer.json()["answer"]) == (201, "confirm"), attempt
    town.advance(hours=3)
    flood(town, 13, "more")
    late = town.post_lead("late", altcha=good, email="late@posteo.de", phone="")
    assert late.json()["answer"] == "confirm"


def test_a_solved_task_does_not_stand_in_for_what_a_form_of_ours_carries(town: World) -> None:
    """A task comes only together with a start: who has solved one and left the start out hides how
    fast it was. The proof answers for a ceiling and for nothing else; it is not used up, and a
    click in the mail releases the post.
    """
    flood(town, 13)
    form = carried(town)
    held = town.post_lead(**form | {"started": None}, email="a@posteo.de", phone="")
    assert (held.status, held.json()["answer"]) == (201, "confirm")
    assert town.lead(held.json()["lead"]).reason == "unproven"
    town.deliver()
    town.press(confirm_link(town, "a@posteo.de"), action="confirm")
    assert town.lead(held.json()["lead"]).status == LeadStatus.OFFERED
    again = carried(town) | {"altcha": form["altcha"]}
    assert town.post_lead(**again, email="b@posteo.de", phone="").json()["answer"] == "offered"


def test_a_normal_enquiry_writes_nothing_of_floods(town: World) -> None:
    genuine(town)
    town.deliver()
    town.stream(*town.rows())
    kinds = {item["pk"].partition("#")[0] for item in town.items()}
    assert kinds.isdisjoint({"PRESSURE", "PROOF", "COUNT"})


# ── what our forms carry ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "left_out",
    [
        pytest.param({"started": None}, id="nothing"),
        pytest.param({"started": ""}, id="empty"),
        pytest.param({"started": "k1.guessed"}, id="guessed"),
        pytest.param({"started": ["k1"]}, id="a list"),
    ],
)
def test_leaving_out_the_start_routes_nothing(town: World, left_out: dict[str, Any]) -> None:
    answer = town.post_lead(**left_out)
    lead = town.lead(answer.json()["lead"])
    assert (answer.status, answer.json()["answer"], lead.reason, lead.offers) == (
        201,
        "confirm",
        "unproven",
        (),
    )


def test_a_start_that_was_signed_for_another_post_routes_nothing(town: World) -> None:
    answer = town.post_lead("mine", started=town.signed_start("another"))
    assert town.lead(answer.json()["lead"]).reason == "unproven"


def test_a_form_may_be_open_for_a_day_and_not_longer(town: World) -> None:
    for hours, expected in ((23.9, "offered"), (24.1, "confirm")):
        key = f"open for {hours}"
        started = town.signed_start(key, timedelta(hours=hours))
        assert (
            town.post_lead(key, started=started, email=f"h{hours}@posteo.de", phone="").json()[
                "answer"
            ]
            == expected
        )


def test_a_form_opened_before_the_deploy_is_routed_for_a_day(town: World) -> None:
    def shown_before(hours: float) -> str:
        return LINKS.token(
            Token(
                Purpose.FORM,
                extra=json.dumps([(town.now - timedelta(hours=hours)).isoformat(), 1, {}]),
            )
        )

    fresh = town.post_lead("fresh", started=shown_before(1))
    stale = town.post_lead("stale", started=shown_before(25), email="stale@posteo.de", phone="")
    assert (fresh.json()["answer"], stale.json()["answer"]) == ("offered", "confirm")


def test_a_plain_form_of_somebodys_own_page_is_stored_and_its_sender_reads_the_truth(
    town: World,
) -> None:
    form = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()}
    sent = town.http("POST", LEADS, form=form, headers={"Accept": "text/html"})
    assert sent.status == 303
    thanks = town.http("GET", urlsplit(sent.headers["Location"]).path).body
    assert "please confirm your email address" in thanks
    assert "We are finding out which partner" not in thanks
    (lead_id,) = town.lead_ids()
    status = town.http("GET", urlsplit(town.wiring.links.status(lead_id)).path).body
    assert "confirm your email address" in status
    assert 'value="confirm"' not in status  # whoever posted has this page's address, and no mailbox
    town.deliver()
    page = confirm_link(town, "erika@posteo.de")
    for _ in range(3):
        assert 'value="confirm"' in town.http("GET", page).body
    assert town.lead(lead_id).status == LeadStatus.QUARANTINED  # looking changes nothing
    assert "Your address is confirmed" in town.press(page, action="confirm").body
    lead = town.lead(lead_id)
    assert lead.status == LeadStatus.OFFERED
    assert lead.promised_by
    assert lead.promised_by > town.now
    town.deliver()
    receipts = [m for m in town.mails("erika@posteo.de") if "We have received" in str(m["Subject"])]
    assert len(receipts) == 1
    body = receipts[0].get_body(("plain",))
    assert body
    assert "which partner can take your enquiry" in body.get_content()
    version = lead.version
    town.press(page, action="confirm")
    assert town.lead(lead_id).version == version


def test_the_page_that_the_sender_of_a_post_gets_confirms_nothing(town: World) -> None:
    told = town.post_lead(started=None).json()
    town.press(urlsplit(told["status_url"]).path, action="confirm")
    assert town.lead(told["lead"]).status == LeadStatus.QUARANTINED


def test_a_mail_to_an_address_that_anybody_may_have_typed_carries_no_words_of_a_stranger(
    town: World,
) -> None:
    words = "CLAIM 500 EUR"
    fields = {
        "name": words,
        "message": words,
        "town": words,
        "street": words,
        "company": words,
        "notes": words,
    }
    town.post_lead(started=None, **fields)
    town.deliver()
    (mail,) = town.mails("erika@posteo.de")
    shown = [
        str(mail["Subject"]),
        *(part.get_content() for part in mail.walk() if not part.is_multipart()),
    ]
    assert len(shown) > 2, "plain and HTML"
    assert not [each for each in shown if words in each]


def test_a_held_enquiry_gets_one_mail_however_often_it_is_posted_or_told(town: World) -> None:
    for _ in range(3):
        town.post_lead(started=None)
    town.deliver()
    town.stream(*town.rows())
    town._told = 0
    town.notify()
    assert len(town.mails("erika@posteo.de")) == 1


# ── API keys ──────────────────────────────────────────────────────────────────────────────────────


def test_a_key_that_is_unknown_or_may_not_write_leads_lets_nothing_in(town: World) -> None:
    for key, status in (("pr_guessed", 401), (town.api_key("leads:read"), 403)):
        assert (
            town.http("POST", LEADS, json_body=ENQUIRY, headers={"X-Api-Key": key}).status == status
        )
    assert town.lead_ids() == []


def test_a_server_that_posts_for_its_visitors_fills_no_ceiling(town: World) -> None:
    """Neither its own address's nor its visitors' postcode's."""
    key = {"X-Api-Key": town.api_key("leads:write")}
    for n in range(town.wiring.services.programme.ceilings.postcode + 1):
        fields = ENQUIRY | {"email": f"v{n}@posteo.de", "phone": "", "submission_id": f"v{n}"}
        assert town.http("POST", LEADS, json_body=fields, headers=key).json()["answer"] in (
            "offered",
            "waiting",
        )
    assert genuine(town).json()["answer"] != "confirm"


# ── double opt-in ─────────────────────────────────────────────────────────────────────────────────


def test_a_form_that_confirms_addresses_asks_no_partner_before(world: World) -> None:
    (form,) = programme_document()["forms"]
    world.use(a_programme(forms=[form | {"confirm_address": True}]), munich(1))
    key = {"X-Api-Key": world.api_key("leads:write")}
    answers = [
        world.post_lead(),
        world.http("POST", LEADS, json_body=ENQUIRY | {"email": "x@posteo.de"}, headers=key),
    ]
    assert [(answer.json()["answer"], answer.json()["hear_by"]) for answer in answers] == [
        ("confirm", None)
    ] * 2
    world.deliver()
    assert world.load("munich-1").open_count == 0
    world.advance(hours=2)
    world.press(confirm_link(world, "erika@posteo.de"), action="confirm")
    lead = world.lead(answers[0].json()["lead"])
    assert lead.status == LeadStatus.OFFERED
    assert lead.promised_by
    assert lead.promised_by - world.now >= timedelta(hours=4)  # counted from the confirmation
    world.advance(hours=2)
    world.sweep()
    assert world.mails("hq@example.com") == []  # nothing out of the ordinary


def alike_on(page: str) -> dict[str, str]:
    """What the buttons for those alike post, as they stand on HQ's page."""
    return {
        name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("alike", "shown")
    }


# ── HQ ────────────────────────────────────────────────────────────────────────────────────────────


def test_hq_is_told_of_a_flood_in_one_mail_an_hour(town: World) -> None:
    flood(town, 60)
    town.deliver()
    town.advance(hours=1)
    town.sweep()
    (mail,) = [m for m in town.mails("hq@example.com") if "unconfirmed" in str(m["Subject"])]
    assert str(mail["Subject"]) == "48 unconfirmed enquiries"
    assert "48 similar, from one internet connection" in str(mail.get_body(("plain",)))


@pytest.mark.parametrize(
    ("action", "status"),
    [("release_alike", LeadStatus.OFFERED), ("reject_alike", LeadStatus.REJECTED)],
)
def test_hq_releases_or_rejects_a_whole_flood_at_once(
    world: World, action: str, status: LeadStatus
) -> None:
    world.use(a_programme(ceilings={"client": 1}), munich(1))
    held = flood(world, 4)[1:]
    (other,) = [world.post_lead("other", client="198.51.100.9", started=None).json()["lead"]]
    queue = urlsplit(world.wiring.services.queue_link()).path
    page = world.http("GET", queue).body
    assert "3 similar, from one internet connection" in page
    assert "192.0.2.1" not in page
    answer = world.press(queue, action=action, **alike_on(page))
    assert {world.lead(each).status for each in held} == {status}
    assert world.lead(other).status == LeadStatus.QUARANTINED
    assert "left alone" not in answer.body


@pytest.mark.parametrize("action", ["release_alike", "reject_alike"])
def test_a_flood_too_long_for_one_request_is_not_answered_with_a_failure(
    world: World, action: str
) -> None:
    world.use(a_programme(ceilings={"client": 1}), munich(1))
    held = flood(world, 6)[1:]
    queue = world.hq_link()
    page = world.http("GET", queue).body
    with patch.object(
        Context, "get_remaining_time_in_millis", side_effect=[25_000, 14_000, 11_000]
    ):
        answer = world.press(queue, action=action, **alike_on(page))
    assert "press the button again for them" in answer.body
    assert [world.lead(each).status for each in held].count(LeadStatus.QUARANTINED) == 2
    world.press(queue, action=action, **alike_on(answer.body))
    assert LeadStatus.QUARANTINED not in {world.lead(each).status for each in held}


@pytest.mark.parametrize("action", ["release_alike", "reject_alike"])
def test_hq_decides_in_bulk_on_nothing_that_came_after_the_page_was_opened(
    world: World, action: str
) -> None:
    world.use(a_programme(ceilings={"client": 1}), munich(1))
    held = flood(world, 4)[1:]
    queue = urlsplit(world.wiring.services.queue_link()).path
    page = world.http("GET", queue).body
    (late,) = flood(world, 1, "late")
    assert world.lead(late).from_client == world.lead(held[0]).from_client
    answer = world.press(queue, action=action, **alike_on(page))
    assert world.lead(late).status == LeadStatus.QUARANTINED
    assert LeadStatus.QUARANTINED not in {world.lead(each).status for each in held}
    assert "arrived or changed after you opened it were left alone" in answer.body


def test_hq_rejects_nothing_in_bulk_whose_sender_corrected_it_meanwhile(world: World) -> None:
    world.use(a_programme(ceilings={"client": 1}), munich(1))
    held = flood(world, 4)[1:]
    queue = urlsplit(world.wiring.services.queue_link()).path
    page = world.http("GET", queue).body
    status = urlsplit(world.wiring.links.status(held[0])).path
    world.press(status, action="phone", phone="089 99998 101")
    answer = world.press(queue, action="reject_alike", **alike_on(page))
    statuses = [world.lead(each).status for each in held]
    assert statuses == [LeadStatus.QUARANTINED, LeadStatus.REJECTED, LeadStatus.REJECTED]
    assert "left alone" in answer.body


def test_a_bulk_button_says_how_many_it_takes(world: World) -> None:
    world.use(a_programme(ceilings={"client": 1}), munich(1))
    held = flood(world, 4)[1:]
    queue = urlsplit(world.wiring.services.queue_link()).path
    with patch.object(hq_queue, "MOST_ALIKE", 2):
        page = world.http("GET", queue).body
        assert "Reject the latest 2" in page
        answer = world.press(queue, action="reject_alike", **alike_on(page))
    statuses = [world.lead(each).status for each in held]
    assert statuses == [
        LeadStatus.QUARANTINED,
        LeadStatus.REJECTED,
        LeadStatus.REJECTED,
    ]  # the newest are listed
    assert "left alone" in answer.body


def test_hq_does_not_reject_with_a_flood_whoever_confirms_meanwhile(world: World) -> None:
    world.use(a_programme(ceilings={"client": 1}), munich(1))
    held = flood(world, 4)[1:]
    world.deliver()
    queue = urlsplit(world.wiring.services.queue_link()).path
    shown = alike_on(world.http("GET", queue).body)
    genuine_one = held[0]  # the newest is looked at first
    reject = hq_queue.reject_lead

    def while_somebody_confirms(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
        if world.lead(genuine_one).status == LeadStatus.QUARANTINED:
            release_lead(services, genuine_one, None, now)
        return reject(services, lead_id, by, now)

    pressed = hq_queue.BulkAction(while_somebody_confirms, "rejected_alike")
    with patch.dict(hq_queue.BULK_ACTIONS, {"reject_alike": pressed}):
        world.press(queue, action="reject_alike", **shown)
    assert world.lead(genuine_one).status == LeadStatus.OFFERED
    assert {world.lead(each).status for each in held[1:]} == {LeadStatus.REJECTED}


def test_nothing_stored_names_the_network_address_of_who_posted(town: World) -> None:
    flood(town, 13, client="198.51.100.77")
    stored = repr([town.items(), town.items("partners")])
    assert "198.51.100.77" not in stored
    events = repr(town.items(only=lambda pk, sk: sk.startswith("EVENT#")))
    marks = {
        mark for lead_id in town.lead_ids() for mark in town.wiring.leads.context(lead_id).marks
    }
    assert marks
    assert not any(mark in events for mark in marks)
