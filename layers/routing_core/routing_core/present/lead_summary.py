"""The lines that describe a lead, each under a label.

Before acceptance they say only what the programme allows.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from routing_core.domain.lead import Context, Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.forms import Question
from routing_core.domain.programme.programme import BEFORE_ACCEPT, Programme
from routing_core.domain.programme.rules import SEPARATOR
from routing_core.domain.territory.states import state_at
from routing_core.domain.territory.town_names import shown_towns
from routing_core.domain.territory.town_spelling import same_town
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line, shown_address, tel

LONGEST_TITLE = 80
"""Letters of a lead in a few words: of more, a list of mails shows none."""
YES_ANSWERS = ("yes", "true", "1", "on")


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """Says one thing about a lead or a partner, under a label."""

    kind: str
    """Names what the line is about, for icons and tests: ``phone``."""
    label: str
    """Names it in the reader's words: ``Phone``."""
    value: str
    """Holds what it says, as one visible line."""
    href: str = ""
    """The address that a tap on the value opens; empty if there is nothing to tap."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How much of a lead one reader may see, and in which words."""

    everything: bool = False
    """Shows all answers, free text too, whatever the programme says: for the owner and HQ."""
    as_asked: bool = False
    """Tells answers under the form's own questions, not under their short forms.

    It is for the person who asked, and who knows the form but not our abbreviations.
    """
    km: int | None = None
    """Holds the distance to the reader in kilometres; None where it is nobody's business."""

    def of(self, programme: Programme) -> Collection[str]:
        """Name the parts of a lead that may be shown."""
        return BEFORE_ACCEPT if self.everything else programme.before_accept


BEFORE_ACCEPTANCE = Disclosure()
TO_OWNER = Disclosure(everything=True)
TO_PROSPECT = Disclosure(everything=True, as_asked=True)


def product_name(programme: Programme, product: str, locale: LocaleContext) -> str:
    """Give what a product is called; one that the programme knows no more keeps its id."""
    for each in programme.products:
        if each.id == product:
            return locale.say(each.name)
    return product


def urgency_name(programme: Programme, urgency: str, locale: LocaleContext) -> str:
    """Give what an urgency is called; one that the programme knows no more keeps its id."""
    for each in programme.urgencies:
        if each.id == urgency:
            return locale.say(each.name)
    return urgency


def region_name(programme: Programme, region: str, locale: LocaleContext) -> str:
    """Give a region's name; empty if it was given none: its id is for the programme's author."""
    known = programme.regions.get(region)
    return locale.say(known.name) if known else ""


def partner_name(partners: Mapping[str, Partner], partner_id: str) -> str:
    """Give a partner's name; of one whom nobody knows any more the id."""
    known = partners.get(partner_id)
    return known.name if known else partner_id


def person_name(lead: Lead) -> str:
    """Give the name of who asked; empty once that is erased."""
    return lead.contact.name if lead.contact else ""


def lead_title(
    lead: Lead, programme: Programme, locale: LocaleContext, everything: bool = False
) -> str:
    """Say in a few words what a lead is about: ``Heat pump · 80331 München``.

    A town that was typed is told only where ``everything`` may be.
    """
    disclosure = TO_OWNER if everything else BEFORE_ACCEPTANCE
    shown = disclosure.of(programme)
    parts = []
    if "product" in shown:
        parts.append(product_name(programme, lead.product, locale))
    if "postcode" in shown:
        town = _town(lead, shown, everything)
        parts.append(place_words(lead.country, lead.postcode, town, lead.located_by))
    elif "region" in shown and lead.region:
        parts.append(region_name(programme, lead.region, locale))
    title = " · ".join(filter(None, parts))
    return line(title, LONGEST_TITLE) or lead.reference


def lead_lines(
    lead: Lead, programme: Programme, locale: LocaleContext, disclosure: Disclosure
) -> tuple[LabelledLine, ...]:
    """Describe what was asked, and where, as far as the ``disclosure`` goes.

    The person is never among the lines, and the company only for who has not accepted yet, if the
    programme says so.
    """
    description = _Description(lead, programme, locale, disclosure)
    lines = (
        _labelled("product", description.product(), locale),
        _labelled("place", description.place(), locale),
        _labelled("region", description.region(), locale),
        _labelled("distance", description.distance(), locale),
        _labelled("urgency", description.urgency(), locale),
        _labelled("company", description.company(), locale),
        *description.answers(),
        _labelled("language", description.lead_language(), locale),
    )
    return tuple(each for each in lines if each.value)


