"""Reading what a person or a machine posted."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.enquiry.enquiry import (
    FormShown,
    Submission,
    read_enquiry,
    read_requested_work,
    suspicion,
)
from routing_core.domain.enquiry.location import region_of
from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.errors import InvalidInput
from routing_core.domain.lead import Contact
from routing_core.domain.territory.postcodes import canonical, is_country
from routing_core.domain.values.clean import one_line, paragraphs
from routing_core.domain.values.phones import callback_number, e164, is_valid
from routing_core.present.catalog import catalog_for
from routing_core.present.problems import problem_sentence
from tests.support.builders import NOON, a_programme, programme_document

HUGE = pytest.param(10**5000, id="huge")
PROGRAMME = a_programme()
FORM = PROGRAMME.forms[0]
GOOD = {
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "soon",
    "owner": "owner",
    "name": "Ada Example",
    "email": "ada@example.com",
    "consent": "yes",
}


def read(language: str = "en", programme=PROGRAMME, **changes: Any) -> Submission:
    return read_enquiry(programme, programme.forms[0], GOOD | changes, FormShown(language))


def problems(**changes: Any) -> dict[str, str]:
    """Field → code, of a good enquiry with these changes; None takes a field away."""
    with pytest.raises(InvalidInput) as caught:
        read(**changes)
    return {p.field: p.code for p in caught.value.problems}


def test_an_answer_may_be_written_as_partners_and_hq_read_it():
    document = programme_document()
    (question,) = (each for each in document["forms"][0]["questions"] if each["id"] == "owner")
    question["options"] = [
        {"id": "yes", "label": {"en": "Yes, I own it"}, "short": {"en": "mine", "de": "ja"}},
        {"id": "no", "label": {"en": "No, I rent it"}, "short": {"en": "other's", "de": "nein"}},
        {"id": "ja", "label": {"en": "We own it together"}, "short": {"en": "No, I rent it"}},
        {"id": "a", "label": {"en": "A flat"}, "short": {"en": "part"}},
        {"id": "b", "label": {"en": "A room"}, "short": {"en": "part"}},
    ]
    programme = read_programme(document)

    def answer(written: str) -> str:
        return read(programme=programme, owner=written).answers["owner"]

    assert answer("Mine") == "yes"
    assert answer(" NEIN ") == "no"
    assert answer("ja") == "ja", "an id means itself"
    assert answer("No, I rent it") == "no", "what prospects read comes first"
    with pytest.raises(InvalidInput):
        answer("part")


def test_a_good_enquiry_is_read_whole():
    submission = read(
        phone="089 99998 123",
        company=" Example  GmbH ",
        street="Musterweg 1",
        town="München",
        message="Hello\r\n\r\n\r\nthere ",
        area="120,5",
        notes="Gate is green",
        language="de",
    )
    assert submission.contact == Contact(
        "Ada Example", "ada@example.com", "+498999998123", "Example GmbH", "Musterweg 1"
    )
    assert submission.town == "München"
    assert submission.message == "Hello\n\nthere"
    assert submission.answers == {"owner": "owner", "area": "120.5", "notes": "Gate is green"}
    assert submission.region == "munich"
    assert (submission.language, submission.consent_version, submission.consent_text) == (
        "de",
        "2026-01",
        "Ich stimme zu.",
    )


def test_every_problem_is_named_at_once():
    assert problems(
        country="FR", postcode="x" * 200, product="roof", urgency=None, owner="landlord", area="many", name="",
        email="nobody", phone="+49 900 1234567", consent="no", message="m" * 4001,
    ) == {
        "country": "unknown_country",
        "postcode": "too_long",
        "product": "unknown_option",
        "urgency": "required",
        "owner": "unknown_option",
        "area": "invalid_number",
        "name": "required",
        "email": "invalid_email",
        "phone": "invalid_phone",
        "consent": "consent_missing",
        "message": "too_long",
    }  # fmt: skip


def test_an_empty_post_names_what_is_needed():
    with pytest.raises(InvalidInput) as caught:
        read_enquiry(PROGRAMME, FORM, {}, FormShown("en"))
    needed = {p.field for p in caught.value.problems}
    assert needed == {"country", "postcode", "product", "urgency", "name", "email", "consent"}


def test_a_form_with_one_choice_need_not_ask():
    form = programme_document()["forms"][0] | {
        "countries": ["DE"],
        "products": ["boiler"],
        "urgencies": ["soon"],
    }
    programme = a_programme(forms=[form])
    submission = read(programme=programme, country=None, product=None, urgency="")
    assert (submission.country, submission.product, submission.urgency) == ("DE", "boiler", "soon")
    with pytest.raises(InvalidInput):
        read(programme=programme, country="AT")


def test_answers_have_a_length_too():
    assert read(notes="x" * 200).answers["notes"] == "x" * 200
    assert problems(notes="x" * 201) == {"notes": "too_long"}


def test_a_required_question_and_phone_are_required():
    form = programme_document()["forms"][0] | {"phone_required": True}
    form["questions"] = [q | {"required": True} for q in form["questions"]]
    programme = a_programme(forms=[form])
    with pytest.raises(InvalidInput) as caught:
        read(programme=programme, owner="  ")
    found = {(p.field, p.code) for p in caught.value.problems}
    assert found == {(name, "required") for name in ("owner", "area", "notes", "phone")}


def test_step_one_reads_its_own_fields_only():
    step_one = {k: GOOD[k] for k in ("country", "postcode", "product", "urgency", "owner")}
    need = read_requested_work(PROGRAMME, FORM, step_one)
    assert (need.country, need.postcode, need.region, need.product) == (
        "DE",
        "80331",
        "munich",
        "heat-pump",
    )
    assert need.answers == {"owner": "owner"}
    with pytest.raises(InvalidInput) as caught:
        read_requested_work(
            PROGRAMME, FORM, {"postcode": "123", "owner": "x", "area": "wrong but of step 2"}
        )
    assert [p.field for p in caught.value.problems] == ["country", "product", "urgency", "owner"]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("120", "120"),
        ("12.50", "12.5"),
        ("12,5", "12.5"),
        (" 7 ", "7"),
        (7, "7"),
        (2.5, "2.5"),
        ("-0", "0"),
        (0, "0"),
    ],
)
def test_numbers_come_in_one_spelling(value, stored):
    assert read(area=value).answers["area"] == stored


@pytest.mark.parametrize(
    "value",
    [
        "1.200",
        "1,200",
        "1e3",
        "12 m²",
        "١٢",
        float("nan"),
        float("inf"),
        True,
        [[1]],
        {"a": 1},
        HUGE,
        1e300,
        "9" * 13,
    ],
)
def test_what_is_no_plain_number_is_refused(value):
    assert problems(area=value) == {"area": "invalid_number"}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("yes", "yes"),
        ("Ja", "yes"),
        ("nein", "no"),
        (True, "yes"),
        (False, "no"),
        ("off", "no"),
        (1, "yes"),
        (2, None),
        ("?", None),
    ],
)
def test_yes_and_no_come_in_their_usual_spellings(value, stored):
    form = programme_document()["forms"][0] | {
        "questions": [{"id": "gas", "label": {"en": "Gas?"}, "kind": "yes_no"}],
    }
    programme = a_programme(forms=[form])
    if stored:
        assert read(programme=programme, gas=value).answers == {"gas": stored}
    else:
        with pytest.raises(InvalidInput):
            read(programme=programme, gas=value)


# Text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Eve\u202egnp.exe", "Evegnp.exe"),
        ("A\u0000d\u200ba\ufeff", "Ada"),
        ("Ada\r\nBcc: x@example.com", "Ada Bcc: x@example.com"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u2066Ada\u2069 \u061c\u200e\u200fB", "Ada B"),
        ("A\ud800da", "Ada"),
        ("A\u200dd\u200ca", "Ada"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("👩\u200d🔧 👨🏽\u200d🚀 ❤️\u200d🔥", "👩\u200d🔧 👨🏽\u200d🚀 ❤️\u200d🔥"),
        ("\u200dعلی\u200c \u200dرضا\u200f\u202e", "علی رضا"),
        ("A\ue000da", "Ada"),
        ("  Ada \t\u00a0 B\u2028C ", "Ada B C"),
        ("<b>{{7*7}}</b> =SUM(1)", "<b>{{7*7}}</b> =SUM(1)"),  # data; whoever shows it escapes it
    ],
)
def test_names_lose_what_nobody_sees(typed, kept):
    assert read(name=typed).contact.name == kept


def test_a_name_of_invisible_characters_is_no_name():
    assert problems(name="\u200b\u202e ") == {"name": "required"}


@pytest.mark.parametrize(
    ("field", "most"), [(f, n) for f, n in LENGTHS.items() if f not in ("email", "phone")]
)
def test_lengths_count_after_cleaning(field, most):
    assert read(**{field: "x" * most + "\u200b " * 50})
    assert problems(**{field: "x" * (most + 1)}) == {field: "too_long"}


def test_only_the_message_keeps_its_lines():
    submission = read(message="one\u2028two\r\rthree\x0b", street="one\ntwo")
    assert submission.message == "one\ntwo\n\nthree"
    assert submission.contact.street == "one two"


@given(st.text())
@example("e\u200d\u0301")
@example("\u1100\u200b\u1161")
def test_cleaning_twice_changes_nothing_more(text):
    for clean in (one_line, paragraphs):
        once = clean(text)
        assert clean(once) == once
        assert not any(c in once for c in "\x00\r\u202e\u200b\ufeff")
        once.encode()


# Contact


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ada.Example@EXAMPLE.com", "Ada.Example@example.com"),
        (" ada@b\u00fccher.example ", "ada@xn--bcher-kva.example"),
        ("ada\u202e@example.com", "ada@example.com"),
    ],
)
def test_mail_addresses_keep_who_and_normalise_where(written, kept):
    assert read(email=written).contact.email == kept


@pytest.mark.parametrize(
    "address",
    [
        "ada", "ada@localhost", "ada@example.com, b@example.com", "ada@exa mple.com", "ada@example.com\nBcc: x",
        "\u00e4@example.com", '"a b"@example.com', "a@[10.0.0.1]", "Ada <a@example.com>",
    ],
)  # fmt: skip
def test_what_no_mail_would_reach_is_refused(address):
    assert problems(email=address) == {"email": "invalid_email"}


@pytest.mark.parametrize(
    ("country", "written", "kept"),
    [
        ("DE", "089 99998 123", "+498999998123"),
        ("DE", "0049 89 / 99998-123", "+498999998123"),
        ("AT", "+49 89 99998123", "+498999998123"),
        ("DE", "+1 303 555 0123", "+13035550123"),
        ("DE", "0900 1234567", None),  # costs who calls back
    ],
)
def test_phone_numbers_become_e164_in_the_country_of_the_house(country, written, kept):
    postcode = {"DE": "80331", "AT": "1010"}[country]
    if kept:
        assert read(country=country, postcode=postcode, phone=written).contact.phone == kept
    else:
        assert problems(country=country, postcode=postcode, phone=written) == {
            "phone": "invalid_phone"
        }


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("+8816 123 45678", "DE"),  # Iridium
        ("+870 773 123456", "DE"),  # Inmarsat
        ("+882 16 2345678", "AT"),  # Thuraya
        ("+979 1 2345 6789", "DE"),  # premium of no country
        ("0180 5 123456", "DE"),
        ("0137 1234567", "DE"),
        ("0900 1234567", "DE"),
        ("0820 123456", "AT"),
        ("0848 123456", "CH"),
    ],
)
def test_where_nobody_can_be_called_back_is_no_contact(written: str, country: str) -> None:
    with pytest.raises(ValueError, match=r"(satellite|service|premium)"):
        callback_number(written, country)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Nobody can call you back"), ("de", "niemand zurückrufen")]
)
def test_who_gave_such_a_number_is_told_that_it_is_one(language: str, said: str) -> None:
    for written in ("0180 5 123456", "+8816 123 45678", "0900 1234567"):
        with pytest.raises(InvalidInput) as refused:
            read(phone=written)
        assert said in problem_sentence(refused.value.problems[0], catalog_for(language))
    with pytest.raises(InvalidInput) as refused:
        read(
            programme=a_programme(
                forms=[FORM.model_dump(by_alias=True) | {"phone_required": True}]
            ),
            phone="12",
        )
    assert said not in problem_sentence(refused.value.problems[0], catalog_for(language))


def test_a_freephone_number_and_a_firms_own_service_number_stay() -> None:
    assert callback_number("0800 1234567", "DE") == "+498001234567"
    assert e164("0180 5 123456", "DE") == "+491805123456"  # of a partner, whom HQ calls


def test_a_number_in_a_new_range_is_kept_but_not_called_valid():
    number = e164("01632 960001", "GB")  # set aside for fiction, so no carrier has it
    assert number == "+441632960001"
    assert not is_valid(number)
    assert is_valid("+13035550123")
    assert not is_valid("nonsense")


def test_a_phone_is_judged_even_if_the_country_is_wrong():
    assert problems(country="XX", phone="+49 900 1234567")["phone"] == "invalid_phone"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "ADA@example.com"),
        ("ada@example.com", "ada+heating@example.com"),
        ("ada.example@gmail.com", "adaexample@googlemail.com"),
    ],
)
def test_variants_of_an_address_are_the_same_person(one, other):
    assert contact_keys(read(email=one).contact) == contact_keys(read(email=other).contact)


def test_different_people_have_different_claims():
    assert contact_keys(Contact("", "ada@example.com")) != contact_keys(
        Contact("", "a.da@example.com")
    )
    assert contact_keys(Contact("", "+ada@example.com")) == {"email": "+ada@example.com"}
    assert contact_keys(Contact("Ada", "a@example.com", "+498999998123")) == {
        "email": "a@example.com",
        "phone": "+498999998123",
    }


@pytest.mark.parametrize(
    "value",
    [
        "on",
        "YES",
        "true",
        "1",
        " 2026-01 ",
        True,
        1,
        1.0,
        "Ja",
        "oui",
        ["yes"],
        ["true", ""],
        ["0", "1"],
    ],
)
def test_consent_is_given(value):
    assert read(consent=value).consent_version == "2026-01"


@pytest.mark.parametrize(
    "value", [None, "", "no", "2025-12", False, 0, 2, ["yes", "no"], [], [True], "perhaps", HUGE]
)
def test_consent_is_missing(value):
    assert problems(consent=value) == {"consent": "consent_missing"}


# Hostile values


@pytest.mark.parametrize("field", [*GOOD, "phone", "message", "notes"])
@pytest.mark.parametrize("value", [True, [["x"]], {"a": {"b": []}}, float("nan"), HUGE, b"a file"])
def test_what_is_no_text_is_a_clear_problem(field, value):
    if field == "consent" and value is True:
        return
    assert problems(**{field: value}) == {
        field: "consent_missing" if field == "consent" else "invalid_text"
    }


def test_numbers_are_read_as_they_are_written_and_of_several_texts_the_last_that_says_something():
    submission = read(
        postcode=80331,
        name=["Ada", ""],
        phone=8999998123,
        street=["Old street 1", "Musterweg 1", ""],
    )
    assert submission.postcode == "80331"
    assert submission.contact.name == "Ada"
    assert submission.contact.phone == "+498999998123"
    assert submission.contact.street == "Musterweg 1"
    assert problems(postcode=1067) == {"postcode": "invalid_postcode"}


@pytest.mark.parametrize("written", ["de", "Germany", "deutschland", "DEU", "BRD"])
def test_a_country_is_known_by_its_names(written):
    assert read(country=written).country == "DE"


def test_a_product_an_urgency_and_an_option_are_known_by_their_names_and_what_the_programme_lists():
    document = programme_document()
    document["products"][0] |= {"name": {"en": "Heat pump", "de": "Wärmepumpe"}, "also": ["GTXPro"]}
    document["urgencies"][0] |= {"also": ["ASAP"]}
    document["forms"][0]["questions"][0]["options"][0] |= {"also": ["Freeholder"]}
    programme = read_programme(document)
    id_of = (
        programme.products[0].id,
        programme.urgencies[0].id,
        programme.forms[0].questions[0].options[0].id,
    )
    for product, urgency, owner in [
        ("GTX Pro", "asap", "freeholder"),
        (
            "gtx-pro",
            programme.urgencies[0].name["en"].upper(),
            programme.forms[0].questions[0].options[0].label["en"],
        ),
        ("WÄRMEPUMPE", id_of[1], id_of[2]),
    ]:
        submission = read(programme=programme, product=product, urgency=urgency, owner=owner)
        assert (submission.product, submission.urgency, submission.answers["owner"]) == id_of


def test_what_is_none_of_the_options_is_answered_with_them():
    with pytest.raises(InvalidInput) as caught:
        read(product="yacht", owner="landlord", country="FR")
    found = {p.field: dict(p.hints)["options"] for p in caught.value.problems}
    assert found == {
        "product": ", ".join(FORM.products),
        "owner": ", ".join(o.id for o in FORM.questions[0].options),
        "country": ", ".join(FORM.countries),
    }


def test_letters_that_were_lost_on_the_way_are_named():
    assert problems(name="J\ufffdrgen") == {"name": "lost_letters"}
    assert read(message="a \ufffd b").message == "a \ufffd b"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "area", "notes", "phone", "message", "website_url"]) | st.text(),
        anything,
    )
)
def test_nothing_that_is_posted_crashes_the_reader(raw):
    for post in (raw, GOOD | raw):
        suspicion(post, FORM, None, NOON)
        try:
            submission = read_enquiry(PROGRAMME, FORM, post, FormShown("en"))
        except InvalidInput as error:
            found = error.problems
        else:
            json.dumps(submission.answers).encode()
            continue
        assert found
        assert all(p.field and p.code and p.message for p in found)


# Unknown fields, the payload's hash, suspicion


def test_unknown_fields_are_kept_as_they_came_and_technical_ones_are_not():
    submission = read(
        shoe_size="43", utm_source="fair", submission_id="s1", started="x", website_url="", step="2"
    )
    assert submission.also_sent == {"shoe_size": "43"}
    assert submission.ignored == ()


def test_hostile_names_of_unknown_fields_are_bounded():
    ignored = read(**{f"\u202ex{n}" + "y" * 1000: "1" * 501 for n in range(500)}).ignored
    assert len(ignored) == 20
    assert all(len(name) <= 60 and "\u202e" not in name for name in ignored)


def test_the_hash_sees_what_was_meant_only():
    same = [
        read(),
        read(
            name=" Ada  Example",
            email="ada@EXAMPLE.com",
            postcode="D-80331",
            utm_source="mail",
            shoe="1",
        ),
        read(language="de"),
    ]
    assert len({s.payload_hash for s in same}) == 1
    changes = [
        {"name": "Eve"}, {"email": "b@example.com"}, {"phone": "089 99998123"}, {"company": "C"}, {"street": "S"},
        {"town": "T"}, {"message": "M"}, {"postcode": "80333"}, {"product": "boiler"}, {"urgency": "emergency"},
        {"owner": "tenant"}, {"owner": ""}, {"area": "7"}, {"country": "AT", "postcode": "1010"},
    ]  # fmt: skip
    assert (
        len({read(**change).payload_hash for change in changes} | {same[0].payload_hash})
        == len(changes) + 1
    )


def test_machines_give_themselves_away():
    shown = NOON
    assert suspicion({"website_url": "http://x"}, FORM, None, NOON) == "honeypot"
    assert suspicion({"website_url": ["x"]}, FORM, None, NOON) == "honeypot"
    assert suspicion({"website_url": ""}, FORM, shown, shown + timedelta(seconds=2.9)) == "too_fast"
    assert suspicion({}, FORM, shown, shown + timedelta(seconds=3)) is None
    assert suspicion({}, FORM, None, NOON) is None  # the JSON API shows no form


# Postcodes and regions


@pytest.mark.parametrize(
    ("country", "written", "kept"),
    [
        ("DE", "01067", "01067"), ("DE", "D-80331", "80331"), ("DE", "８０３３１", "80331"), ("DE", "8033", None),
        ("DE", "803310", None), ("AT", "A-1010", "1010"), ("AT", "0101", None), ("CH", "CH-8001", "8001"),
        ("US", "80202-1234", "80202"), ("US", "802021234", "80202"), ("US", "8020", None),
        ("GB", "sw1a1aa", "SW1A 1AA"), ("GB", "M1 1AE", "M1 1AE"), ("GB", "80331", None), ("CA", "k1a0b1", "K1A 0B1"),
        ("CA", "D1A 0B1", None), ("NL", "1012ab", "1012 AB"), ("NL", "1012", None), ("FR", "75001", "75001"),
        ("IT", "I-39100", "39100"), ("PL", "00950", "00-950"), ("PL", "00-950", "00-950"), ("BE", "B-1000", "1000"),
        ("LU", "L-1111", "1111"), ("ES", "28001", "28001"), ("ES", "99001", None), ("IE", "d02af30", "D02 AF30"),
        ("BR", "01310100", "01310-100"), ("JP", "100-0001", "100-0001"), ("JP", "<script>", None), ("JP", "ABC", None),
    ],
)  # fmt: skip
def test_postcodes_follow_their_country(country, written, kept):
    if kept:
        assert canonical(country, written) == kept
        assert canonical(country, kept) == kept
    else:
        with pytest.raises(ValueError, match="is not a postcode"):
            canonical(country, written)


def test_a_wrong_postcode_says_what_one_looks_like():
    with pytest.raises(InvalidInput) as caught:
        read(postcode="8033")
    assert (
        str(caught.value)
        == "postcode: is not a postcode in DE: use one like 80331, or did you mean 08033?"
    )


def test_countries_are_iso_codes():
    assert is_country("GB")
    assert not is_country("UK")


def test_the_narrowest_region_around_a_place_is_its_region():
    regions = {
        "germany": {"country": "DE", "postcodes": ["0*", "8*"]},
        "old-town": {"country": "DE", "postcodes": ["80331", "80333"]},
        "munich": {"country": "DE", "postcodes": ["80000-81999"]},
        "elsewhere": {"country": "AT", "postcodes": ["8033", "9*"]},
    }
    programme = a_programme(regions=regions)
    assert region_of(programme, "DE", "80331") == "old-town"
    assert region_of(programme, "DE", "81999") == "munich"
    assert region_of(programme, "DE", "01067") == "germany"
    assert region_of(programme, "DE", "10115") == ""
    assert region_of(programme, "DE", "90402") == ""
    assert region_of(programme, "AT", "8033") == "elsewhere"
