"""Guess which column of somebody's list is which field of ours.

A column is known by its name: one of ours, what other systems and people call it, a question of the
form, or what HQ has said of it before. Capitals, spaces and signs do not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from routing_core.domain.programme.forms import Form
from routing_core.domain.values.spelled import folded

LEFT_OUT_COLUMN = ""
"""A column that means nothing here is left out."""
OUTCOME_FIELDS = ("partner", "outcome", "value", "accepted_at", "closed_at")
"""Fields of a list of the past alone: what became of each lead."""
PLAIN_FIELDS = (
    "id",
    "asked_at",
    "name",
    "first_name",
    "last_name",
    "company",
    "email",
    "phone",
    "street",
    "postcode",
    "town",
    "country",
    "product",
    "urgency",
    "message",
    "language",
    "source",
    "campaign",
    "consent",
    "consent_at",
    "consent_by",
)
"""Fields of every list, beside the questions of the form."""
SEVERAL_COLUMNS = frozenset({"message", "street"})
"""Fields that may be in several columns: they are put together."""
_CLOSE = 0.88
"""A name so alike (difflib's ratio) is rather a slip than another word."""

_CALLED: Mapping[str, str] = {
    "id": "lead id|lead-nr|leadnr|nr|no|number|nummer|record id|external id|kontakt-id|contact id|"
    "datensatz|lfd nr|laufende nummer|row id|scan id|badge id|vorgang|vorgangsnummer|"
    "the list’s own number|nummer in der liste",
    "asked_at": "received at|received|created at|created|created on|date|datum|erstellt am|erstellt|"
    "eingang|eingegangen am|anfragedatum|zeitpunkt|timestamp|zeitstempel|scan time|scanned at|"
    "besuch am|lead date|submitted at|submission date|date of the enquiry|datum der anfrage",
    "name": "full name|vollständiger name|ansprechpartner|contact|contact name|kontakt|"
    "kontaktperson|kunde|customer|interessent|prospect|person",
    "first_name": "first name|firstname|given name|vorname|forename",
    "last_name": "last name|lastname|surname|family name|nachname|familienname|zuname",
    "company": "firma|company name|unternehmen|organisation|organization|account|account name|"
    "firmenname|betrieb",
    "email": "e-mail|mail|email address|e-mail-adresse|mailadresse|e-mail address|work email",
    "phone": "telefon|telefonnummer|tel|telephone|phone number|mobile|mobil|handy|mobilnummer|"
    "handynummer|mobile phone|rufnummer|cell|cell phone|phone mobile",
    "street": "straße|strasse|anschrift|adresse|address|address 1|address line 1|street address|"
    "straße und hausnummer|hausnummer|hausnr|house number",
    "postcode": "plz|postleitzahl|zip|zip code|zipcode|postal code|post code|postcode/zip",
    "town": "ort|stadt|city|place|wohnort|ortschaft|gemeinde|locality",
    "country": "land|country code|staat|ländercode|country/region|nation",
    "product": "produkt|product interest|interesse|interest|produktinteresse|interessiert an|"
    "thema|topic|product name|angebot|lösung|solution",
    "urgency": "dringlichkeit|timeframe|zeitraum|wann|timeline|zeitrahmen|kaufzeitraum|"
    "when|priority|priorität|buying timeframe",
    "message": "nachricht|notes|note|notizen|notiz|bemerkung|bemerkungen|kommentar|comment|"
    "comments|anmerkung|anmerkungen|remarks|description|beschreibung|text|freitext|gesprächsnotiz",
    "language": "sprache|lang|locale|preferred language",
    "source": "quelle|lead source|herkunft|leadquelle|utm source|kanal|channel",
    "campaign": "kampagne|utm campaign|campaign name|messe|fair|event|veranstaltung",
    "consent": "einwilligung|opt-in|optin|dsgvo|gdpr|zustimmung|einverständnis|permission|"
    "marketing consent|datenschutz",
    "consent_at": "einwilligung am|einwilligungsdatum|consent date|opt-in date|zustimmung am|"
    "consent time|date of consent|datum der einwilligung",
    "consent_by": "einwilligung bei|consent taken by|erfasst von|scanned by|standpersonal|"
    "aufgenommen von|captured by|who took the consent|wer die einwilligung entgegennahm",
    "partner": "händler|dealer|partner id|partner name|reseller|fachbetrieb|zugewiesen an|"
    "assigned to|owner|vertriebspartner",
    "outcome": "ergebnis|status|result|ausgang|stage|phase|won or lost|gewonnen oder verloren",
    "value": "wert|amount|betrag|auftragswert|deal value|order value|umsatz|revenue|won value",
    "accepted_at": "angenommen am|accepted on|accepted|übernommen am",
    "closed_at": "abgeschlossen am|closed on|closed|close date|erledigt am|ended at",
}
"""What other systems and people call our fields, and what our own pages call them."""


def field_names(form: Form, *, is_past: bool) -> tuple[str, ...]:
    """Name the fields that a column of a list may be; one ``is_past`` has its outcome too."""
    questions = tuple(question.id for question in form.questions)
    names = (*PLAIN_FIELDS, *questions)
    return (*names, *OUTCOME_FIELDS) if is_past else names


def guess_columns(
    header: Sequence[str], form: Form, known: Mapping[str, str], *, is_past: bool
) -> tuple[str, ...]:
    """Give the field of each column; ``LEFT_OUT_COLUMN`` where nobody can tell.

    ``known`` is what HQ has said of columns before, by ``folded`` name. Each field is guessed once,
    but for those that may be in several columns.
    """
    allowed = field_names(form, is_past=is_past)
    names = _names_of(form, allowed)
    taken: set[str] = set()
    columns: list[str] = []
    for written in header:
        column = _field_of(written, names, known, allowed)
        if column in taken and column not in SEVERAL_COLUMNS:
            column = LEFT_OUT_COLUMN
        taken.add(column)
        columns.append(column)
    return tuple(columns)


def _field_of(
    written: str, names: Mapping[str, str], known: Mapping[str, str], allowed: Sequence[str]
) -> str:
    name = folded(written)
    said = known.get(name)
    if said is not None and said in (LEFT_OUT_COLUMN, *allowed):
        return said
    if name in names:
        return names[name]
    near = get_close_matches(name, list(names), n=1, cutoff=_CLOSE) if name else []
    return names[near[0]] if near else LEFT_OUT_COLUMN


def _names_of(form: Form, allowed: Sequence[str]) -> dict[str, str]:
    """Give the field of every name that a column may have; ours come before other people's."""
    names: dict[str, str] = {}
    for name in allowed:
        names.setdefault(folded(name), name)
    for question in form.questions:
        for label in (*question.label.values(), *question.short.values()):
            names.setdefault(folded(label), question.id)
    for name in allowed:
        for called in _CALLED.get(name, "").split("|"):
            names.setdefault(folded(called), name)
    names.pop("", None)
    return names


def said_of_columns(header: Iterable[str], columns: Iterable[str]) -> dict[str, str]:
    """Give what HQ said of each column, by ``folded`` name, to be known next time."""
    said = {folded(name): column for name, column in zip(header, columns, strict=True)}
    said.pop("", None)
    return said
