"""Who asked is erased in time or on request; what can be counted stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from infra.tools.hq_key import create_key
from routing_core.domain.lead import LeadStatus
from routing_core.service.upkeep.sweep import sweep
from tests.support.builders import programme_document
from tests.support.hooks import meanwhile, refused
from tests.support.invariants import NOTHING, check, look
from tests.support.merged import merged
from tests.support.stack import TABLES
from tests.support.world import World, a_programme, munich

TYPED = {
    "name": "Wilhelmine Zwickelhuber",
    "email": "w.zwickelhuber@posteo.de",
    "phone": "+4989999981244",
    "company": "Zwickelwerke OHG",
    "street": "Kirschgartenweg 17",
    "town": "Oberzwickel",
    "message": "The dachshund bites.",
    "notes": "Ring at the back door",
}
CONTEXT = {"referrer": "https://search.example/?q=zwickel", "utm_source": "letterbox-zwickel"}
SAID = (
    *("Wilhelmine", "zwickel", "99998124", "Kirschgarten", "dachshund", "back door", "letterbox"),
    *(
        "bring a ladder",
        "no answer at all",
        "an old friend of ours",
        "posteo",
        "Sam Himmelreich",
        "himmelreich@",
    ),
)
"""What people typed, here and in notes."""
BROWSER = {"accept": "text/html", "accept-language": "en"}
RETENTION = {"spam": 1, "unplaced": 6, "lost": 12, "won": 24}


@pytest.fixture
def world(world: World) -> Iterator[World]:
    world.use(a_programme(retention=RETENTION), munich(1), munich(2))
    yield world
    check(NOTHING, look(world))


def asked(world: World, key: str = "one", **fields: Any) -> str:
    answer = world.post_lead(key, **TYPED | CONTEXT | fields)
    assert answer.status == 201, answer.body
    lead_id: str = answer.json()["lead"]
    return lead_id


def accepted(world: World, key: str = "one", **fields: Any) -> str:
    lead_id = asked(world, key, **fields)
    world.press(world.offer_link(lead_id, 1), action="accept")
    return lead_id


def status_page(world: World, lead_id: str) -> str:
    return urlsplit(world.wiring.links.status(lead_id)).path


def queue_page(world: World, lead_id: str) -> str:
    return world.hq_link(lead_id)


def noted_by_all(world: World, lead_id: str) -> None:
    world.press(status_page(world, lead_id), action="note", text="Please bring a ladder.")
    world.press(world.offer_link(lead_id, 1), action="attempt", text="no answer at all")
    colleague = {
        "name": "Sam Himmelreich",
        "email": f"himmelreich@{munich(1).contact.email.partition('@')[2]}",
    }
    assert world.press(world.offer_link(lead_id, 1), action="colleague", **colleague).status == 200
    world.press(queue_page(world, lead_id), action="note", text="an old friend of ours")


def won(world: World, lead_id: str) -> None:
    world.press(world.offer_link(lead_id, 1), action="won", value="12500")


def stored(world: World) -> str:
    world.feed()
    return "\n".join(
        repr(item) for table in TABLES.values() for item in world.items(table)
    ).casefold()


def still_said(world: World) -> list[str]:
    everything = stored(world)
    return [words for words in SAID if words.casefold() in everything]


def sweep_at(world: World, at: datetime) -> Any:
    world.now = at
    return sweep(world.wiring.services, world.wiring.postponed, at)


# ── when ──────────────────────────────────────────────────────────────────────────────────────────


def lost(world: World, lead_id: str) -> None:
    world.press(world.offer_link(lead_id, 1), action="lost", reason="price")


def withdrawn(world: World, lead_id: str) -> None:
    world.press(status_page(world, lead_id), action="withdraw")


ENDS = [
    (won, LeadStatus.WON, datetime(2028, 11, 25, 11, tzinfo=UTC)),
    (lost, LeadStatus.LOST, datetime(2027, 11, 25, 11, tzinfo=UTC)),
    (withdrawn, LeadStatus.WITHDRAWN, datetime(2027, 5, 25, 11, tzinfo=UTC)),
]


@pytest.mark.parametrize(("end", "status", "at"), ENDS)
@pytest.mark.slow
def test_an_ended_enquiry_keeps_who_asked_for_the_months_of_its_end(
    world: World, end: Any, status: LeadStatus, at: datetime
) -> None:
    lead_id = accepted(world)
    end(world, lead_id)
    assert world.lead(lead_id).erase_at == at
    assert sweep_at(world, at - timedelta(milliseconds=1)).erased == ()
    assert world.lead(lead_id).contact
    assert sweep_at(world, at).erased == (lead_id,)
    lead = world.lead(lead_id)
    assert (lead.status, lead.ended, lead.contact) == ("erased", status, None)


@pytest.mark.slow
def test_what_nobody_took_is_kept_like_what_was_withdrawn(world: World) -> None:
    lead_id = asked(world, postcode="25980")
    world.run_for(days=30)
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason) == ("lost", "unplaced")
    assert lead.finished_at
    assert lead.erase_at == lead.finished_at.replace(year=2027, month=6)


def test_spam_nobody_acted_on_is_erased_after_its_months_and_still_counts_as_spam(
    world: World,
) -> None:
    lead_id = asked(world, website_url="https://spam.example")
    assert sweep_at(world, datetime(2026, 12, 25, 11, tzinfo=UTC)).erased == (lead_id,)
    assert world.lead(lead_id).ended is LeadStatus.QUARANTINED
    assert still_said(world) == []


def test_rejected_spam_counts_from_its_rejection(world: World) -> None:
    lead_id = asked(world, website_url="https://spam.example")
    world.advance(days=10)
    world.press(queue_page(world, lead_id), action="reject")
    assert world.lead(lead_id).erase_at == datetime(2027, 1, 5, 11, tzinfo=UTC)
    assert world.lead(lead_id).reason == "honeypot"  # what it was taken for


def test_what_is_released_from_quarantine_is_kept(world: World) -> None:
    lead_id = asked(world, website_url="https://spam.example")
    world.press(queue_page(world, lead_id), action="release")
    assert world.lead(lead_id).status == "offered"
    assert world.lead(lead_id).erase_at is None


def test_undo_keeps_who_asked(world: World) -> None:
    lead_id = accepted(world)
    won(world, lead_id)
    world.press(world.offer_link(lead_id, 1), action="undo")
    assert world.lead(lead_id).erase_at is None
    assert world.lead(lead_id).status == "accepted"


@pytest.mark.slow
def test_an_attached_enquiry_is_erased_once_it_was_settled_and_its_time_has_come(
    world: World,
) -> None:
    first = accepted(world)
    stub = asked(world, "two", message="When do you come?")
    world.deliver()
    assert (world.lead(stub).status, world.lead(stub).erase_at) == ("joined", None)
    also = {f"also-{world.lead(stub).reference.lower()}": "yes"}
    world.press(world.offer_link(first, 1), action="won", value="9000", **also)
    assert sweep_at(world, datetime(2027, 5, 25, 11, tzinfo=UTC)).erased == (stub,)
    assert world.lead(stub).ended is LeadStatus.ATTACHED


def test_what_was_once_copied_into_another_enquiry_is_erased_there_too_when_its_time_has_come(
    world: World,
) -> None:
    first = accepted(world, name="Anna Anders", email="anna@example.net")
    stub = merged(world, first, "two", **TYPED | {"message": "A second wish."})
    context = world.wiring.leads.context(first)
    assert context
    assert len(context.notes) == 1
    sweep_at(world, world.lead(stub).erase_at)
    context = world.wiring.leads.context(first)
    assert context
    assert context.notes == ()


def test_no_timer_waits_for_years_and_the_sweeper_counts_no_rescue(world: World) -> None:
    lead_id = accepted(world)
    world.deliver()
    won(world, lead_id)
    before = set(world.schedules())
    world.deliver()
    assert set(world.schedules()) == before
    swept = sweep_at(world, datetime(2028, 11, 25, 12, tzinfo=UTC))
    assert (swept.rescued, swept.erased, swept.failed) == ((), (lead_id,), ())
    assert sweep_at(world, world.now + timedelta(minutes=5)).erased == ()


def test_one_that_cannot_be_erased_does_not_keep_the_others(world: World) -> None:
    ids = [asked(world, key, website_url="x", email=f"{key}@posteo.de") for key in ("one", "two")]
    with refused(world, "AccessDeniedException"):
        first = sweep_at(world, datetime(2026, 12, 26, tzinfo=UTC))
    assert len(first.failed) == len(first.erased) == 1
    assert sorted((*first.erased, *sweep_at(world, world.now).erased)) == sorted(ids)


# ── what goes and what stays ──────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_nothing_that_anybody_typed_is_left_in_either_table(world: World) -> None:
    lead_id = accepted(world)
    noted_by_all(world, lead_id)
    world.deliver()
    asked(world, "two", message="The dachshund again.")
    world.deliver()
    also = {f"also-{world.lead(each).reference.lower()}": "yes" for each in world.lead_ids()}
    world.press(world.offer_link(lead_id, 1), action="won", value="9000", **also)
    world.deliver()
    assert still_said(world) == list(SAID)
    sweep_at(world, datetime(2028, 12, 1, tzinfo=UTC))
    world.deliver()
    assert still_said(world) == []


def test_what_can_be_counted_stays(world: World) -> None:
    lead_id = accepted(world)
    world.press(world.offer_link(lead_id, 1), action="quoted", value="13000")
    won(world, lead_id)
    before = world.lead(lead_id)
    sweep_at(world, datetime(2028, 12, 1, tzinfo=UTC))
    lead = world.lead(lead_id)
    for name in (
        "id",
        "form",
        "product",
        "urgency",
        "language",
        "country",
        "postcode",
        "region",
        "score",
        "offers",
    ):
        assert getattr(lead, name) == getattr(before, name), name
    for name in (
        "owner",
        "received_at",
        "accepted_at",
        "quoted_at",
        "finished_at",
        "quote",
        "value",
        "programme",
    ):
        assert getattr(lead, name) == getattr(before, name), name
    assert (before.answers["owner"], dict(lead.answers)) == ("owner", {"owner": "owner"})
    assert world.events(lead_id)[:-1] == world.events(lead_id)[: before.version]


@pytest.mark.parametrize(
    ("country", "written", "left"),
    [("DE", "80331", "80331"), ("GB", "SW1A 1AA", "SW1"), ("IE", "D02 X285", "D02")],
)
def test_a_postcode_that_can_be_one_house_is_cut_to_its_area(
    world: World, country: str, written: str, left: str
) -> None:
    form = programme_document()["forms"][0] | {"countries": ["DE", "GB", "IE"]}
    world.use(a_programme(forms=[form]))
    lead_id = asked(world, country=country, postcode=written, website_url="x", phone="")
    sweep_at(world, datetime(2026, 12, 26, tzinfo=UTC))
    assert world.lead(lead_id).postcode == left


# ── afterwards ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def erased(world: World) -> str:
    lead_id = accepted(world)
    won(world, lead_id)
    world.deliver()
    sweep_at(world, datetime(2028, 12, 1, tzinfo=UTC))
    return lead_id


@pytest.mark.parametrize(
    "action", ["", "accept", "decline", "contacted", "undo", "note", "wait", "return"]
)
@pytest.mark.slow
def test_the_partners_link_of_an_erased_enquiry_says_so_and_does_nothing(
    world: World, erased: str, action: str
) -> None:
    before = world.lead(erased)
    path = world.offer_link(erased, 1)
    page = (
        world.press(path, action=action, text="x", reason="busy")
        if action
        else world.http("GET", path)
    )
    assert page.status == 200
    assert "die personenbezogenen Daten sind gelöscht" in page.body
    assert world.http("GET", f"{path}/contact.vcf").status == 410
    assert world.lead(erased) == before


def test_the_prospects_link_of_an_erased_enquiry_says_so(world: World, erased: str) -> None:
    for answer in (
        world.http("GET", status_page(world, erased), headers=BROWSER),
        world.http(
            "POST",
            status_page(world, erased),
            form={"action": "note", "text": "hello again"},
            headers=BROWSER,
        ),
    ):
        assert answer.status == 410
        assert "This enquiry is closed" in answer.body


def test_hq_still_sees_how_it_ended_and_cannot_add_to_it(world: World, erased: str) -> None:
    page = world.http("GET", queue_page(world, erased)).body
    assert "Erased · Won" in page
    assert "Personal data erased: retention period over" in page
    before = world.lead(erased)
    assert (
        "no longer possible"
        in world.press(queue_page(world, erased), action="note", text="dachshund").body
    )
    for form in (
        {"action": "assign", "partner": "munich-2"},
        {"action": "release"},
        {"action": "reject"},
    ):
        world.press(queue_page(world, erased), **form)
    assert world.lead(erased) == before
    assert still_said(world) == []


def test_the_same_post_again_is_told_that_it_was_erased(world: World, erased: str) -> None:
    assert world.post_lead("one", **TYPED | CONTEXT).status == 410
    assert world.lead(erased).status == "erased"


@pytest.mark.slow
def test_who_asks_again_after_an_erasure_is_a_new_lead(world: World) -> None:
    first = asked(world)
    world.press(queue_page(world, first), action="erase")
    second = asked(world, "two")
    world.deliver()
    assert world.lead(second).status == "offered"


def test_a_fact_that_comes_again_after_the_erasure_is_told_to_nobody(
    world: World, erased: str
) -> None:
    mails = len(world.mails())
    for row in world.events(erased):
        world.stream(row)
    world.deliver()
    assert len(world.mails()) == mails


# ── on request ────────────────────────────────────────────────────────────────────────────────────


def erase(world: World, lead_id: str) -> dict[str, Any]:
    key = create_key(boto3.client("dynamodb"), "partners", f"privacy-{world.now}", ["leads:write"])
    answer = world.http("POST", f"/v1/leads/{lead_id}/erase", headers={"x-api-key": key})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.slow
def test_an_open_enquiry_erased_on_request_is_withdrawn_and_its_owner_asked_to_erase_it_too(
    world: World,
) -> None:
    lead_id = accepted(world)
    noted_by_all(world, lead_id)
    world.deliver()
    owner = str(world.lead(lead_id).owner)
    mails = len(world.mails(owner))
    told = erase(world, lead_id)
    assert (told["lead"]["status"], told["lead"]["ended"], told["lead"]["contact"]) == (
        "erased",
        "withdrawn",
        None,
    )
    assert any(
        moment["sentence"].startswith("Personal data erased on request (")
        for moment in told["timeline"]
    )
    assert still_said(world) == []
    assert world.load(owner).open_count == 0
    world.deliver()
    [mail] = world.mails(owner)[mails:]
    assert world.lead(lead_id).reference in mail["Subject"]
    assert "Zwickel" not in str(mail)
    assert still_said(world) == []


@pytest.mark.slow
def test_a_partner_who_gave_it_back_is_asked_to_erase_it_too(world: World) -> None:
    lead_id = accepted(world)
    first = str(world.lead(lead_id).owner)
    world.press(world.offer_link(lead_id, 1), action="return")
    world.press(world.offer_link(lead_id, 2), action="accept")
    second = str(world.lead(lead_id).owner)
    world.deliver()
    counts = [len(world.mails(partner)) for partner in (first, second)]
    erase(world, lead_id)
    world.deliver()
    assert [len(world.mails(partner)) for partner in (first, second)] == [
        count + 1 for count in counts
    ]


def test_whoever_was_just_asked_hears_that_it_is_over(world: World) -> None:
    lead_id = asked(world)
    world.deliver()
    partner = world.lead(lead_id).offers[0].partner
    mails = len(world.mails(partner))
    erase(world, lead_id)
    world.deliver()
    assert len(world.mails(partner)[mails:]) == 1
    assert world.load(partner).open_count == 0


@pytest.mark.parametrize("status", ["quarantined", "hq_queue", "nurture", "won", "joined"])
@pytest.mark.slow
def test_an_enquiry_in_any_state_can_be_erased(world: World, status: str) -> None:
    if status == "won":
        lead_id = accepted(world)
        won(world, lead_id)
    elif status == "joined":
        other = {
            "name": "Anna",
            "email": "anna@example.net",
            "phone": "+498999998300",
            "referrer": "",
            "notes": "",
        }
        accepted(world, **dict.fromkeys((*TYPED, "utm_source"), "") | other)
        lead_id = asked(world, "two", email="anna@example.net")
    elif status == "nurture":
        points = [
            {
                "field": "owner",
                "is": "tenant",
                "points": -5,
                "because": {"en": "Tenant", "de": "Mieter"},
            }
        ]
        world.use(
            a_programme(qualification={"offer_from": 0, "nurture_from": -10, "points": points})
        )
        lead_id = asked(world, owner="tenant")
    else:
        more = {"website_url": "x"} if status == "quarantined" else {"postcode": "25980"}
        lead_id = asked(world, **more)
    assert world.lead(lead_id).status == status
    erase(world, lead_id)
    lead = world.lead(lead_id)
    assert (lead.status, lead.deadlines, lead.erase_at) == ("erased", (), None)
    assert still_said(world) == []


def test_a_repeat_takes_its_words_from_the_enquiry_it_joined_and_leaves_the_rest(
    world: World,
) -> None:
    first = accepted(world, name="Anna Anders", email="anna@example.net")
    world.press(status_page(world, first), action="note", text="mine")
    stub = merged(world, first, "two", **TYPED | {"message": "A second wish."})
    context = world.wiring.leads.context(first)
    assert context
    assert len(context.notes) == 2
    erase(world, stub)
    context = world.wiring.leads.context(first)
    assert context
    assert [note.text for note in context.notes] == ["mine"]
    assert context.message == TYPED["message"]
    assert world.lead(first).status == "accepted"
    assert "note.erased" in world.facts(first)


def test_erasing_an_enquiry_erases_its_repeats(world: World) -> None:
    first = accepted(world)
    stub = asked(world, "two", message="The dachshund again.")
    erase(world, first)
    assert world.lead(stub).status == "erased"
    assert still_said(world) == []


def test_a_repeat_that_comes_in_between_is_erased_too(world: World) -> None:
    first = accepted(world)
    with meanwhile(world, lambda: asked(world, "two", message="The dachshund again.")):
        erase(world, first)
    assert {lead.status for lead in look(world).leads.values()} == {"erased"}
    assert still_said(world) == []


@pytest.mark.slow
def test_a_note_that_comes_in_between_is_erased_too(world: World) -> None:
    lead_id = accepted(world)
    won(world, lead_id)
    world.now = datetime(2028, 12, 1, tzinfo=UTC)
    with meanwhile(world, lambda: noted_by_all(world, lead_id)):
        sweep_at(world, world.now)
    assert world.lead(lead_id).status == "erased"
    assert still_said(world) == []


@pytest.mark.slow
def test_erasing_twice_changes_nothing_the_second_time(world: World) -> None:
    lead_id = accepted(world)
    erase(world, lead_id)
    before = world.lead(lead_id)
    world.advance(minutes=1)
    erase(world, lead_id)
    assert world.lead(lead_id) == before


def test_hq_erases_from_its_page(world: World) -> None:
    lead_id = asked(world)
    page = world.press(queue_page(world, lead_id), action="erase")
    assert "Anonymous figures are kept." in page.body
    assert world.lead(lead_id).status == "erased"
