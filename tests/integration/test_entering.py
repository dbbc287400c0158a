"""An enquiry that HQ or another system enters for its sender."""

import re
from typing import Any

import pytest

from tests.support.world import Answer, World, a_programme, munich

PHONED = {
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "soon",
    "name": "Erika Beispiel",
    "phone": "089 99998 1230",
    "consent": True,
}


@pytest.fixture
def machine(world: World) -> Any:
    world.use(a_programme(), munich(1), munich(2, confirmed_email=""))
    key = world.api_key("leads:write", "leads:read")

    def enter(key_of_entry: str = "one", **changes: Any) -> Answer:
        headers = {"X-Api-Key": key, "Idempotency-Key": key_of_entry}
        return world.http("POST", "/v1/leads", json_body=PHONED | changes, headers=headers)

    return enter


def wrong(answer: Answer) -> dict[str, str]:
    assert answer.status == 422
    return {each["field"]: each["code"] for each in answer.json()["errors"]}


def test_a_lead_without_an_email_address_is_offered_and_nobody_is_written_to_in_vain(
    world: World, machine: Any
) -> None:
    answer = machine()
    assert (answer.status, answer.json()["answer"]) == (201, "offered")
    world.deliver()
    assert [str(mail["To"]) for mail in world.mails()] == ["munich-1@example.com"]
    world.run_for(hours=8)
    assert not [mail for mail in world.mails() if not str(mail["To"])]


def test_the_same_entry_twice_is_one_lead_and_another_content_is_refused(machine: Any) -> None:
    first = machine().json()
    assert machine().json() == first
    assert wrong(machine(name="Somebody Else")) == {"submission_id": "different_body"}
    assert machine("two").json()["lead"] != first["lead"]


def test_without_a_number_and_an_address_nobody_could_be_reached(machine: Any) -> None:
    assert wrong(machine(phone="")) == {"phone": "phone_or_email"}
    assert wrong(machine(phone="call me")) == {"phone": "invalid_phone"}
    assert machine(phone="", email="erika@posteo.de").status == 201


def test_a_lead_is_not_entered_without_consent(machine: Any) -> None:
    assert wrong(machine(consent=False)) == {"consent": "consent_missing"}


def test_everything_that_is_wrong_is_told_at_once(machine: Any) -> None:
    told = wrong(machine(postcode="1", consent_at="2099-01-01", way="pigeon", partner="nobody"))
    assert told == {
        "postcode": "invalid_postcode",
        "consent_at": "in_future",
        "way": "unknown_option",
        "partner": "unknown_option",
    }
    assert wrong(machine(asked_at="yesterday")) == {"asked_at": "invalid_instant"}


def test_who_entered_it_how_they_agreed_and_where_it_came_from_stay_with_it(
    world: World, machine: Any
) -> None:
    lead = machine(
        way="fair",
        asked_at="2026-11-24 10:00",
        consent_way="paper",
        consent_by="Max Beispiel",
        consent_at="2026-11-24 10:05",
        source="fair-munich",
        campaign="autumn",
    ).json()["lead"]
    context = world.wiring.leads.context(lead)
    assert context
    assert context.on_behalf
    told = context.on_behalf
    assert told.by.startswith("machine-")
    assert (told.way, told.consent_way, told.consent_by) == ("fair", "paper", "Max Beispiel")
    assert f"{told.asked_at:%Y-%m-%d %H:%M}" == "2026-11-24 09:00"
    assert f"{told.consent_at:%H:%M}" == "09:05"
    assert (context.source, context.utm) == ("fair-munich", {"campaign": "autumn"})
    assert context.consent_version == "2026-01"
    assert world.events(lead)[0].events[-1].to_data() == {"next": "offered", "by": told.by}
    shown = world.http(
        "GET", f"/v1/leads/{lead}", headers={"X-Api-Key": world.api_key("leads:read")}
    ).json()
    assert shown["timeline"][-1]["sentence"].startswith("Entered at HQ for the customer (API key")


def test_the_partner_who_is_chosen_is_offered_it_and_nobody_else_hears_of_it(
    world: World, machine: Any
) -> None:
    world.add(munich(3, territories=()))
    lead = machine(partner="munich-3").json()["lead"]
    world.deliver()
    assert [offer.partner for offer in world.lead(lead).offers] == ["munich-3"]
    assert {str(mail["To"]) for mail in world.mails()} == {"munich-3@example.com", "hq@example.com"}
    assert machine(partner="munich-3").json()["lead"] == lead
    assert wrong(machine("two", partner="munich-2")) == {"partner": "unconfirmed"}


def test_two_without_an_address_are_never_taken_for_one_person(world: World, machine: Any) -> None:
    leads = [machine("one").json()["lead"], machine("two", name="Somebody Else").json()["lead"]]
    world.deliver()
    assert not [lead for lead in leads if world.lead(lead).is_attached]


@pytest.mark.parametrize(
    ("language", "way", "said"),
    [
        ("en", "phone", "You spoke with us, and we have noted your enquiry for you."),
        ("en", "fair", "You left your enquiry at a fair"),
        ("de", "phone", "Sie haben mit uns gesprochen"),
        ("de", "program", "Ihre Anfrage wurde an uns weitergegeben"),
    ],
)
def test_the_receipt_says_how_the_enquiry_reached_us(
    world: World, machine: Any, language: str, way: str, said: str
) -> None:
    machine(email="erika@posteo.de", way=way, language=language)
    world.deliver()
    (mail,) = world.mails("erika@posteo.de")
    text = re.sub(r"\s+", " ", str(mail.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
    assert said in text
    assert "Thank you" not in text


def test_a_key_that_may_not_write_leads_enters_none(world: World) -> None:
    world.use(a_programme(), munich(1))
    key = world.api_key("leads:read")
    answer = world.http("POST", "/v1/leads", json_body=PHONED, headers={"X-Api-Key": key})
    assert answer.status == 403
