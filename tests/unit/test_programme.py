"""The programme: what is checked when HQ saves it, and what it answers."""

import re
from datetime import date
from pathlib import Path

import pytest

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.checks.public_holidays import public_holidays, with_public_holidays
from routing_core.domain.errors import InvalidInput
from routing_core.domain.programme.document import in_language, most_specific_rule
from routing_core.formats.yaml_text import read_yaml
from tests.support.builders import a_programme, programme_document

TODAY = date(2026, 11, 21)
DOCUMENT = programme_document()
FORM = DOCUMENT["forms"][0]
QUESTION = FORM["questions"][0]
GENERAL = {"window": {"minutes": 60}, "total": {"minutes": 120}}


def problems(**changes) -> dict[str, str]:
    """Path → message."""
    with pytest.raises(InvalidInput) as caught:
        a_programme(**changes)
    return {p.field: p.message for p in caught.value.problems}


def form(**changes):
    return [FORM | changes]


def points(row):
    return {"qualification": {"points": [{"points": 1, "because": {"en": "M"}} | row]}}


def offers(*rules):
    return [GENERAL | rule for rule in rules]


def backups(*rules, partner=None):
    return {
        "fallback": {"hq_hold": {"minutes": 60}, "backup": list(rules), "backup_partner": partner}
    }


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        (
            {"offers": offers({}, {"when": {"product": "roof"}})},
            "offers[1].when.product",
            "use one of heat-pump, boiler",
        ),
        (
            {"offers": offers({}, {"when": {"urgency": "now"}})},
            "offers[1].when.urgency",
            "use one of emergency, soon",
        ),
        (
            {"offers": offers({}, {"when": {"partner_type": "x"}})},
            "offers[1].when.partner_type",
            "use one of installer",
        ),
        (
            {"offers": offers({"when": {"urgency": "soon"}})},
            "offers",
            "needs one rule without `when`",
        ),
        ({"offers": offers({}, {})}, "offers[1].when", "the same conditions"),
        (
            {"contact": [{"when": {"urgency": "soon"}, "window": {"minutes": 5}}]},
            "contact",
            "needs one rule without",
        ),
        (
            {"promise": [{"when": {"urgency": "x"}, "within": {"minutes": 5}}]},
            "promise[0].when.urgency",
            "not defined",
        ),
        (
            {"forms": form(products=["heat-pump", "roof"])},
            "forms[0].products[1]",
            "'roof' is not defined",
        ),
        ({"forms": form(urgencies=["now"])}, "forms[0].urgencies[0]", "use one of emergency, soon"),
        (
            {"forms": form(products=["boiler", "boiler"])},
            "forms[0].products[1]",
            "is there already",
        ),
        ({"forms": form(countries=["DE", "UK"])}, "forms[0].countries[1]", "'UK' is not a country"),
        ({"forms": [FORM, FORM]}, "forms[1].id", "is there already"),
        (
            {"forms": form(questions=[QUESTION, QUESTION])},
            "forms[0].questions[1].id",
            "is there already",
        ),
        (
            {"forms": form(questions=[QUESTION | {"id": "email"}])},
            "forms[0].questions[0].id",
            "choose another name",
        ),
        (
            {"forms": form(questions=[QUESTION | {"id": "website_url"}])},
            "forms[0].questions[0].id",
            "choose another",
        ),
        (
            {"forms": form(questions=[QUESTION | {"id": "submission_id"}])},
            "forms[0].questions[0].id",
            "choose",
        ),
        (
            {"forms": form(questions=[QUESTION | {"options": QUESTION["options"][:1] * 2}])},
            "forms[0].questions[0].options[1].id",
            "already",
        ),
        (
            {"forms": form(questions=[QUESTION | {"kind": "text"}])},
            "forms[0].questions[0]",
            "options belong to",
        ),
        (
            {"forms": form(title={"de": "Nur deutsch"})},
            "forms[0].title.en",
            "the words in 'en' are missing",
        ),
        ({"forms": form(title={})}, "forms[0].title.en", "missing"),
        (
            {"forms": form(origins=["https://example.com/page"])},
            "forms[0].origins[0]",
            "without a path",
        ),
        (
            {"products": [*DOCUMENT["products"], {"id": "boiler", "name": {"en": "B"}}]},
            "products[2].id",
            "already",
        ),
        (
            {"decline_reasons": [{"id": "a", "label": {"de": "A"}}]},
            "decline_reasons[0].label.en",
            "missing",
        ),
        (
            {"decline_reasons": [{"id": "released", "label": {"en": "A"}}]},
            "decline_reasons[0].id",
            "choose another",
        ),
        (
            {"lost_reasons": [{"id": "a", "label": {"en": "A"}}] * 2},
            "lost_reasons[1].id",
            "already",
        ),
        (
            {"regions": {"x": {"country": "DE", "postcodes": ["80*", "nowhere!"]}}},
            "regions.x.postcodes[1]",
            "DE nowhere!",
        ),
        (
            {"regions": {"x": {"country": "DE", "postcodes": ["8033"]}}},
            "regions.x.postcodes[0]",
            "80331",
        ),
        (
            {"regions": {"x": {"country": "DE", "postcodes": ["8A*"]}}},
            "regions.x.postcodes[0]",
            "they look like 80331",
        ),
        (
            {"regions": {"x": {"country": "DE", "postcodes": ["5km 80331"]}}},
            "regions.x.postcodes[0]",
            "draw a circle",
        ),
        (
            {"regions": {"x": {"country": "XX", "postcodes": ["80*"]}}},
            "regions.x.country",
            "not a country",
        ),
        (
            {"hq": {"emails": ["hq@example.com"], "language": "fr"}},
            "hq.language",
            "use one of en, de",
        ),
        ({"hq": {"emails": ["hq"]}}, "hq.emails[0]", "not an email address"),
        (
            {
                "hq": {
                    "emails": ["a@example.com"],
                    "managers": [{"email": "b@example.com", "regions": ["nord"]}],
                }
            },
            "hq.managers[0].regions[0]",
            "use one of munich",
        ),
        (points({"field": "mood", "is": "x"}), "qualification.points[0].field", "use one of"),
        (points({"field": "owner", "is": "x"}), "qualification.points[0].is", "owner, tenant"),
        (
            points({"field": "email", "is": "good"}),
            "qualification.points[0].is",
            "disposable, freemail, business",
        ),
        (
            points({"field": "owner", "at_least": 3}),
            "qualification.points[0].at_least",
            "compares numbers",
        ),
        (points({"field": "owner"}), "qualification.points[0]", "exactly one of is, at_least"),
        (
            {"qualification": {"offer_from": 10, "nurture_from": 20}},
            "qualification.nurture_from",
            "not be above",
        ),
        (
            {"qualification": {"nurture": {"ask_after_days": 60, "close_after_days": 60}}},
            "qualification.nurture.close_after_days",
            "after",
        ),
        ({"reminders": {"at": [0.85, 0.5]}}, "reminders.at", "the earliest first"),
        ({"reminders": {"at": [1.0]}}, "reminders.at[0]", "less than 1"),
        ({"afterwards": {"status_days": [7, 7]}}, "afterwards.status_days", "once"),
        ({"hotline": {"phone": "call us"}}, "hotline.phone", "not a phone number"),
        ({"time_zone": "Berlin"}, "time_zone", "did you mean Europe/Berlin?"),
        ({"country": "Germany"}, "country", "use its code, as in DE"),
        (
            {"brand": {"name": "X", "logo": "https://example.com/logo.png"}},
            "brand.logo",
            "is not an embedded image",
        ),
        (
            {"brand": {"name": "X", "privacy_url": "javascript:alert(1)"}},
            "brand.privacy_url",
            "is not a web address",
        ),
        ({"languages": ["en", "en"]}, "languages[1]", "already"),
        (
            {"calendar": {"response_hours": {"mon": ["8-17"]}}},
            "calendar.response_hours",
            "mon: '8-17' is not a block",
        ),
        (
            {"calendar": {"response_hours": {"mo": ["08:00-17:00"]}}},
            "calendar.response_hours.mo",
            "is not a known field: did you mean mon?",
        ),
        (
            {"fallback": {"hq_hold": {"minutes": 5, "working_days": 1}}},
            "fallback.hq_hold",
            "exactly one of minutes",
        ),
        (
            {"fallback": {"hq_hold": {"minutes": float("inf")}}},
            "fallback.hq_hold.minutes",
            "a finite number",
        ),
        (
            {"fallback": {"hq_hold": {"response_hours": 100_000}}},
            "fallback.hq_hold.response_hours",
            "at most 1,000",
        ),
        (
            {"brand": {"name": "X", "sender_name": "X\r\nBcc: y"}},
            "brand.sender_name",
            "control characters",
        ),
        ({"forms": form(title={"en": "Find\u202eyour"})}, "forms[0].title.en", "turn text around"),
        ({"name": 7}, "name", "must be text: put it in quotes"),
        ({"offers": [{"window": {"minutes": 5}}]}, "offers[0].total", "is required"),
        ({"ofers": []}, "ofers", "is not a known field: did you mean offers?"),
        ({"offers": offers({"waves": [1, 41]})}, "offers[0].waves[1]", "1 to 40, or all"),
        ({"offers": offers({"waves": ["al"]})}, "offers[0].waves[0]", "or all"),
        ({"offers": offers({"waves": ["all", 3]})}, "offers[0].waves", "comes last"),
        (
            {"offers": offers({"waves": [1, 3], "partners": 3})},
            "offers[0].partners",
            "the waves say how many",
        ),
        (
            backups({"order": ["partner", "partner"]}),
            "fallback.backup[0].order[1]",
            "is there already",
        ),
        (
            backups({"order": ["partner"]}, partner="p1"),
            "fallback.backup_partner",
            "is never asked",
        ),
        (
            backups({"when": {"urgency": "soon"}}),
            "fallback.backup",
            "needs one rule without `when`",
        ),
        (
            backups({"when": {"urgency": "later"}}, {}),
            "fallback.backup[0].when.urgency",
            "is not defined",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_path_and_what_would_be_right(changes, path, said):
    found = problems(**changes)
    assert path in found, found
    assert said in found[path]


def test_every_problem_is_named_at_once():
    found = problems(
        hq={"emails": ["hq@example.com"], "language": "fr"}, reminders={"at": [0.9, 0.1]}
    )
    assert set(found) == {"hq.language", "reminders.at"}


def test_a_hostile_field_name_is_bounded_in_the_problem():
    (path,) = problems(**{"x\u202e" * 500: 1})
    assert len(path) <= 60
    assert "\u202e" not in path


def test_a_document_is_the_same_after_being_stored():
    programme = a_programme()
    stored = programme.model_dump(mode="json", by_alias=True)
    assert read_programme(stored) == programme


# Rules


def test_the_most_specific_rule_wins_and_the_first_of_equals():
    programme = a_programme(
        offers=[
            GENERAL | {"window": {"minutes": minutes}, "when": when}
            for minutes, when in enumerate(
                [
                    {},
                    {"urgency": "soon"},
                    {"product": "boiler"},
                    {"urgency": "soon", "product": "boiler"},
                ],
                start=1,
            )
        ]
    )

    def minutes(**facts):
        return most_specific_rule(programme.offers, **facts).window.minutes

    assert minutes(urgency="emergency", product="heat-pump") == 1
    assert minutes(urgency="soon", product="heat-pump") == 2
    assert minutes(urgency="emergency", product="boiler") == 3
    assert minutes(urgency="soon", product="boiler", partner_type="installer") == 4
    with pytest.raises(LookupError):
        most_specific_rule(programme.offers[1:], urgency="emergency", product="heat-pump")
    tie = [programme.offers[2], programme.offers[1]]
    assert most_specific_rule(tie, urgency="soon", product="boiler") is programme.offers[2]


def test_words_fall_back_to_the_first_language():
    assert in_language({"en": "Heat pump", "de": "Wärmepumpe"}, "de") == "Wärmepumpe"
    assert in_language({"en": "Heat pump"}, "fr") == "Heat pump"
    assert in_language({}, "en") == ""


@pytest.mark.parametrize(
    ("wanted", "spoken"), [("de-AT", "de"), ("DE", "de"), ("fr", "en"), ("", "en"), (None, "en")]
)
def test_readers_get_the_nearest_language(wanted, spoken):
    assert a_programme().language_for(wanted) == spoken


def test_of_a_browsers_languages_the_first_that_we_have_counts():
    assert a_programme().language_for(None, "fr-FR", "fr;q=0.9", " de;q=0.8", "en;q=0.1") == "de"
    assert a_programme().language_for("fr", "nl") == "en"


# Warnings


def test_short_windows_are_warned_about_and_long_ones_are_not():
    quick = programme_warnings(
        a_programme(offers=offers({"window": {"minutes": 9}}), fallback=backed_up())
    )
    assert len(quick) == 1
    assert quick[0].startswith("offers[0].window is 9 min: timers keep time to about a minute")
    assert (
        programme_warnings(
            a_programme(offers=offers({"window": {"minutes": 10}}), fallback=backed_up())
        )
        == []
    )


def test_an_emergency_that_waits_for_opening_is_warned_about():
    held = offers({"closed": "hold"})
    assert programme_warnings(a_programme(offers=held, fallback=backed_up())) == [
        "urgency emergency is an emergency, and waits until a partner opens: closed is hold"
    ]
    at_once = [*held, {"when": {"urgency": "emergency"}} | DOCUMENT["offers"][0]]
    assert programme_warnings(a_programme(offers=at_once, fallback=backed_up())) == []


def rule(**when):
    return {"when": when} | DOCUMENT["offers"][0]


def backed_up():
    return {"hq_hold": {"minutes": 60}, "backup_partner": "p1"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calendar": DOCUMENT["calendar"] | {"round_up_minutes": 90}}, "rounded up to 90 min"),
        (
            {"offers": offers({"window": {"working_days": 1}})},
            "offers[0].total is shorter than one window",
        ),
        ({"fallback": {"hq_hold": {"minutes": 60}}}, "backup_partner is empty"),
        ({"calendar": {"response_hours": {}, "round_up_minutes": 0}}, "response_hours are empty"),
        ({"forms": form(products=["boiler"])}, "product heat-pump is on no form"),
        ({"forms": form(urgencies=["soon"])}, "urgency emergency is on no form"),
        (
            {
                "forms": form(products=["boiler"]),
                "promise": [
                    {"within": {"minutes": 60}},
                    {"when": {"product": "heat-pump"}, "within": {"minutes": 5}},
                ],
            },
            "promise[1] is never used: no form asks for this",
        ),
        (
            {
                "offers": [
                    *DOCUMENT["offers"],
                    *(rule(urgency="soon", product=product) for product in ("boiler", "heat-pump")),
                    rule(urgency="soon"),
                ]
            },
            "offers[4] is never used: no form asks for this, or more specific rules come first",
        ),
        (
            {
                "promise": [
                    {"within": {"minutes": 60}},
                    {"when": {"partner_type": "installer"}, "within": {"minutes": 5}},
                ]
            },
            "promise[1] is never used: a promise is made before any partner is chosen",
        ),
        (
            {
                "fallback": backed_up()
                | {"backup": [{}, {"when": {"urgency": "soon", "product": "boiler"}}]},
                "forms": form(products=["heat-pump"]),
            },
            "fallback.backup[1] is never used: no form asks for this",
        ),
        (
            {"lost_reasons": [{"id": "a", "label": {"en": "A"}}]},
            "words in 'de' are missing at lost_reasons[0].label.de",
        ),
    ],
)
def test_what_is_probably_not_meant_is_said(changes, said):
    found = programme_warnings(a_programme(**({"fallback": backed_up()} | changes)))
    assert any(said in warning for warning in found), found


