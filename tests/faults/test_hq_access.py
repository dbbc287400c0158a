"""HQ's links name their reader: what each may see and do is what the rules in force say, and every
link ends.
"""

import re
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.events import LeadReceived, OfferWithdrawn, from_data
from routing_core.domain.partner import Person
from routing_core.domain.people import person_id
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.timeline import BY_HQ, sentence
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq.save_programme import save_programme
from routing_core.service.notifications.hq_access import open_hq
from tests.support.builders import programme_document, working_in
from tests.support.hooks import writes_counted
from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich

HQ, SOUTH, NORTH, EVERYWHERE = (
    "hq@example.com",
    "south@example.com",
    "north@example.com",
    "all@example.com",
)
CLAIM = [{"id": "customer", "label": {"en": "Already our customer"}, "then": "claim"}]
REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*"]},
    "hamburg": {"country": "DE", "postcodes": ["20*"]},
}


def rules(decline_reasons: Any = None, **hq: Any) -> dict[str, Any]:
    managers = [
        {"email": SOUTH, "regions": ["munich"]},
        {"email": NORTH, "regions": ["hamburg"], "may": ["assign", "erase"]},
        {"email": EVERYWHERE, "may": []},
    ]
    people = {"emails": [HQ], "digests": [], "managers": managers}
    own = {"decline_reasons": decline_reasons} if decline_reasons else {}
    return programme_document(regions=REGIONS, hq=people | hq, **own)


@pytest.fixture
def queued(world: World) -> dict[str, str]:
    """A lead in each region that nobody takes, and both have been told of."""
    world.use(a_programme())
    save_programme(world.wiring.services, rules(), world.now)
    world.add(munich(1, paused=True))
    world.deliver()
    leads = asked_in_both_regions(world)
    world.deliver()
    return leads


def asked_in_both_regions(world: World, turn: str = "") -> dict[str, str]:
    leads = {}
    for region, postcode in {"munich": "80331", "hamburg": "20095"}.items():
        email = f"{region}{turn}@posteo.de"
        answer = world.post_lead(f"{region}{turn}", email=email, phone="", postcode=postcode)
        leads[region] = str(answer.json()["lead"])
    return leads


def status(world: World, path: str) -> int:
    return world.http("GET", path).status


def acts(world: World, email: str, lead: str, action: str, **form: str) -> int:
    return world.http("POST", world.hq_link(lead, email), form={"action": action, **form}).status


def done_by(world: World, lead: str, since: int) -> set[str]:
    """Whom the facts of HQ's actions after that version name."""
    facts = [fact for row in world.events(lead) if row.version > since for fact in row.events]
    # What its sender sent is let in by whoever releases it, and says so beside that.
    facts = [fact for fact in facts if not isinstance(fact, LeadReceived)]
    # An offer ends for many reasons: it names somebody only where it was taken away by hand.
    facts = [fact for fact in facts if not isinstance(fact, OfferWithdrawn) or fact.by]
    return {str(fact.to_data().get("by", "nobody")) for fact in facts if isinstance(fact, BY_HQ)}


