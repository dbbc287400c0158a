"""What the documents that HQ writes are made of: words, windows of time, rules, and problems said
plainly.
"""

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
Line = Annotated[str, Field(max_length=200)]
"""A name or an address: it stands in the header of a mail."""
Words = Annotated[str, Field(max_length=5_000)]
"""A consent or an imprint: it is kept with each enquiry, or stands in each mail."""
Text = dict[Annotated[str, Field(max_length=20)], Words]
"""The same words by language code: ``{"en": "Heat pump", "de": "Wärmepumpe"}``."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name[:100])  # much faster than listing all of them
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = probably_meant(name)
        hint = f"did you mean {meant}?" if meant else "use one like Europe/Berlin or America/Denver"
        raise ValueError(f"{name[:60]!r} is not a time zone: {hint}") from error
    return name


def mail_address(text: str) -> str:
    """An address as written for machines; raises ValueError."""
    if not text:
        raise ValueError("is required")
    from email_validator import EmailNotValidError, validate_email

    try:
        # Only ASCII local parts: the mail service sends to no others. Domains come back as in DNS.
        return (
            validate_email(text, check_deliverability=False, allow_smtputf8=False).ascii_email
            or text
        )
    except EmailNotValidError as error:
        raise ValueError(
            f"{text[:60]!r} is not an email address: use one like name@example.com"
        ) from error


TimeZone = Annotated[str, AfterValidator(_known_zone)]
Email = Annotated[str, Field(max_length=254), AfterValidator(mail_address)]


class Doc(BaseModel):
    """A part of the programme: unknown fields are errors, numbers are finite, and nothing changes
    after reading.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def say(text: Text, language: str) -> str:
    """The words in that language, else in the first one written; empty if there are none."""
    return text.get(language) or next(iter(text.values()), "")


class Window(Doc):
    """A length of time in exactly one unit: ``minutes``, ``response_hours`` or ``working_days``."""

    minutes: float | None = Field(None, ge=0.1, le=100_000)
    """From six seconds, for timers come no sooner, to ten weeks."""
    response_hours: float | None = Field(None, ge=0.01, le=1_000)
    """Up to half a year of office hours."""
    working_days: int | None = Field(None, ge=1, le=200)
    """Up to a year, which is as far as calendars know holidays."""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(v is not None for v in (self.minutes, self.response_hours, self.working_days)) != 1:
            raise ValueError("state exactly one of minutes, response_hours, working_days")
        return self

    @property
    def duration(self) -> Duration:
        return Duration(self.minutes, self.response_hours, self.working_days)


class When(Doc):
    """Conditions of a rule; what is left out matches everything."""

    partner_type: Line | None = None
    product: Line | None = None
    urgency: Line | None = None

    def matches(self, partner_type: str | None, product: str | None, urgency: str | None) -> bool:
        return (
            (self.partner_type is None or self.partner_type == partner_type)
            and (self.product is None or self.product == product)
            and (self.urgency is None or self.urgency == urgency)
        )

    def stated(self) -> dict[str, str]:
        values = {
            "partner_type": self.partner_type,
            "product": self.product,
            "urgency": self.urgency,
        }
        return {name: value for name, value in values.items() if value is not None}


class Rule(Doc):
    when: When = When()


R = TypeVar("R", bound=Rule)


def pick(
    rules: Iterable[R],
    *,
    partner_type: str | None = None,
    product: str | None = None,
    urgency: str | None = None,
) -> R:
    """The matching rule that states the most conditions; the first of equals.

    Raises LookupError if none matches: a checked programme has a rule without conditions in each
    list.
    """
    matching = [rule for rule in rules if rule.when.matches(partner_type, product, urgency)]
    if not matching:
        raise LookupError(f"no rule for {partner_type=}, {product=}, {urgency=}")
    return (
        matching[0]
        if len(matching) == 1
        else max(matching, key=lambda rule: len(rule.when.stated()))
    )


def problems_of(error: ValidationError) -> list[Problem]:
    """The first hundred of pydantic's errors as ours."""
    return [
        problem_of(each)
        for each in error.errors(include_url=False, include_input=False)[:MOST_TOLD]
    ]


def problem_of(error: Any) -> Problem:
    """One of pydantic's errors as ours, in words for people who write documents."""
    path = "".join(
        f"[{p}]" if isinstance(p, int) else f".{one_line(p[:60])}" for p in error["loc"]
    ).lstrip(".")
    message = _PLAIN.get(error["type"], error["msg"].removeprefix("Value error, "))
    if error["type"] == "string_pattern_mismatch":
        message = _PATTERNS.get(error["ctx"]["pattern"], "is not written as it should be")
    if error["type"] in _BOUNDS:
        (bound,) = error["ctx"].values()
        plain = int(bound) if bound == int(bound) else bound  # 1,000 and not 1,000.0
        message = f"must be {_BOUNDS[error['type']]} {plain:,}"
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(error["loc"][-1])[:60], _field_names(Doc), n=1)
        message += f": did you mean {near[0]}?" if near else ""
    return Problem(
        path or "(document)", "required" if message == "is required" else error["type"], message
    )


_PATTERNS = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": "is not an id: use lower-case letters, digits, - and _, at most 40, as in heat-pump",
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$": "is not an id: use letters, digits, - and _, at most 40, as in isar-heating-2",
    r"^([A-Za-z0-9][A-Za-z0-9_-]{0,39})?$": "is not a partner id: use letters, digits, - and _, as in isar-heating-2",
    r"^[a-z]{2,3}$": "is not a language: use its code, as in de or en",
    r"^[A-Z]{2}$": "is not a country: use its code, as in DE, AT or US",
    r"^[A-Z]{3}$": "is not a currency: use its code, as in EUR or USD",
    r"^#[0-9a-fA-F]{6}$": "is not a colour: use one like #1f4e79",
    r"^(data:image/(svg\+xml|png|jpeg)[;,].*)?$": "is not an embedded image: use data:image/svg+xml;base64,…",
    r"^(https?://\S+)?$": "is not a web address: use one like https://www.example.com/privacy",
    r"^https?://[^/\s]+$": "is not an origin: use one like https://www.example.com, without a path",
    r"^([01]\d|2[0-3]):[0-5]\d$": "is not a time of day: use one like 08:30",
    r"^[a-z0-9-]+(\.[a-z0-9-]+)+$": "is not an email domain: use one like example.com",
}
"""What is said instead of a pattern, which nobody reads."""
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


def _field_names(model: type[BaseModel]) -> set[str]:
    own = {field.alias or name for name, field in model.model_fields.items()}
    return own.union(*(_field_names(part) for part in model.__subclasses__()))