def _labelled(
    kind: str, value: str, locale: LocaleContext, href: str = "", *, label: str = ""
) -> LabelledLine:
    """Make a line under the common label of its kind, or of another."""
    return LabelledLine(kind, locale.translate(f"common.label.{label or kind}"), value, href)


@dataclass(frozen=True, slots=True)
class _Description:
    """Describes one lead part by part; a part that may not be shown, or is not there, is empty."""

    lead: Lead
    programme: Programme
    locale: LocaleContext
    disclosure: Disclosure

    def _shows(self, part: str) -> bool:
        return part in self.disclosure.of(self.programme)

    def product(self) -> str:
        if not self._shows("product"):
            return ""
        return product_name(self.programme, self.lead.product, self.locale)

    def place(self) -> str:
        lead = self.lead
        # Postcode and town are allowed each on its own: some programmes tell the town alone.
        postcode = lead.postcode if self._shows("postcode") else ""
        town = _town(lead, self.disclosure.of(self.programme), self.disclosure.everything)
        place = place_words(lead.country, postcode, town, lead.located_by)
        if place and lead.country != self.programme.country:
            place = f"{place}, {self.locale.country(lead.country)}"
        return line(self._with_its_source(place, town))

    def _with_its_source(self, place: str, town: str) -> str:
        """Add how the place is known, where it is not simply the postcode that was typed."""
        if place and self.lead.located_by and not self.disclosure.as_asked:
            key = "common.place_by_town" if town else "common.place_near"
            return self.locale.translate(key, place=place)
        if self.disclosure.everything and _contradicts(self.lead):
            return self.locale.translate("common.place_typed", place=place, town=self.lead.town)
        return place

    def region(self) -> str:
        if not self._shows("region") or not self.lead.region:
            return ""
        return region_name(self.programme, self.lead.region, self.locale)

    def distance(self) -> str:
        if not self._shows("distance") or self.disclosure.km is None:
            return ""
        return self.locale.distance(self.disclosure.km)

    def urgency(self) -> str:
        if not self._shows("urgency"):
            return ""
        return urgency_name(self.programme, self.lead.urgency, self.locale)

    def company(self) -> str:
        contact = self.lead.contact
        if not self._shows("company") or contact is None:
            return ""
        return line(contact.company)

    def lead_language(self) -> str:
        if not self._shows("language") or not self.lead.language:
            return ""
        return self.locale.language_name(self.lead.language)

    def answers(self) -> list[LabelledLine]:
        form = self.programme.form(self.lead.form)
        if form is None or not self._shows("answers"):
            return []
        lines = []
        for question in form.questions:
            given = self.lead.answers.get(question.id, "")
            if given and self._may_tell(question):
                lines.append(self._answer(question, given))
        return lines

    def _may_tell(self, question: Question) -> bool:
        # What somebody writes freely may name them: that is never told before acceptance.
        return self.disclosure.everything or (question.before_accept and question.kind != "text")

    def _answer(self, question: Question, given: str) -> LabelledLine:
        as_asked = self.disclosure.as_asked
        label = question.label
        # Partners read dozens of them: the short form was written for them.
        if question.short and not as_asked:
            label = question.short
        words = answer_words(question, given, self.locale, short=not as_asked)
        return LabelledLine("answer", self.locale.say(label), line(words))


def _town(lead: Lead, shown: Collection[str], everything: bool) -> str:
    """Give the town as HQ's list has it; what was typed only where ``everything`` may be told."""
    if "town" not in shown:
        return ""
    if not everything or _contradicts(lead):
        return shown_towns(lead.postcode_towns)
    return town_of(lead)


def town_of(lead: Lead) -> str:
    """Give the town for whoever may know everything.

    Of several that share the postcode it is the one that was typed.
    """
    if not lead.postcode_towns:
        return lead.town
    listed = same_town(lead.town, lead.postcode_towns)
    return listed or lead.town or shown_towns(lead.postcode_towns)


def _contradicts(lead: Lead) -> bool:
    """Tell whether the town that was typed is not where the postcode is."""
    if not lead.town or not lead.postcode_towns:
        return False
    return not same_town(lead.town, lead.postcode_towns)


def answer_words(question: Question, given: str, locale: LocaleContext, short: bool = False) -> str:
    """Give an answer as its question's options call it, ``short`` where they have short names."""
    if question.kind == "choice":
        labels = {}
        for option in question.options:
            text = option.short if short and option.short else option.label
            labels[option.id] = locale.say(text)
        # An option that was taken out of the form since is told by its id, and not lost.
        chosen = given.split(SEPARATOR)
        return ", ".join(labels.get(each, each) for each in chosen)
    if question.kind == "yes_no":
        answer = "yes" if given.lower() in YES_ANSWERS else "no"
        return locale.translate(f"common.{answer}")
    if question.kind == "number":
        return locale.number(given)
    return given