def version_shown(world: World, page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', world.http("GET", page).body)[0]


def rules_of(world: World) -> Programme:
    return world.wiring.services.programme


# ── regions ───────────────────────────────────────────────────────────────────────────────────────


def test_a_regional_manager_does_not_act_elsewhere(world: World, queued: dict[str, str]) -> None:
    before = world.items()
    with writes_counted(world) as writes:
        for action in ("assign", "reject", "release", "grant", "move", "note", "erase"):
            form = {"partner": "munich-1", "postcode": "80331", "text": "x"}
            assert acts(world, SOUTH, queued["hamburg"], action, **form) == 404, action
    assert not writes
    assert world.items() == before
    assert acts(world, SOUTH, queued["munich"], "note", text="mine") == 303


def test_a_regional_manager_sees_nothing_of_elsewhere(world: World, queued: dict[str, str]) -> None:
    queue = world.http("GET", world.hq_link(email=SOUTH)).body
    assert queued["munich"] in queue
    assert queued["hamburg"] not in queue
    assert "20095" not in queue
    assert status(world, world.hq_link(queued["hamburg"], SOUTH)) == 404
    for email in (HQ, EVERYWHERE):
        whole = world.http("GET", world.hq_link(email=email)).body
        assert queued["munich"] in whole
        assert queued["hamburg"] in whole


OWN_AND_OTHER = ((SOUTH, "munich", "hamburg"), (NORTH, "hamburg", "munich"))


def texts(world: World, email: str) -> list[str]:
    return [str(mail.get_body(("plain",)).get_content()) for mail in world.mails(email)]  # type: ignore[union-attr]


def naming(bodies: list[str], leads: list[str]) -> list[int]:
    """How many of the leads each mail names."""
    return [sum(lead in body for lead in leads) for body in bodies]


def test_a_managers_mail_tells_of_no_lead_elsewhere(world: World, queued: dict[str, str]) -> None:
    for email, own, other in OWN_AND_OTHER:
        told = texts(world, email)
        assert any(naming(told, [queued[own]]))
        assert not any(naming(told, [queued[other]]))


def test_one_alert_for_several_leads_tells_a_manager_of_no_lead_elsewhere(world: World) -> None:
    world.use(a_programme())
    save_programme(world.wiring.services, rules(digests=["16:00"]), world.now)
    world.add(munich(1, paused=True))
    world.deliver()
    every = []
    for turn in ("first", "second", "third"):
        every.append(asked_in_both_regions(world, turn))
        world.deliver()
    world.run_for(hours=2)
    world.sweep()
    world.deliver()
    for email, own, other in OWN_AND_OTHER:
        told = texts(world, email)
        assert max(naming(told, [leads[own] for leads in every])) > 1, "one mail for several"
        assert not any(naming(told, [leads[other] for leads in every]))


def test_a_digest_tells_a_manager_of_nothing_that_was_accepted_elsewhere(world: World) -> None:
    """Alerts are gathered by region, what was accepted is not: here only the reader's own regions
    part them.
    """
    world.use(a_programme())
    save_programme(world.wiring.services, rules(digests=["16:00"]), world.now)
    world.add(munich(1), working_in("hamburg", "DE 20*"))
    world.deliver()
    leads = asked_in_both_regions(world)
    world.deliver()
    for lead in leads.values():
        world.press(world.offer_link(lead), action="accept")
    world.deliver()
    world.run_for(hours=6)
    world.sweep()
    world.deliver()
    for email, own, other in OWN_AND_OTHER:
        told = texts(world, email)
        assert any(naming(told, [leads[own]]))
        assert not any(naming(told, [leads[other]]))


def test_routing_all_again_tries_only_the_managers_own(
    world: World, queued: dict[str, str]
) -> None:
    world.wiring.partners.set_paused("munich-1", False, world.now)
    world.add(munich(2, territories=munich(2).territories))
    world.http("POST", world.hq_link(email=NORTH), form={"action": "retry"})
    assert world.lead(queued["munich"]).status != "offered"
    world.http("POST", world.hq_link(email=SOUTH), form={"action": "retry"})
    assert world.lead(queued["munich"]).status == "offered"


def test_a_region_taken_from_a_manager_is_gone_at_once(
    world: World, queued: dict[str, str]
) -> None:
    link = world.hq_link(queued["munich"], SOUTH)
    assert status(world, link) == 200
    managers = [{"email": SOUTH, "regions": ["hamburg"]}]
    save_programme(
        world.wiring.services,
        rules(managers=[*managers, *rules()["hq"]["managers"][1:]]),
        world.now,
    )
    assert status(world, link) == 404


# ── rights ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("email", "region", "action", "answer"),
    [
        (HQ, "munich", "erase", 303),
        (SOUTH, "munich", "erase", 403),
        (NORTH, "hamburg", "erase", 303),
        (EVERYWHERE, "munich", "assign", 403),
        (EVERYWHERE, "munich", "note", 303),
    ],
)
def test_erasing_and_assigning_need_the_right_to(
    world: World, queued: dict[str, str], email: str, region: str, action: str, answer: int
) -> None:
    assert acts(world, email, queued[region], action, partner="munich-1", text="x") == answer
    assert (world.lead(queued[region]).status == "erased") == ((action, answer) == ("erase", 303))


