"""Every word people see exists in both languages, for everything the product can say."""

import re
from pathlib import Path

import pytest
import yaml

from routing_core.domain.events import CLASS_OF, PARTNER_EVENTS
from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import OfferKind, OfferStatus
from routing_core.domain.values.clean import named
from routing_core.formats.yaml_text import read_yaml
from routing_core.present.catalog import LANGUAGES, LOCALES, american, catalog_for
from routing_core.present.lead_summary import place_words
from routing_core.present.pages.offer import OFFER_NOTICES
from routing_core.present.pages.queue import QUEUE_NOTICES
from routing_core.present.pages.status import STATUS_NOTICES
from routing_core.present.safe import line, quote_lines, shown_address
from routing_core.routing.decide.eligibility import REASONS
from routing_core.routing.decide.ranking import CRITERIA
from routing_core.service.kernel.views import OfferState

PROBLEMS = (
    *(
        "required",
        "too_long",
        "invalid_postcode",
        "invalid_email",
        "invalid_phone",
        "unknown_option",
    ),
    *(
        "invalid_number",
        "invalid_text",
        "consent_missing",
        "unknown_country",
        "different_body",
        "too_large",
        "notes_full",
    ),
    *("malformed", "invalid_date", "past_day", "before_first", "too_far_ahead"),
)


def texts(path: Path) -> dict[str, str]:
    def flat(prefix: str, value: object) -> dict[str, str]:
        if isinstance(value, dict):
            return {
                k: v
                for name, inner in value.items()
                for k, v in flat(f"{prefix}.{name}", inner).items()
            }
        return {prefix: str(value)}

    return flat(path.stem, yaml.safe_load(path.read_text("utf-8")))


def catalogue(language: str) -> dict[str, str]:
    return {
        k: v for path in sorted((LOCALES / language).glob("*.yaml")) for k, v in texts(path).items()
    }