# Closing days


def test_holidays_are_expanded_for_three_years_when_saved():
    programme = a_programme(
        calendar=DOCUMENT["calendar"]
        | {"holiday_region": "DE-BY", "holidays": ["1999-01-01"], "closing_days": ["2026-12-24"]}
    )
    saved = with_public_holidays(programme, TODAY)
    closed = saved.hq_calendar.closed
    assert {
        date(2027, 1, 6),
        date(2028, 12, 25),
        date(2026, 12, 24),
    } <= closed  # Epiphany is Bavarian
    assert date(1999, 1, 1) not in closed
    assert max(closed).year == 2028
    assert with_public_holidays(saved, TODAY) == saved


def test_regions_differ_and_unknown_ones_are_named():
    assert date(2027, 1, 6) not in public_holidays("DE-NW", TODAY)
    assert date(2026, 7, 3) in public_holidays("US-CO", TODAY) or date(
        2026, 7, 4
    ) in public_holidays("US-CO", TODAY)
    assert public_holidays("", TODAY) == ()
    with pytest.raises(ValueError, match="use one of DE-BB, DE-BE"):
        public_holidays("DE-XX", TODAY)
    with pytest.raises(ValueError, match="not a region with known holidays"):
        public_holidays("nowhere", TODAY)
    with pytest.raises(InvalidInput, match=r"calendar\.holiday_region"):
        with_public_holidays(
            a_programme(calendar=DOCUMENT["calendar"] | {"holiday_region": "XX"}), TODAY
        )