def test_what_was_decided_on_a_page_says_who_did_and_names_no_address(
    world: World, queued: dict[str, str]
) -> None:
    lead = queued["hamburg"]
    assert acts(world, NORTH, lead, "assign", partner="munich-1") == 303
    assert acts(world, HQ, lead, "move", postcode="20097") == 303
    assert acts(world, NORTH, lead, "erase") == 303
    by = {
        f.kind: f.to_data()["by"]
        for row in world.events(lead)
        for f in row.events
        if "by" in f.to_data()
    }
    assert by["lead.assigned"] == by["lead.erased"] == f"link:{person_id(NORTH)}"
    assert by["lead.moved"] == f"link:{person_id(HQ)}"


@pytest.mark.parametrize("action", ["note", "move", "reject", "erase", "assign"])
def test_nothing_is_done_on_a_leads_page_that_names_nobody(
    world: World, queued: dict[str, str], action: str
) -> None:
    lead = queued["hamburg"]
    known = world.lead(lead).version
    form = {"text": "x", "postcode": "20097", "partner": "munich-1"}
    assert acts(world, NORTH, lead, action, **form) == 303
    assert done_by(world, lead, known) == {f"link:{person_id(NORTH)}"}
    assert f"({NORTH})" in world.http("GET", world.hq_link(lead)).body.partition('id="timeline"')[2]


def test_what_is_let_through_tried_again_or_granted_names_who_did_it(world: World) -> None:
    world.use(a_programme(decline_reasons=CLAIM), munich(1))
    save_programme(world.wiring.services, rules(decline_reasons=CLAIM), world.now)
    held = str(world.post_lead("held", website_url="x").json()["lead"])
    claimed = str(world.post_lead("claimed", email="max@posteo.de", phone="").json()["lead"])
    world.press(world.offer_link(claimed), action="decline", reason="customer")
    for lead, action in ((held, "release"), (claimed, "grant")):
        known = world.lead(lead).version
        assert acts(world, HQ, lead, action) == 303
        assert done_by(world, lead, known) == {f"link:{person_id(HQ)}"}
    world.wiring.partners.set_paused("munich-1", True, world.now)
    world.deliver()
    waits = str(world.post_lead("waits", email="eva@posteo.de", phone="").json()["lead"])
    world.wiring.partners.set_paused("munich-1", False, world.now)
    world.compile()
    known = world.lead(waits).version
    world.press(world.hq_link(), action="retry")
    assert world.lead(waits).status == "offered"
    assert done_by(world, waits, known) == {f"link:{person_id(HQ)}"}
    alike = ""
    for name in ("ida", "tom"):
        alike = str(
            world.post_lead(name, website_url="x", email=f"{name}@posteo.de", phone="").json()[
                "lead"
            ]
        )
    known = world.lead(alike).version
    shown = re.findall(r'name="shown" value="([^"]*)"', world.http("GET", world.hq_link()).body)[0]
    world.press(
        world.hq_link(), action="reject_alike", alike=world.lead(alike).from_client, shown=shown
    )
    assert done_by(world, alike, known) == {f"link:{person_id(HQ)}"}


def test_nothing_is_done_by_a_program_that_does_not_name_its_key(
    world: World, queued: dict[str, str]
) -> None:
    key = {"X-Api-Key": world.api_key("leads:read", "leads:write")}
    held = str(
        world.post_lead("held", website_url="x", email="max@posteo.de", phone="").json()["lead"]
    )
    known = world.lead(held).version
    assert world.http("POST", f"/v1/leads/{held}/release", headers=key).status == 200
    name = done_by(world, held, known)
    told = world.http("GET", f"/v1/leads/{held}", headers=key).json()["timeline"]
    assert [each["sentence"] for each in told if each["kind"] == "lead.released"] == [
        f"Released by HQ (API key {name.pop()})"
    ]


