"""The files a partner takes along: nothing a stranger typed can break out of its line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from routing_core.domain.lead import Contact, Lead
from routing_core.present.calendar_file import contact_ics
from routing_core.present.vcard import contact_vcf
from tests.samples.cast import CALL_BY, OWNED, PARTNER, PROGRAMME, URL


def with_name(name: str, **changes: str) -> Lead:
    return replace(OWNED, contact=Contact(name, "ada@example.com", "+498999998124", **changes))


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_the_card_carries_who_asked() -> None:
    lines = unfolded(contact_vcf(with_name("Ada Lovelace", company="Engines; Ltd", street="Ring 1, Hof")))
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    assert "FN:Ada Lovelace" in lines
    assert "ORG:Engines\\; Ltd" in lines
    assert "TEL;VALUE=text;TYPE=cell:+498999998124" in lines
    assert "ADR:;;Ring 1\\, Hof;München;;80331;DE" in lines
    assert lines[-2:] == ["END:VCARD", ""]


@given(st.text(), st.text())
def test_no_name_opens_a_line_of_its_own(name: str, company: str) -> None:
    content = contact_vcf(with_name(name, company=company))
    properties = [line.split(":")[0].split(";")[0] for line in unfolded(content) if line]
    known = {"BEGIN", "VERSION", "UID", "FN", "ORG", "TEL", "EMAIL", "ADR", "LANG", "END"}
    assert set(properties) <= known
    assert len(properties) == len(set(properties))
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_hostile_names_stay_names() -> None:
    content = contact_vcf(with_name("Ada\r\nTEL:+1900\nEND:VCARD\u202e\x00"))
    assert "FN:Ada\\nTEL:+1900\\nEND:VCARD" in unfolded(content)


def test_an_erased_contact_has_no_card() -> None:
    with pytest.raises(ValueError, match="no contact"):
        contact_vcf(replace(OWNED, contact=None))


def event_of(content: bytes) -> dict:
    return next(c for c in Calendar.from_ical(content).walk() if c.name == "VEVENT")


def test_the_entry_ends_at_the_deadline_and_reminds() -> None:
    content = contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY, URL, "de")
    event = event_of(content)
    assert event["dtend"].dt == CALL_BY
    assert event["summary"] == "Ada Lovelace-Beispiel anrufen: Wärmepumpe"
    assert "+49 89 99998124" in event["description"]
    assert URL in event["description"]
    assert b"BEGIN:VALARM" in content


def test_the_same_lead_gives_the_same_file() -> None:
    assert contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY, URL) == contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY, URL)


@given(st.text())
def test_a_calendar_survives_any_name(name: str) -> None:
    content = contact_ics(with_name(name), PARTNER, PROGRAMME, CALL_BY, URL)
    assert content.count(b"BEGIN:VEVENT") == 1
    assert event_of(content)["uid"].startswith("call-")