def test_a_programme_without_a_region_keeps_its_dates():
    programme = a_programme(calendar=DOCUMENT["calendar"] | {"holidays": ["2026-12-25"]})
    assert with_public_holidays(programme, TODAY) is programme


# Reading YAML


def test_yaml_and_json_give_the_same_document():
    assert read_yaml("<<: {a: 1}") == {"<<": {"a": 1}}  # no merging behind the reader's back
    assert read_yaml("a: 1\nb: [x, yes]\nno: true") == read_yaml(
        '{"a": 1, "b": ["x", "yes"], "no": true}'
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: 'a' appears twice"),
        ('{"a": 1, "a": 2}', "'a' appears twice"),
        ("a: &big [x]\nb: [*big, *big]", "line 2: references"),
        ("a: [", "line 1"),
        ('{"a": NaN}', "'a': NaN is not a number"),
        ('{"a": {"b": [1, [-Infinity]]}}', "'b': -Infinity is not a number"),
        (
            '{"a": {"b": ' + "9" * 5_000 + "}}",
            "'b': 9999999999…, which has 5,000 digits, is not a number",
        ),
        ("[" + "9" * 5_000 + "]", "must be an object of fields"),
        ("- 1", "must be an object of fields"),
        ("", "must be an object of fields"),
        ("a: !!python/object/apply:os.system [ls]", "is not allowed here"),
        ("a: !!int 1:2", "is not allowed here"),
        ("a: 1\n--- \nb: 1", "a second document is not read"),
        ("[" * 5000, "nested too deep"),
        ("{" * 5000, "line 1"),
        ("\x00", "(document)"),
        ("- [a]: 1", "a key is a word"),
        ("x" * 600_000, "too large"),
    ],
)
def test_documents_that_cannot_be_meant_are_refused_with_their_line(text, said):
    with pytest.raises(InvalidInput) as caught:
        read_yaml(text)
    assert said in str(caught.value)


