"""The files a partner takes along: nothing a stranger typed can break out of its line."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from routing_core.domain.lead import Contact, Lead
from routing_core.present.mails.calendar_file import contact_ics
from routing_core.present.mails.vcard import contact_vcf
from tests.samples.cast import CALL_BY, OWNED, PARTNER, PROGRAMME


def with_name(name: str, **changes: str) -> Lead:
    return replace(OWNED, contact=Contact(name, "ada@example.com", "+498999998124", **changes))


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_the_card_carries_who_asked() -> None:
    lines = unfolded(
        contact_vcf(with_name("Ada Lovelace", company="Engines; Ltd", street="Ring 1, Hof"))
    )
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
    assert "FN:Ada Lovelace" in lines
    assert "ORG:Engines\\; Ltd" in lines
    assert "TEL;TYPE=VOICE:+498999998124" in lines
    assert "ADR:;;Ring 1\\, Hof;München;;80331;DE" in lines
    assert "N:Lovelace;Ada;;;" in lines
    assert lines[-2:] == ["END:VCARD", ""]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Erika Beispiel", "Beispiel;Erika"),
        ("Anna Maria von der Au", "von der Au;Anna Maria"),
        ("Beispiel, Erika", "Beispiel;Erika"),
        ("Erika", "Erika;"),
    ],
)
def test_a_card_says_which_is_the_family_name(name: str, parts: str) -> None:
    assert f"N:{parts};;;" in unfolded(contact_vcf(with_name(name)))


@pytest.mark.parametrize(
    ("phone", "line"),
    [
        ("+498999998124", "TEL;TYPE=VOICE:+498999998124"),
        ("+491512345678", "TEL;TYPE=VOICE:+491512345678"),
        ("+4915123456789", "TEL;TYPE=CELL:+4915123456789"),
        ("+13035550134;ext=22", "TEL;TYPE=VOICE:+13035550134\\,22"),
    ],
)
def test_only_a_number_that_is_surely_a_mobile_is_called_one(phone: str, line: str) -> None:
    lead = replace(OWNED, contact=Contact("Ada", "ada@example.com", phone))
    assert line in unfolded(contact_vcf(lead))


@given(st.text(), st.text())
def test_no_name_opens_a_line_of_its_own(name: str, company: str) -> None:
    content = contact_vcf(with_name(name, company=company))
    properties = [line.split(":")[0].split(";")[0] for line in unfolded(content) if line]
    known = {"BEGIN", "VERSION", "UID", "FN", "ORG", "TEL", "EMAIL", "ADR", "N", "END"}
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
    content = contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY, "de")
    event = event_of(content)
    assert event["dtend"].dt == CALL_BY
    assert event["summary"] == "Ada Lovelace-Beispiel anrufen: Wärmepumpe"
    assert "+49 89 99998124" in event["description"]
    assert b"BEGIN:VALARM" in content


def test_a_shared_calendar_gives_nobody_the_link_that_opens_the_enquiry() -> None:
    content = contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY, "de").decode().replace("\r\n ", "")
    assert "http" not in content
    assert "/o/" not in content
    assert OWNED.reference in content


def test_a_later_version_of_the_entry_replaces_the_earlier_one() -> None:
    first = event_of(contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY))
    moved = replace(OWNED, version=OWNED.version + 1)
    later = event_of(contact_ics(moved, PARTNER, PROGRAMME, CALL_BY + timedelta(hours=1)))
    assert first["uid"] == later["uid"]
    assert later["sequence"] == first["sequence"] + 1
    assert str(later["organizer"]).startswith("mailto:")
    assert "80331" in later["location"]


def test_the_alarm_does_not_ring_before_the_entry_begins_nor_the_entry_before_it_was_accepted() -> (
    None
):
    accepted = CALL_BY - timedelta(minutes=10)
    for lead in (OWNED, replace(OWNED, accepted_at=accepted)):
        event = event_of(contact_ics(lead, PARTNER, PROGRAMME, CALL_BY))
        (alarm,) = event.walk("VALARM")
        assert event["dtstart"].dt >= (lead.accepted_at or CALL_BY - timedelta(days=9))
        assert event["dtstart"].dt + alarm["trigger"].dt >= event["dtstart"].dt
        assert event["dtend"].dt == CALL_BY


def test_the_same_lead_gives_the_same_file() -> None:
    assert contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY) == contact_ics(
        OWNED, PARTNER, PROGRAMME, CALL_BY
    )


@given(st.text())
def test_a_calendar_survives_any_name(name: str) -> None:
    content = contact_ics(with_name(name), PARTNER, PROGRAMME, CALL_BY)
    assert content.count(b"BEGIN:VEVENT") == 1
    assert event_of(content)["uid"].startswith("call-")


LONG = "Ada Müller-Lüdenscheidt von und zu Überlingen, geborene Großmüller; 李小龍 " * 3


def test_both_files_are_lines_of_at_most_75_bytes_that_end_with_cr_lf_and_cut_no_character() -> (
    None
):
    lead = with_name(LONG.strip(), company=LONG.strip(), street=LONG.strip())
    for content in (contact_vcf(lead), contact_ics(lead, PARTNER, PROGRAMME, CALL_BY, "de")):
        assert content.endswith(b"\r\n")
        assert b"\n" not in content.replace(b"\r\n", b"")
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        assert [line.decode() for line in content.split(b"\r\n")]
        assert "Großmüller" in content.replace(b"\r\n ", b"").decode()


def test_the_entry_has_what_a_published_one_must_have_and_nothing_it_must_not() -> None:
    """RFC 5546, 3.2.1: an ATTENDEE would make an invitation of it, which Outlook asks about and
    Google answers.
    """
    content = contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY, "de")
    calendar = Calendar.from_ical(content)
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert calendar["prodid"]
    event = event_of(content)
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "ORGANIZER"} <= {*event}
    assert not {"ATTENDEE", "DURATION", "REQUEST-STATUS"} & {*event}
    for name in ("DTSTAMP", "DTSTART", "DTEND"):  # in UTC: there is no zone that a client must know
        assert event[name].to_ical().endswith(b"Z")
        assert not event[name].params
    (alarm,) = event.walk("VALARM")
    assert {"ACTION", "DESCRIPTION", "TRIGGER"} <= {*alarm}


def test_the_alarm_rings_at_the_beginning_written_as_calendars_write_it() -> None:
    assert "TRIGGER:PT0S" in unfolded(contact_ics(OWNED, PARTNER, PROGRAMME, CALL_BY))


def test_the_card_has_what_version_three_must_have_each_once() -> None:
    """RFC 2426, 3.1.1, 3.1.2 and 3.6.9."""
    names = [line.split(":")[0].split(";")[0] for line in unfolded(contact_vcf(OWNED)) if line]
    assert all(names.count(each) == 1 for each in ("BEGIN", "VERSION", "N", "FN", "END"))
    assert names[0] == "BEGIN"
    assert names[-1] == "END"
