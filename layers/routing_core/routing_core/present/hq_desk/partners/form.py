"""The form of a partner's profile: its groups, its fields, and what is wrong in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing_core.domain.partner import TIERS
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_columns import COLUMNS, NEEDED_COLUMNS, column_of
from routing_core.present.hq_desk.partners.territories import TerritoryWords
from routing_core.present.hq_desk.partners.words import who_did_it
from routing_core.present.locale_context import LocaleContext
from routing_core.present.problems import problem_sentence
from routing_core.service.hq_desk.partner_form import ProfileForm

FIELD_GROUPS: Mapping[str, tuple[str, ...]] = {
    "area": ("territories", "products", "takes"),
    "firm": (
        *("name", "type", "tier", "weight", "street", "postcode", "town", "country", "website"),
        *("language", "languages", "time_zone"),
    ),
    "contact": (
        *("email", "contact_name", "phone"),
        *("second_email", "second_name", "second_phone"),
    ),
    "limits": (
        *("cap_open", "cap_day", "cap_week", "cap_month", "cap_paced"),
        *("cap_products", "cap_product_offers"),
    ),
    "skills": ("specialisations", "tags", "certificates"),
    "hours": ("response_hours", "holiday_region", "backup"),
}
"""The groups of fields in their order; the first is open."""
CHOICES = ("type", "tier", "language")
BOXES = ("products",)
TICKS = ("cap_paced",)
NUMBERS = ("weight", "cap_open", "cap_day", "cap_week", "cap_month")
HINTED = (
    *("territories", "takes", "certificates", "response_hours", "holiday_region", "backup"),
    *("languages", "cap_products", "cap_product_offers", "weight", "cap_paced", "tags"),
    *("specialisations", "second_email", "time_zone", "tier"),
)
"""Fields with a hint of how they are written, or what they do."""


@dataclass(frozen=True, slots=True)
class ProfileField:
    """One field as the template draws it."""

    name: str
    kind: str
    """``text``, ``lines``, ``number``, ``choice``, ``boxes`` or ``tick``."""
    value: str
    error: str = ""
    hinted: bool = False
    needed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    now: str | None = None
    """What somebody else has saved here meanwhile; None if nobody has."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """Give the boxes that are ticked."""
        return tuple(self.value.split("\n"))


@dataclass(frozen=True, slots=True)
class FormGroup:
    """A group of fields, open where something is wrong in it."""

    name: str
    fields: tuple[ProfileField, ...]
    open: bool


class FormWords:
    """Fills the template's form."""

    def __init__(self, form: ProfileForm, programme: Programme, locale: LocaleContext):
        self._form = form
        self._programme = programme
        self._locale = locale
        self._errors: dict[str, str] = {}
        for problem in form.problems:
            column = column_of(problem.field)
            self._errors.setdefault(column, problem_sentence(problem, locale.catalog))

    def fill(self) -> dict[str, Any]:
        """Give everything that the template's form names."""
        form = self._form
        words = TerritoryWords(self._programme, self._locale)
        return {
            "form": form,
            "groups": self._groups(),
            "profile_problems": self._problems(),
            "reach_told": words.reach(form.reach) if form.reach else [],
            "conflicts": self._conflicts(),
        }

    def _groups(self) -> list[FormGroup]:
        groups = []
        for place, (name, columns) in enumerate(FIELD_GROUPS.items()):
            fields = tuple(self._field(column) for column in columns)
            needs_look = any(each.error or each.now is not None for each in fields)
            groups.append(
                FormGroup(name, fields, needs_look or place == 0 or not self._form.version)
            )
        return groups

    def _field(self, name: str) -> ProfileField:
        return ProfileField(
            name,
            _kind(name),
            self._form.cells.get(name, ""),
            self._errors.get(name, ""),
            name in HINTED,
            name in NEEDED_COLUMNS,
            self._options(name),
            self._form.conflicts.get(name),
        )

    def _options(self, name: str) -> tuple[tuple[str, str], ...]:
        programme, locale = self._programme, self._locale
        match name:
            case "type":
                return tuple((each, each) for each in programme.partner_types)
            case "tier":
                return tuple((str(tier), str(tier)) for tier in TIERS)
            case "language":
                spoken = dict.fromkeys((*programme.languages, self._form.cells["language"]))
                return tuple((code, locale.language_name(code)) for code in spoken if code)
            case "products":
                return tuple((each.id, locale.say(each.name)) for each in programme.products)
        return ()

    def _problems(self) -> list[tuple[str, str, str]]:
        """List what is wrong for the summary: the field, its label, and the sentence."""
        found = []
        for name, sentence in self._errors.items():
            known = name in COLUMNS
            label = self._locale.translate(f"hq_partners.form.{name}") if known else ""
            found.append(
                (f"profile-{name}" if known else "", f"{label}:" if label else "", sentence)
            )
        return found

    def _conflicts(self) -> list[str]:
        """Say who has saved what since the form was shown, the newest first."""
        said = []
        for change in self._form.meanwhile:
            who = who_did_it(change.by, self._locale, self._programme)
            names = [field_name_told(each.field, self._locale) for each in change.fields]
            key = "changed_by" if who else "changed"
            when = self._locale.when_briefly(change.at)
            fill = {"who": who, "when": when, "fields": ", ".join(names)}
            said.append(self._locale.translate(f"hq_partners.conflict.{key}", **fill))
        return said


def _kind(name: str) -> str:
    if name in CHOICES:
        return "choice"
    if name in BOXES:
        return "boxes"
    if name in TICKS:
        return "tick"
    if name in NUMBERS:
        return "number"
    return "lines" if COLUMNS[name].cell.keeps_lines else "text"


def field_name_told(field: str, locale: LocaleContext) -> str:
    """Name a field of a profile as the history has it."""
    column = column_of(field)
    known = locale.catalog.find(f"hq_partners.form.{column}")
    return known or locale.catalog.of_code("hq_partners.changed_field", field)