def test_yaml_makes_no_number_of_what_people_mean_as_a_word():
    assert read_yaml("at: 17:00\npostcode: 01067\nwhole: -12\npart: 0.5\nday: 2026-12-24\nnone: ~\nid: '7'") == {
        "at": "17:00", "postcode": "01067", "whole": -12, "part": 0.5, "day": "2026-12-24", "none": None, "id": "7",
    }  # fmt: skip


# Routing


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["demand tag x"], "is not a rule"),
        (["require tag x when colour is red"], "'colour' is not a question on any form"),
        (
            ["require tag x when owner is landlord"],
            "'owner' is never 'landlord': use one of owner, tenant",
        ),
        (["require tag x when urgency in soon, later"], "'urgency' is never 'later'"),
        (["require tag x when owner at least 5"], "'owner' is not a number"),
        (["require product roof"], "'roof' is not defined"),
        (["prefer tag answer colour"], "'colour' is not a question"),
        (["prefer tag x", "prefer  tag x"], "is there already"),
        (["require tag x", "forbid tag x"], "says the opposite"),
    ],
)
def test_a_rule_that_can_never_apply_or_that_nobody_can_read_is_refused(rules, said):
    told = problems(routing={"rules": rules})
    assert list(told) == [f"routing.rules[{len(rules) - 1}]"]
    assert said in next(iter(told.values()))


