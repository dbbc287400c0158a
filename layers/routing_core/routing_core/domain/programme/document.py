"""Define what HQ's documents are made of: words, windows of time, rules; and their problems."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from routing_core.domain.calendar.business_time import Duration
from routing_core.domain.calendar.zones import probably_meant
from routing_core.domain.errors import MOST_TOLD, Problem
from routing_core.domain.values.clean import one_line

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""Other parts of a document name a part by its id: ``heat-pump``."""
OneLine = Annotated[str, Field(max_length=200)]
"""A name or an address is a short text: it stands in the header of a mail."""
LongText = Annotated[str, Field(max_length=5_000)]
"""A consent or an imprint is a long text: it is kept with each enquiry, or stands in each mail."""
LanguageTag = Annotated[str, Field(max_length=20)]
"""A language is named by its code: ``de``."""
LocalizedText = dict[LanguageTag, LongText]
"""The same words are kept by language code: ``{"en": "Heat pump", "de": "Wärmepumpe"}``."""


def _known_zone(name: str) -> str:
    try:
        # Opening one zone is much faster than listing all of them.
        ZoneInfo(name[:100])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = probably_meant(name)
        hint = "use one like Europe/Berlin or America/Denver"
        if meant:
            hint = f"did you mean {meant}?"
        raise ValueError(f"{name[:60]!r} is not a time zone: {hint}") from error
    return name


def mail_address(text: str) -> str:
    """Give an address as machines write it; raises ValueError saying what would be right."""
    if not text:
        raise ValueError("is required")
    # Imported here: the package takes long to load, and most requests read no new address.
    from email_validator import EmailNotValidError, validate_email

    try:
        # Only ASCII local parts: the mail service sends to no others. Domains come back as in DNS.
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        hint = "use one like name@example.com"
        raise ValueError(f"{text[:60]!r} is not an email address: {hint}") from error
    return address.ascii_email or text


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""A time zone is one of the IANA database: ``Europe/Berlin``."""
Email = Annotated[str, Field(max_length=254), AfterValidator(mail_address)]
"""An address is kept as machines write it."""


class Doc(BaseModel):
    """A part of a document refuses unknown fields and infinite numbers, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def in_language(text: LocalizedText, language: str) -> str:
    """Give the words in that language, else in the first one written; empty if there are none."""
    return text.get(language) or next(iter(text.values()), "")


class Window(Doc):
    """A window is a length of time in minutes, response hours or working days; one of them."""

    minutes: float | None = Field(None, ge=0.1, le=100_000)
    """The clock runs from six seconds, for timers come no sooner, to ten weeks."""
    response_hours: float | None = Field(None, ge=0.01, le=1_000)
    """Up to half a year of office hours is counted."""
    working_days: int | None = Field(None, ge=1, le=200)
    """Up to a year is counted, which is as far as calendars know holidays."""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        units = (self.minutes, self.response_hours, self.working_days)
        stated = [unit for unit in units if unit is not None]
        if len(stated) != 1:
            raise ValueError("state exactly one of minutes, response_hours, working_days")
        return self

    @property
    def duration(self) -> Duration:
        """Give the length of time as a calendar adds it."""
        return Duration(self.minutes, self.response_hours, self.working_days)


class When(Doc):
    """A rule applies where all of these hold; what is left out matches everything."""

    partner_type: OneLine | None = None
    """The rule is for partners of this type."""
    product: OneLine | None = None
    """The rule is for enquiries about this product."""
    urgency: OneLine | None = None
    """The rule is for enquiries of this urgency."""

    def matches(self, partner_type: str | None, product: str | None, urgency: str | None) -> bool:
        """Tell whether the rule is for this type of partner, product and urgency."""
        # Written out, and not looped over `stated()`: each decision asks this of every rule.
        return (
            (self.partner_type is None or self.partner_type == partner_type)
            and (self.product is None or self.product == product)
            and (self.urgency is None or self.urgency == urgency)
        )

    def stated(self) -> dict[str, str]:
        """Give the conditions that are not left out, by the name of their field."""
        values = {
            "partner_type": self.partner_type,
            "product": self.product,
            "urgency": self.urgency,
        }
        return {name: value for name, value in values.items() if value is not None}


class Rule(Doc):
    """A rule is one entry of a list of which the most specific that matches counts."""

    when: When = When()
    """The rule is for these cases; left out, it is the general rule."""


R = TypeVar("R", bound=Rule)


