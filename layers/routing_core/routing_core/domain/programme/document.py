"""Define what HQ's documents are made of: words, windows of time, rules; and their problems."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from routing_core.domain.calendar.business_time import Duration
from routing_core.domain.calendar.zones import probably_meant
from routing_core.domain.errors import MOST_TOLD, Problem
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import Sentence, said_by, worded

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


def no_zone(name: str, meant: str) -> Sentence:
    """Say that a name is no time zone, and which one is probably meant."""
    if meant:
        english = "{value!r} is not a time zone: did you mean {meant}?"
        return worded("zone_meant", english, value=name, meant=meant)
    english = "{value!r} is not a time zone: use one like Europe/Berlin or America/Denver"
    return worded("zone", english, value=name)


def _known_zone(name: str) -> str:
    try:
        # Opening one zone is much faster than listing all of them.
        ZoneInfo(name[:100])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = probably_meant(name)
        raise ValueError(no_zone(name[:60], meant)) from error
    return name


def mail_address(text: str) -> str:
    """Give an address as machines write it; raises ValueError saying what would be right."""
    if not text:
        raise ValueError(worded("required", "is required"))
    # Imported here: the package takes long to load, and most requests read no new address.
    from email_validator import EmailNotValidError, validate_email

    try:
        # Only ASCII local parts: the mail service sends to no others. Domains come back as in DNS.
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        english = "{value!r} is not an email address: use one like name@example.com"
        raise ValueError(worded("email", english, value=text[:60])) from error
    return address.ascii_email or text


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""A time zone is one of the IANA database: ``Europe/Berlin``."""
Email = Annotated[str, Field(max_length=254), AfterValidator(mail_address)]
"""An address is kept as machines write it."""


class Doc(BaseModel):
    """A part of a document refuses unknown fields and infinite numbers, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


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
            english = "state exactly one of {units}"
            names = "minutes, response_hours, working_days"
            raise ValueError(worded("one_of", english, units=names))
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
    message = _said(kind, error)
    code = "required" if message == "is required" else kind
    return Problem(_path_of(error["loc"]) or "(document)", code, message)


def _said(kind: str, error: Any) -> str:
    """Say one of pydantic's errors in our words."""
    context = error.get("ctx", {})
    if isinstance(context.get("error"), ValueError):
        return said_by(context["error"])
    if kind == "string_pattern_mismatch":
        words, english = _PATTERNS.get(context["pattern"], _AS_IT_SHOULD_BE)
        return worded(words, english)
    measured = _measured(kind, context)
    if measured:
        return measured
    if kind == "extra_forbidden":
        return _unknown_field(str(error["loc"][-1]))
    return _PLAIN.get(kind) or worded("not_readable", "{why}", why=str(error["msg"]))


def _measured(kind: str, context: Mapping[str, Any]) -> str:
    """Say that a value is out of bounds, or none of those there are; empty for another kind."""
    if kind in _BOUNDS:
        words, english = _BOUNDS[kind]
        (bound,) = context.values()
        return worded(words, english, bound=f"{_plain_number(bound):,}")
    if kind in _LENGTHS:
        words, english = _LENGTHS[kind]
        return worded(words, english, most=f"{context['max_length']:,}")
    if kind == "literal_error":
        options = context["expected"].replace(" or ", ", ").replace("'", "")
        return worded("one_of_these", "must be one of {options}", options=options)
    return ""


def _unknown_field(written: str) -> str:
    meant = _probably_meant_field(written)
    if not meant:
        return worded("unknown_field", "is not a known field")
    english = "is not a known field: did you mean {meant}?"
    return worded("unknown_field_meant", english, meant=meant)


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
    """Guess the field that somebody meant; empty if there is no telling."""
    near = get_close_matches(written[:60], _field_names(Doc), n=1)
    return near[0] if near else ""


def _field_names(model: type[BaseModel]) -> set[str]:
    """Collect the fields of every kind of document there is."""
    names = {field.alias or name for name, field in model.model_fields.items()}
    for part in model.__subclasses__():
        names |= _field_names(part)
    return names


_PATTERNS = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": (
        "like.id",
        "is not an id: use lower-case letters, digits, - and _, at most 40, as in heat-pump",
    ),
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$": (
        "like.partner_id",
        "is not an id: use letters, digits, - and _, at most 40, as in isar-heating-2",
    ),
    r"^([A-Za-z0-9][A-Za-z0-9_-]{0,39})?$": (
        "like.maybe_partner_id",
        "is not a partner id: use letters, digits, - and _, as in isar-heating-2",
    ),
    r"^[a-z]{2,3}$": (
        "like.language",
        "is not a language: use its code, as in de or en",
    ),
    r"^[A-Z]{2}$": (
        "like.country",
        "is not a country: use its code, as in DE, AT or US",
    ),
    r"^[A-Z]{3}$": (
        "like.currency",
        "is not a currency: use its code, as in EUR or USD",
    ),
    r"^#[0-9a-fA-F]{6}$": (
        "like.colour",
        "is not a colour: use one like #1f4e79",
    ),
    r"^(data:image/(svg\+xml|png|jpeg)[;,].*)?$": (
        "like.image",
        "is not an embedded image: use data:image/svg+xml;base64,…",
    ),
    r"^(https?://\S+)?$": (
        "like.url",
        "is not a web address: use one like https://www.example.com/privacy",
    ),
    r"^https?://[^/\s]+$": (
        "like.origin",
        "is not an origin: use one like https://www.example.com, without a path",
    ),
    r"^([01]\d|2[0-3]):[0-5]\d$": (
        "like.time",
        "is not a time of day: use one like 08:30",
    ),
    r"^[a-z0-9-]+(\.[a-z0-9-]+)+$": (
        "like.domain",
        "is not an email domain: use one like example.com",
    ),
}
"""This is said instead of a pattern, which nobody reads."""
_AS_IT_SHOULD_BE = ("like.other", "is not written as it should be")
_BOUNDS = {
    "greater_than_equal": ("at_least", "must be at least {bound}"),
    "less_than_equal": ("at_most", "must be at most {bound}"),
    "greater_than": ("more_than", "must be more than {bound}"),
    "less_than": ("less_than", "must be less than {bound}"),
}
_LENGTHS = {
    "string_too_long": ("text_too_long", "is too long: at most {most} characters"),
    "too_long": ("list_too_long", "has too many entries: at most {most}"),
}
_REQUIRED = worded("required", "is required")
_OBJECT = worded("object", "must be an object of fields")
_NUMBER = worded("number", "must be a number")
_WHOLE = worded("whole_number", "must be a whole number")
_TRUTH = worded("true_or_false", "must be true or false")
_PLAIN = {
    "missing": _REQUIRED,
    "string_too_short": _REQUIRED,
    "too_short": _REQUIRED,
    "string_type": worded("text", "must be text: put it in quotes"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "list_type": worded("list", "must be a list"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "finite_number": worded("finite", "must be a finite number"),
    "date_type": worded("date", "must be a date, like 2026-12-24"),
    "date_parsing": worded("date", "must be a date, like 2026-12-24"),
    "date_from_datetime_parsing": worded("date", "must be a date, like 2026-12-24"),
    "date_from_datetime_inexact": worded("date", "must be a date, like 2026-12-24"),
}