@pytest.mark.parametrize(
    ("rule", "used"),
    [
        ("require tag x when owner is owner and owner is tenant", False),
        ("require tag x when owner is not owner and owner is not tenant", False),
        ("require tag x when area at least 500 and area at most 400", False),
        ("require tag x when area between 5 and 9 and area is not 5", True),
        ("require tag x when area at least 5 and area at most 5", True),
        ("require tag x when score at least 80 and score at most 20", False),
        ("require tag x when notes has urgent and notes has repair", True),
        ("require tag x when product is boiler and urgency is soon and country is AT", True),
        ("require tag x when country is FR", False),
        ("require tag x when product is heat-pump and size is big", False),
        ("prefer tag answer size when product is boiler", True),
        ("prefer tag answer size when product is heat-pump", False),
        ("require tag x when region is munich and weekday in sat, sun and language is de", True),
    ],
)
def test_a_rule_whose_conditions_no_enquiry_can_meet_is_warned_about(rule, used):
    words = {"en": "Size", "de": "Größe"}
    size = {
        "id": "size",
        "label": words,
        "kind": "choice",
        "options": [{"id": "big", "label": words}],
    }
    small = DOCUMENT["forms"][0] | {"products": ["heat-pump"]}
    large = small | {
        "id": "large",
        "products": ["boiler"],
        "questions": [size, *small["questions"]],
    }
    rules = {"routing": {"rules": [rule]}, "forms": [small, large]}
    said = "routing.rules[0] is never used: no enquiry of any form can say all of this"
    assert (said in programme_warnings(a_programme(**rules))) is not used