def contact_lines(lead: Lead, locale: LocaleContext) -> tuple[LabelledLine, ...]:
    """Say who asked, to tap. Only for the owner and HQ's own page of the lead."""
    contact = lead.contact
    if contact is None or not (contact.email or contact.phone):
        return ()  # the data is erased, or a partner who has not accepted sees the company alone
    # The name comes first, also an empty one: whoever calls looks for it there.
    lines = [_labelled("name", line(contact.name), locale)]
    if contact.company:
        lines.append(_labelled("company", line(contact.company), locale))
    if contact.phone:
        lines.append(_phone_line(contact.phone, locale))
    if contact.email:
        lines.append(_email_line(contact.email, locale))
    place = address(lead)
    if place:
        lines.append(_labelled("address", place, locale, map_link(lead)))
    return tuple(lines)


def _phone_line(phone: str, locale: LocaleContext) -> LabelledLine:
    return _labelled("phone", phone_words(phone), locale, tel(phone))


def _email_line(email: str, locale: LocaleContext) -> LabelledLine:
    return _labelled("email", shown_address(email), locale, f"mailto:{quote(email, '@+')}")


def also_lines(context: Context, locale: LocaleContext) -> tuple[LabelledLine, ...]:
    """Say what came beside the fields of the form, as it came.

    Only for the owner and HQ's own page of the lead.
    """
    lines = []
    if context.phone_typed:
        lines.append(_labelled("phone_typed", line(context.phone_typed), locale))
    for name, value in context.also_sent.items():
        lines.append(LabelledLine("also", line(name), line(value)))
    return tuple(lines)


@lru_cache(maxsize=1024)
def phone_words(phone: str) -> str:
    """Write a number (E.164) as its country writes it abroad: ``+49 89 1234567``."""
    import phonenumbers  # its tables are large, and most mails and pages show no number

    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return line(phone)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def address(lead: Lead) -> str:
    """Give where the work is, in one line: ``Marienplatz 1, 80331 München``."""
    street = lead.contact.street if lead.contact else ""
    place = place_words(lead.country, lead.postcode, town_of(lead), lead.located_by)
    return line(", ".join(filter(None, (street, place))))


def place_words(country: str, postcode: str, town: str, located_by: str = "") -> str:
    """Write a place: ``80331 München``; in the United States with its state: ``80202 Denver, CO``.

    A postcode that nobody told (``located_by``) is left out where the town is there.
    """
    place = f"{postcode} {town}".strip()
    if town and located_by:
        place = town
    # Elsewhere nobody writes the state; without a postcode nobody knows it.
    if country != "US" or not postcode or not town:
        return place
    state = state_at(country, postcode)
    if state is None or town.upper().endswith((f" {state.key}", f",{state.key}")):
        return place
    return f"{place}, {state.key}"


def map_link(lead: Lead) -> str:
    """Give the address that shows where the work is, on OpenStreetMap."""
    query = ", ".join(filter(None, (address(lead), lead.country)))
    return f"https://www.openstreetmap.org/search?query={quote(query, '')}"


def differs_words(parts: Iterable[str], locale: LocaleContext) -> str:
    """Say in what an attached enquiry is not like the first; empty if they are alike."""
    named = ", ".join(locale.translate(f"common.differs.{part}") for part in parts)
    if not named:
        return ""
    return locale.translate("common.differs.sentence", parts=named)


def partner_lines(
    partner: Partner, locale: LocaleContext, colleague: str = ""
) -> tuple[LabelledLine, ...]:
    """Describe a partner as the prospect sees them.

    ``colleague`` names who there looks after the lead instead of the main contact.
    """
    lines = [_labelled("partner", line(partner.name), locale, label="company")]
    person = colleague or partner.contact.name
    if person:
        lines.append(_labelled("name", line(person), locale, label="contact_person"))
    if partner.contact.phone:
        lines.append(_phone_line(partner.contact.phone, locale))
    lines.append(_email_line(partner.contact.email, locale))
    place = place_words(partner.country, partner.postcode, partner.town)
    seat = ", ".join(filter(None, (partner.street, place)))
    if seat:
        lines.append(_labelled("address", line(seat), locale))
    # Whatever else a profile calls its website must not become something to tap.
    if partner.website.startswith(("https://", "http://")):
        website = line(partner.website)
        lines.append(_labelled("website", website, locale, website))
    return tuple(lines)