def test_what_was_done_before_people_were_named_is_still_told(
    world: World, queued: dict[str, str]
) -> None:
    reader, programme = (
        LocaleContext.for_programme(rules_of(world), "en", world.now),
        rules_of(world),
    )

    def told(kind: str, **data: str) -> str:
        return sentence(from_data(kind, data), reader, programme, {})

    assert told("lead.noted", by="hq") == "Note added by HQ"
    assert told("lead.noted", by="partner") == "Note added by the partner"
    assert told("lead.released") == "Released by HQ"
    assert told("lead.moved", by="link") == "Place corrected by HQ (by a shared link)"
    assert told("lead.moved", by="crm") == "Place corrected by HQ (API key crm)"
    assert (
        told("lead.assigned", partner="x", by="link:gone") == "HQ chose x (someone who has left HQ)"
    )


def test_who_moves_a_lead_out_of_their_region_reads_what_they_did_and_then_nothing(
    world: World, queued: dict[str, str]
) -> None:
    lead = queued["munich"]
    page = world.hq_link(lead, SOUTH)
    answer = world.http(
        "POST",
        page,
        form={"action": "move", "postcode": "20095", "version": version_shown(world, page)},
    )
    assert answer.status == 303
    after = world.http("GET", answer.headers["Location"].removeprefix(BASE_URL))
    assert after.status == 200
    assert "outside your regions" in after.body
    assert lead not in after.body
    assert world.lead(lead).region == "hamburg"
    assert status(world, page) == 404
    assert acts(world, SOUTH, lead, "note", text="x") == 404
    assert status(world, world.hq_link(lead, NORTH)) == 200


def test_exporting_needs_the_right_to(world: World, queued: dict[str, str]) -> None:
    assert world.http("POST", f"{world.hq_link(email=HQ)}/coverage").status == 200
    assert world.http("POST", f"{world.hq_link(email=SOUTH)}/coverage").status == 403
    shown = world.http("GET", f"{world.hq_link(email=SOUTH)}/coverage")
    assert shown.status == 200
    assert "Download as CSV" not in shown.body
    assert "Download as CSV" in world.http("GET", f"{world.hq_link(email=HQ)}/coverage").body


def test_a_page_shows_no_button_its_reader_has_no_right_to(
    world: World, queued: dict[str, str]
) -> None:
    page = world.http("GET", world.hq_link(queued["munich"], EVERYWHERE)).body
    assert 'value="assign"' not in page
    assert 'value="erase"' not in page
    assert 'value="note"' in page


# ── the end of a link ─────────────────────────────────────────────────────────────────────────────


def test_a_link_of_thirty_days_ago_opens_nothing_and_its_reader_gets_a_fresh_one_by_mail(
    world: World, queued: dict[str, str]
) -> None:
    link = world.mailed_link(SOUTH, "q")
    assert status(world, link) == 200
    world.advance(days=31)
    before = len(world.mails())
    ended = world.http("GET", link)
    assert ended.status == 403
    assert ended.body.count("<button") == 1
    assert "80331" not in ended.body
    for action in ("retry", "assign", "erase"):
        assert (
            world.http("POST", link, form={"action": action, "partner": "munich-1"}).status == 403
        )
    for _ in range(3):
        sent = world.http("POST", link.partition("/leads/")[0], form={"action": "renew"})
        assert sent.status == 200
        assert "/q/" not in sent.body, "it is mailed, never shown"
    world.deliver()
    new = world.mails()[before:]
    assert [str(mail["To"]) for mail in new] == [SOUTH], "once an hour, to the same person"
    assert status(world, world.mailed_link(SOUTH, "q")) == 200
    assert status(world, link) == 403