GOLD = {
    "id": "boiler",
    "name": {"en": "B", "de": "B"},
    "required_tags": ["gold"],
    "certificate": "f",
}
GOLDEN = {"products": [GOLD, DOCUMENT["products"][0]]}
SOON_GOLDEN = {
    "urgencies": [DOCUMENT["urgencies"][0], DOCUMENT["urgencies"][1] | {"required_tags": ["gold"]}]
}
TYPES = {"partner_types": ["installer", "reseller"]}
NOBODY = "together leave nobody to ask"
FIRST_TWO = f"routing.rules[0] and routing.rules[1] {NOBODY}"


@pytest.mark.parametrize(
    ("rules", "changes", "said"),
    [
        (
            [
                "require tag x when owner is owner",
                "forbid tag x when owner is owner and urgency is soon",
            ],
            {},
            f"{FIRST_TWO} when owner is owner and urgency is soon",
        ),
        (["require tag x when owner is owner", "forbid tag x when owner is tenant"], {}, ""),
        (["require tag x or y", "forbid tag x when area at least 5"], {}, ""),
        (
            [
                "require tag x or y",
                "forbid tag x when area at least 5",
                "forbid tag y when area at most 9",
            ],
            {},
            f"routing.rules[0] and routing.rules[1] and routing.rules[2] {NOBODY} "
            "when area at least 5 and area at most 9",
        ),
        (
            [
                "require tag x or y",
                "forbid tag x when area at most 5",
                "forbid tag y when area at least 9",
            ],
            {},
            "",
        ),
        (["forbid tag x or y", "require tag y"], {}, FIRST_TWO),
        (["require tag x", "forbid certificate x"], {}, ""),
        (["require tag x", "require tag y"], {}, ""),
        (
            ["require type installer", "require type reseller when product is boiler"],
            TYPES,
            FIRST_TWO,
        ),
        (["forbid type installer when product is boiler"], TYPES, ""),
        (
            ["forbid type installer when urgency is soon", "forbid type reseller"],
            TYPES,
            f"routing.rules[0] and routing.rules[1] and partner_types {NOBODY} when urgency is soon",
        ),
        (
            ["require specialisation answer owner", "forbid specialisation tenant"],
            {},
            f"{FIRST_TWO} when owner is tenant",
        ),
        (["require specialisation answer owner", "forbid specialisation else"], {}, ""),
        (
            ["forbid tag gold when product is boiler"],
            GOLDEN,
            f"routing.rules[0] and products[0].required_tags {NOBODY} when product is boiler",
        ),
        (["forbid tag gold when product is heat-pump"], GOLDEN, ""),
        (
            ["forbid certificate f"],
            GOLDEN,
            f"routing.rules[0] and products[0].certificate {NOBODY}",
        ),
        (
            ["forbid tag gold"],
            SOON_GOLDEN,
            f"routing.rules[0] and urgencies[1].required_tags {NOBODY}",
        ),
        (
            ["forbid product boiler when area at least 5"],
            {},
            f"routing.rules[0] and products[1] {NOBODY}",
        ),
        (
            ["forbid language de"],
            {"match_language": True},
            f"routing.rules[0] and match_language {NOBODY}",
        ),
        (["forbid language de"], {"match_language": False}, ""),
    ],
)
def test_rules_that_together_leave_nobody_are_warned_about_by_name(rules, changes, said):
    found = programme_warnings(
        a_programme(**{"routing": {"rules": rules}, "fallback": backed_up(), **changes})
    )
    assert [said in warning for warning in found] == ([True] if said else []), found