def most_specific_rule(
    rules: Iterable[R],
    *,
    partner_type: str | None = None,
    product: str | None = None,
    urgency: str | None = None,
) -> R:
    """Give the matching rule that states the most conditions; the first of equals.

    Raises LookupError if none matches: a checked programme has a rule without conditions in each
    list.
    """
    matching = [rule for rule in rules if rule.when.matches(partner_type, product, urgency)]
    if not matching:
        raise LookupError(f"no rule for {partner_type=}, {product=}, {urgency=}")
    if len(matching) == 1:
        return matching[0]
    return max(matching, key=_count_of_conditions)


def _count_of_conditions(rule: Rule) -> int:
    return len(rule.when.stated())


# ── what is wrong, in words for people who write documents ────────────────────────────────────────


def problems_of(error: ValidationError) -> list[Problem]:
    """Give the first hundred of pydantic's errors as problems of ours."""
    errors = error.errors(include_url=False, include_input=False)
    return [problem_of(each) for each in errors[:MOST_TOLD]]


def problem_of(error: Any) -> Problem:
    """Give one of pydantic's errors as a problem in words for people who write documents."""
    kind: str = error["type"]
    message: str = _PLAIN.get(kind, error["msg"].removeprefix("Value error, "))
    if kind == "string_pattern_mismatch":
        message = _PATTERNS.get(error["ctx"]["pattern"], "is not written as it should be")
    if kind in _BOUNDS:
        (bound,) = error["ctx"].values()
        message = f"must be {_BOUNDS[kind]} {_plain_number(bound):,}"
    if kind == "extra_forbidden":
        message += _probably_meant_field(str(error["loc"][-1]))
    code = "required" if message == "is required" else kind
    return Problem(_path_of(error["loc"]) or "(document)", code, message)


def _path_of(location: Iterable[int | str]) -> str:
    """Write a path as people read it: ``offers[0].window``."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            # A step is a key that somebody typed: it may be long, or hold invisible characters.
            path += f".{one_line(step[:60])}"
    return path.lstrip(".")


def _plain_number(bound: float) -> float:
    """Give 1,000 and not 1,000.0 where a bound is whole."""
    return int(bound) if bound == int(bound) else bound


def _probably_meant_field(written: str) -> str:
    near = get_close_matches(written[:60], _field_names(Doc), n=1)
    return f": did you mean {near[0]}?" if near else ""


def _field_names(model: type[BaseModel]) -> set[str]:
    """Collect the fields of every kind of document there is."""
    names = {field.alias or name for name, field in model.model_fields.items()}
    for part in model.__subclasses__():
        names |= _field_names(part)
    return names


_PATTERNS = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": (
        "is not an id: use lower-case letters, digits, - and _, at most 40, as in heat-pump"
    ),
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$": (
        "is not an id: use letters, digits, - and _, at most 40, as in isar-heating-2"
    ),
    r"^([A-Za-z0-9][A-Za-z0-9_-]{0,39})?$": (
        "is not a partner id: use letters, digits, - and _, as in isar-heating-2"
    ),
    r"^[a-z]{2,3}$": "is not a language: use its code, as in de or en",
    r"^[A-Z]{2}$": "is not a country: use its code, as in DE, AT or US",
    r"^[A-Z]{3}$": "is not a currency: use its code, as in EUR or USD",
    r"^#[0-9a-fA-F]{6}$": "is not a colour: use one like #1f4e79",
    r"^(data:image/(svg\+xml|png|jpeg)[;,].*)?$": (
        "is not an embedded image: use data:image/svg+xml;base64,…"
    ),
    r"^(https?://\S+)?$": "is not a web address: use one like https://www.example.com/privacy",
    r"^https?://[^/\s]+$": (
        "is not an origin: use one like https://www.example.com, without a path"
    ),
    r"^([01]\d|2[0-3]):[0-5]\d$": "is not a time of day: use one like 08:30",
    r"^[a-z0-9-]+(\.[a-z0-9-]+)+$": "is not an email domain: use one like example.com",
}
"""This is said instead of a pattern, which nobody reads."""
_BOUNDS = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "greater_than": "more than",
    "less_than": "less than",
}
_PLAIN = {
    "missing": "is required",
    "string_too_short": "is required",
    "too_short": "is required",
    "extra_forbidden": "is not a known field",
    "string_type": "must be text: put it in quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object of fields",
    "model_type": "must be an object of fields",
    "model_attributes_type": "must be an object of fields",
    "finite_number": "must be a finite number",
}