def test_who_was_taken_out_of_the_rules_opens_nothing_and_gets_no_link(
    world: World, queued: dict[str, str]
) -> None:
    link = world.hq_link(email=SOUTH)
    document = rules()
    document["hq"]["managers"] = document["hq"]["managers"][1:]
    save_programme(world.wiring.services, document, world.now)
    before = len(world.mails())
    with writes_counted(world) as writes:
        assert status(world, link) == 403
        assert "<button" not in world.http("GET", link).body
        assert world.http("POST", link, form={"action": "renew"}).status == 403
    world.deliver()
    assert not writes
    assert not [mail for mail in world.mails()[before:] if SOUTH in str(mail["To"])]
    save_programme(world.wiring.services, rules(), world.now)
    assert status(world, link) == 403, "who comes back needs a new link"
    assert status(world, world.hq_link(email=SOUTH)) == 200


def test_old_rules_saved_again_bring_no_ended_link_back_to_life(
    world: World, queued: dict[str, str]
) -> None:
    link = world.hq_link()
    save_programme(world.wiring.services, rules(links=2), world.now)
    assert status(world, link) == 403
    save_programme(world.wiring.services, rules(links=1), world.now)
    assert status(world, link) == 403
    assert world.wiring.services.programme.hq.links == 2


def test_an_instance_that_has_not_heard_of_a_removal_brings_no_ended_link_back_to_life(
    world: World, queued: dict[str, str]
) -> None:
    link, services = world.hq_link(email=SOUTH), world.wiring.services
    warm = copy(services.rules)
    warm.programme()
    without = rules()
    without["hq"]["managers"] = without["hq"]["managers"][1:]
    save_programme(services, without, world.now)
    save_programme(replace(services, rules=warm), rules(), world.now)
    services.rules.look_again()
    assert status(world, link) == 403
    assert status(world, world.hq_link(email=SOUTH)) == 200, "a new one opens"


# ── links from before they named anybody ──────────────────────────────────────────────────────────


def test_with_a_link_that_everybody_has_nobody_erases_or_exports(
    world: World, queued: dict[str, str]
) -> None:
    shared = world.wiring.services.queue_link().removeprefix(BASE_URL)
    lead = f"{shared}/leads/{queued['munich']}"
    assert status(world, lead) == 200
    assert world.http("POST", lead, form={"action": "erase"}).status == 403
    assert world.http("POST", f"{shared}/coverage").status == 403
    assert world.http("POST", lead, form={"action": "note", "text": "x"}).status == 303
    world.http("POST", shared, form={"action": "renew"})
    before = len(world.mails())
    world.deliver()
    assert {str(mail["To"]) for mail in world.mails()[before:]} == {HQ, SOUTH, NORTH, EVERYWHERE}
    save_programme(world.wiring.services, rules(links=2), world.now)
    assert status(world, lead) == 403
    assert world.http("POST", shared, form={"action": "renew"}).status == 403


# ── no token serves another purpose or person ─────────────────────────────────────────────────────


def test_no_link_of_a_partner_or_prospect_opens_hqs_pages_and_the_other_way_round(
    world: World,
) -> None:
    people = {"contact": Person("a@isar.example"), "confirmed_email": "a@isar.example"}
    world.use(a_programme(), munich(1, **people))
    told = world.post_lead().json()
    world.deliver()
    links = {
        "o": world.mailed_link("a@", "o"),
        "d": world.mailed_link("a@", "d"),
        "s": told["status_url"].removeprefix(BASE_URL),
        "q": world.hq_link(),
    }
    for kind, path in links.items():
        assert status(world, path) == 200
        for other in links.keys() - {kind}:
            crossed = f"/{other}/{path.rsplit('/', 1)[1]}"
            assert status(world, crossed) == 403, f"{kind} as {other}"
            assert world.http("POST", crossed, form={"action": "accept"}).status == 403, (
                f"{kind} as {other}"
            )


def test_a_link_is_the_same_all_day_so_that_a_mail_sent_again_is_the_same(world: World) -> None:
    world.use(a_programme())
    first = world.hq_link()
    world.now += timedelta(hours=5)
    assert world.hq_link() == first
    assert open_hq(world.wiring.services, first.rpartition("/")[2], world.now).person.email == HQ