@pytest.mark.parametrize(
    "path", sorted(LOCALES.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_no_key_is_written_twice_so_that_one_text_hides_another(path: Path) -> None:
    assert read_yaml(path.read_text("utf-8"))


def test_both_languages_have_the_same_keys() -> None:
    english, german = (catalogue(language) for language in LANGUAGES)
    assert english.keys() == german.keys()


def test_both_languages_fill_in_the_same_things() -> None:
    english, german = (catalogue(language) for language in LANGUAGES)

    def filled(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    optional = {"brand", "n"}
    differing = {
        k for k in english if filled(english[k]) - optional != filled(german[k]) - optional
    }
    assert not differing


def test_no_text_is_empty_or_a_yaml_accident() -> None:
    for language in LANGUAGES:
        for key, text in catalogue(language).items():
            assert text.strip(), key
            assert text not in ("None", "True", "False"), key
            assert not re.search(r"\.(True|False|None)(\.|$)", key), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_the_product_can_say_has_words(language: str) -> None:
    catalog = catalog_for(language)
    needed = [f"facts.{kind}" for kind in (*CLASS_OF, *PARTNER_EVENTS)]
    needed += [f"facts.excluded.{reason}" for reason in REASONS]
    needed += [f"explain.excluded.{reason}" for reason in REASONS]
    needed += [f"explain.key.{name}" for name in (*CRITERIA, "alike")]
    needed += [f"explain.{kind.value}" for kind in (OfferKind.BACKUP, OfferKind.WAITING)]
    needed += [f"facts.status_name.{status.value}" for status in LeadStatus]
    needed += [f"facts.offer_status.{status.value}" for status in OfferStatus]
    needed += [f"facts.kind.{kind.value}" for kind in OfferKind]
    needed += [f"offer.kicker.{state.value}" for state in OfferState]
    needed += [f"offer.notice.{notice}" for notice in OFFER_NOTICES]
    needed += [f"status.notice.{notice}" for notice in STATUS_NOTICES]
    needed += [f"queue.notice.{notice}" for notice in QUEUE_NOTICES]
    needed += [f"desk.notice.{notice}" for notice in ("paused", "resumed")]
    needed += [f"problems.code.{code}.any" for code in PROBLEMS]
    fill = {
        "longest": 1,
        "postcode": "",
        "n": 1,
        "product": "",
        "value": "",
        "when": "",
        "because": "",
        "partner": "",
        "reason": "",
        "of": "",
        "why": "",
        "by": "",
        "brand": "",
    }
    assert [key for key in needed if catalog.find(key, **fill) is None] == []


def test_one_is_not_many() -> None:
    catalog = catalog_for("en")
    assert catalog.translate("common.time.hours", n=1) == "1 hour"
    assert catalog.translate("common.time.hours", n=2) == "2 hours"


def test_a_language_nobody_wrote_reads_english() -> None:
    assert catalog_for("fr").language == "en"
    assert catalog_for("de-AT").language == "de"


def test_the_united_states_spell_it_their_way() -> None:
    assert catalog_for("en_US").translate("status.postcode.label") == "ZIP code"
    assert catalog_for("en_US").translate("offer.kicker.open") == "New inquiry"
    assert catalog_for("en_DE").translate("offer.kicker.open") == "New enquiry"
    assert american("Enquiries for {town}: the programme") == "Inquiries for {town}: the program"
    assert catalog_for("en_US").translate("desk.places_open", n=2) == "2 inquiries open"
    assert catalog_for("en_US").translate("form.label.street") == "Street address"
    assert american("Your holiday. Public holidays: calendar.holiday_region") == (
        "Your vacation. Public holidays: calendar.holiday_region"
    )


def test_a_missing_key_is_an_error_and_a_missing_code_is_shown() -> None:
    with pytest.raises(LookupError):
        catalog_for("en").translate("mails.no.such")
    assert catalog_for("en").of_code("facts.why", "no_such_code") == "no such code"


def test_what_is_filled_in_stays_on_one_line() -> None:
    assert "\n" not in catalog_for("en").translate(
        "mails.unseen.subject", partner="Ada\r\nBcc: x@y.z"
    )


def test_a_line_has_no_hidden_characters() -> None:
    assert line("a\r\nb\x00c\u202ed\u200be") == "a b c d e"
    assert line("x" * 400).endswith("…")


def test_quoted_lines_cannot_pass_for_ours() -> None:
    assert quote_lines("one\r\n\r\nYour link:\u2028two") == "> one\n>\n> Your link:two"


@pytest.mark.parametrize(
    "name",
    ["Visit www.win.example", "http://x.y", "a@b.c", "Call 0900 1234", "win.example now", "x" * 80],
)
def test_an_advertisement_is_told_to_nobody_as_a_name(name: str) -> None:
    assert named(name) == ""


@pytest.mark.parametrize(
    "name", ["Ada Lovelace", "Dr. Jürgen Müller-Lüdenscheidt", "O’Neill, Siobhán", "李小龍"]
)
def test_a_persons_name_is_told(name: str) -> None:
    assert named(name) == name


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("info@xn--mller-kva.example", "info@müller.example"),
        ("a@mail.xn--strae-oqa.example", "a@mail.straße.example"),
        ("a@xn--fiqs8s.example", "a@中国.example"),
        ("a@xn--pypal-4ve.example", "a@xn--pypal-4ve.example"),  # one letter of it is Cyrillic
        ("a@xn--.example", "a@xn--.example"),
        ("a@xn--99999999999.example", "a@xn--99999999999.example"),
        ("plain@example.com", "plain@example.com"),
    ],
)
def test_a_domain_with_umlauts_is_shown_as_it_is_written(stored: str, shown: str) -> None:
    assert shown_address(stored) == shown


@pytest.mark.parametrize("town", ["Denver", "Denver, CO", "Denver CO", "denver,co"])
def test_the_state_is_named_once_however_the_town_was_written(town: str) -> None:
    told = place_words("US", "80202", town)
    assert re.findall(r"\bCO\b", told.upper()) == ["CO"], told


OF_OFFERS = ("backtest", "coverage", "explain")


@pytest.mark.parametrize("name", OF_OFFERS)
def test_in_german_a_partner_is_asked_and_only_a_quote_is_an_angebot(name: str) -> None:
    told = [
        key for key, text in texts(LOCALES / "de" / f"{name}.yaml").items() if "Angebot" in text
    ]
    assert told == []


def test_whoever_is_addressed_as_sie_reads_of_no_page_of_hers() -> None:
    assert [
        key for key, text in catalogue("de").items() if re.search(r"\bihrer Seite\b", text)
    ] == []


TRANSLATED = {
    "en": r"no postcode of that country|Of the place where|See where it stands|Who asked|Erase who asked"
    r"|Nobody (else )?can be asked|it does not count|Note as won|Customer hears by|by today|\d %|[Ee]-mail",
    "de": r"Ich habe gesprochen|Zu ergänzen|Niemand habe angerufen|[Ee]mail|e-Mail|(?<!E-)\bMails?\b|\d%",
}
"""What read as translated, and how nobody spells it."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_reads_as_translated_again(language: str) -> None:
    said = {key: re.sub(r"\{\w+\}", "", text) for key, text in catalogue(language).items()}
    assert [key for key, text in said.items() if re.search(TRANSLATED[language], text)] == []