HAS = "changes nothing: whoever is asked has it, by"
NOT = "changes nothing: nobody who has it is asked, by"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["prefer tag x", "forbid tag x or y"], f"routing.rules[0] {NOT} routing.rules[1]"),
        (
            ["forbid tag x", "prefer tag x when owner is owner"],
            f"routing.rules[1] {NOT} routing.rules[0]",
        ),
        (["forbid tag x when owner is owner", "prefer tag x"], ""),
        (["forbid tag x", "prefer tag x or y"], ""),
        (
            ["require tag x", "prefer tag x when area at least 5"],
            f"routing.rules[1] {HAS} routing.rules[0]",
        ),
        (["require tag x or y", "prefer tag x"], ""),
        (["require tag x or y", "require tag y"], f"routing.rules[0] {HAS} routing.rules[1]"),
        (["require tag x or y", "require tag y or x"], f"routing.rules[1] {HAS} routing.rules[0]"),
        (["forbid tag x or y", "forbid tag x"], f"routing.rules[1] {NOT} routing.rules[0]"),
        (
            ["prefer tag answer owner when urgency is soon", "require tag answer owner"],
            f"routing.rules[0] {HAS} routing.rules[1]",
        ),
        (["prefer product boiler when product is boiler"], f"routing.rules[0] {HAS} products[1]"),
        (["prefer tag x", "prefer tag x or y"], ""),
    ],
)
def test_a_rule_that_another_leaves_nothing_to_do_is_warned_about(rules, said):
    assert programme_warnings(a_programme(routing={"rules": rules}, fallback=backed_up())) == (
        [said] if said else []
    )


def test_wishes_are_never_used_where_the_order_does_not_look_at_them():
    rules = ["require tag y", "prefer tag x"]
    said = ["routing.rules[1] is never used: preferred is not in routing.order"]
    assert (
        programme_warnings(
            a_programme(routing={"rules": rules, "order": ["tier"]}, fallback=backed_up())
        )
        == said
    )
    ordered = {"rules": rules, "order": ["tier", "preferred"]}
    assert programme_warnings(a_programme(routing=ordered, fallback=backed_up())) == []


def test_rules_about_answers_and_the_order_of_partners_are_taken_as_they_stand():
    rules = [
        "require tag big when area at least 500",
        "prefer specialisation answer owner",
        "forbid type installer",
    ]
    programme = a_programme(
        routing={"rules": rules, "order": ["weight", "distance"], "back": "keep"}
    )
    assert programme.routing.rules == rules
    assert problems(routing={"order": ["weight", "weight"]}).keys() == {"routing.order[1]"}
    top = problems(qualification={"offer_from": 40, "top_tier_from": 30})
    assert top == {"qualification.top_tier_from": "must not be below offer_from"}


def test_no_pattern_of_the_programme_or_of_a_partner_is_left_without_words():
    """``String should match pattern '^[A-Z]{2}$'`` was told to people."""
    from routing_core.domain.programme import document, programme
    from routing_core.formats import partner_document

    for module in (document, partner_document, programme):
        source = Path(module.__file__).read_text("utf-8")
        for pattern in re.findall(r'pattern=r"([^"]+)"', source):
            assert pattern in document._PATTERNS, pattern


def test_a_spelling_that_two_products_go_by_is_refused():
    document = programme_document()
    document["products"][0]["also"] = ["GTX Pro", document["products"][1]["id"].upper()]
    with pytest.raises(InvalidInput) as refused:
        read_programme(document)
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == ("products[0].also[1]", "ambiguous")
