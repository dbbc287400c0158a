"""What a lead says about itself, as labelled lines: before acceptance only what the programme
allows.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
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


@dataclass(frozen=True, slots=True)
class Line:
    """``href`` makes the value something to tap; ``kind`` names it for icons and tests."""

    kind: str
    label: str
    value: str
    href: str = ""


def product_name(programme: Programme, product: str, reader: LocaleContext) -> str:
    return next((reader.say(p.name) for p in programme.products if p.id == product), product)


def urgency_name(programme: Programme, urgency: str, reader: LocaleContext) -> str:
    return next((reader.say(u.name) for u in programme.urgencies if u.id == urgency), urgency)


def region_name(programme: Programme, region: str, reader: LocaleContext) -> str:
    """Empty for a region that was given no name: its id is for the programme's author."""
    known = programme.regions.get(region)
    return reader.say(known.name) if known else ""


def what(lead: Lead, programme: Programme, reader: LocaleContext, everything: bool = False) -> str:
    """The lead in a few words for a subject: ``Heat pump · 80331 München``. A town that was typed
    is told only where
    ``everything`` may be.
    """
    shown = BEFORE_ACCEPT if everything else programme.before_accept
    parts = []
    if "product" in shown:
        parts.append(product_name(programme, lead.product, reader))
    if "postcode" in shown:
        parts.append(
            place_words(
                lead.country, lead.postcode, _town(lead, shown, everything), lead.located_by
            )
        )
    elif "region" in shown and lead.region:
        parts.append(region_name(programme, lead.region, reader))
    return line(" · ".join(part for part in parts if part), 80) or lead.reference


def _label(reader: LocaleContext, kind: str) -> str:
    return reader.t(f"common.label.{kind}")


def lead_lines(
    lead: Lead,
    programme: Programme,
    reader: LocaleContext,
    everything: bool = False,
    km: int | None = None,
    as_asked: bool = False,
) -> tuple[Line, ...]:
    """``everything`` is for the owner and HQ: all answers, free text too. The person is never among
    them, and the
    company only for who has not accepted yet, if the programme says so. ``km``: how far it is for
    who reads.
    ``as_asked``: for the person, who knows the form's questions and not their short forms.
    """
    shown = set(BEFORE_ACCEPT if everything else programme.before_accept)
    label = partial(_label, reader)
    lines = []
    if "product" in shown:
        lines.append(
            Line("product", label("product"), product_name(programme, lead.product, reader))
        )
    postcode = lead.postcode if "postcode" in shown else ""
    town = _town(lead, shown, everything)
    place = place_words(lead.country, postcode, town, lead.located_by)
    if place and lead.country != programme.country:
        place = f"{place}, {reader.country(lead.country)}"
    if place and lead.located_by and not as_asked:
        place = reader.t("common.place_by_town" if town else "common.place_near", place=place)
    elif everything and _contradicts(lead):
        place = reader.t("common.place_typed", place=place, town=lead.town)
    if place:
        lines.append(Line("place", label("place"), line(place)))
    if "region" in shown and lead.region:
        lines.append(Line("region", label("region"), region_name(programme, lead.region, reader)))
    if "distance" in shown and km is not None:
        lines.append(Line("distance", label("distance"), reader.distance(km)))
    if "urgency" in shown:
        lines.append(
            Line("urgency", label("urgency"), urgency_name(programme, lead.urgency, reader))
        )
    if "company" in shown and lead.contact:
        lines.append(Line("company", label("company"), line(lead.contact.company)))
    if "answers" in shown:
        lines += _answers(lead, programme, reader, everything, as_asked)
    if "language" in shown and lead.language:
        lines.append(Line("language", label("language"), reader.language_name(lead.language)))
    return tuple(each for each in lines if each.value)


def _town(lead: Lead, shown: Collection[str], everything: bool) -> str:
    """Where the postcode is, in the words of HQ's list; what was typed only where ``everything``
    may be told.
    """
    if "town" not in shown:
        return ""
    if not everything or _contradicts(lead):
        return shown_towns(lead.postcode_towns)
    return town_of(lead)


def town_of(lead: Lead) -> str:
    """The town for whoever may know everything: of several that share the postcode the one that was
    typed.
    """
    if not lead.postcode_towns:
        return lead.town
    return (
        same_town(lead.town, lead.postcode_towns) or lead.town or shown_towns(lead.postcode_towns)
    )


def _contradicts(lead: Lead) -> bool:
    """The town that was typed is not where the postcode is."""
    return bool(lead.town and lead.postcode_towns and not same_town(lead.town, lead.postcode_towns))


def _answers(
    lead: Lead, programme: Programme, reader: LocaleContext, everything: bool, as_asked: bool
) -> list[Line]:
    form = programme.form(lead.form)
    lines = []
    for question in form.questions if form else ():
        given = lead.answers.get(question.id, "")
        if given and (everything or (question.before_accept and question.kind != "text")):
            label = reader.say(question.label if as_asked else question.short or question.label)
            lines.append(
                Line(
                    "answer", label, line(answer_words(question, given, reader, short=not as_asked))
                )
            )
    return lines


def answer_words(question: Question, given: str, reader: LocaleContext, short: bool = False) -> str:
    if question.kind == "choice":
        labels = {
            option.id: reader.say((short and option.short) or option.label)
            for option in question.options
        }
        return ", ".join(labels.get(part, part) for part in given.split(SEPARATOR))
    if question.kind == "yes_no":
        yes = given.lower() in ("yes", "true", "1", "on")
        return reader.t("common.yes" if yes else "common.no")
    return reader.number(given) if question.kind == "number" else given


def contact_lines(lead: Lead, reader: LocaleContext) -> tuple[Line, ...]:
    """Who asked, to tap. Only for the owner and HQ's own page of the lead."""
    contact = lead.contact
    if contact is None or not contact.email:  # nobody, or no more than the company
        return ()
    label = partial(_label, reader)
    lines = [Line("name", label("name"), line(contact.name))]
    if contact.company:
        lines.append(Line("company", label("company"), line(contact.company)))
    if contact.phone:
        lines.append(Line("phone", label("phone"), phone_words(contact.phone), tel(contact.phone)))
    lines.append(
        Line(
            "email",
            label("email"),
            shown_address(contact.email),
            f"mailto:{quote(contact.email, '@+')}",
        )
    )
    place = address(lead)
    if place:
        lines.append(Line("address", label("address"), place, map_link(lead)))
    return tuple(lines)


def also_lines(context: Context, reader: LocaleContext) -> tuple[Line, ...]:
    """What came beside the fields of the form, as it came. Only for the owner and HQ's own page of
    the lead.
    """
    lines = [Line("also", line(name), line(value)) for name, value in context.also_sent.items()]
    if context.phone_typed:
        label = reader.t("common.label.phone_typed")
        lines.insert(0, Line("phone_typed", label, line(context.phone_typed)))
    return tuple(lines)


@lru_cache(maxsize=1024)
def phone_words(phone: str) -> str:
    """A number in E.164 as its country writes it abroad: ``+49 89 1234567``."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return line(phone)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def address(lead: Lead) -> str:
    street = lead.contact.street if lead.contact else ""
    place = place_words(lead.country, lead.postcode, town_of(lead), lead.located_by)
    return line(", ".join(p for p in (street, place) if p))


def place_words(country: str, postcode: str, town: str, located_by: str = "") -> str:
    """``80331 München``; in the United States with the state: ``80202 Denver, CO``. A postcode that
    nobody told is left
    out where the town is there (``located_by``).
    """
    place = town if town and located_by else f"{postcode} {town}".strip()
    state = state_at(country, postcode) if country == "US" and postcode and town else None
    says_it_already = state and town.upper().endswith((f" {state.key}", f",{state.key}"))
    return f"{place}, {state.key}" if state and not says_it_already else place


def map_link(lead: Lead) -> str:
    query = ", ".join(p for p in (address(lead), lead.country) if p)
    return f"https://www.openstreetmap.org/search?query={quote(query, '')}"


def differs_words(parts: Iterable[str], reader: LocaleContext) -> str:
    """In what an attached enquiry is not like the first; empty if they are alike."""
    named = ", ".join(reader.t(f"common.differs.{part}") for part in parts)
    return reader.t("common.differs.sentence", parts=named) if named else ""


def partner_lines(partner: Partner, reader: LocaleContext, colleague: str = "") -> tuple[Line, ...]:
    """The partner as the prospect sees them; ``colleague``: who there looks after it instead of the
    main contact.
    """
    label = partial(_label, reader)
    lines = [Line("partner", label("company"), line(partner.name))]
    if person := colleague or partner.contact.name:
        lines.append(Line("name", label("contact_person"), line(person)))
    if partner.contact.phone:
        phone = partner.contact.phone
        lines.append(Line("phone", label("phone"), phone_words(phone), tel(phone)))
    email = partner.contact.email
    lines.append(
        Line("email", label("email"), shown_address(email), f"mailto:{quote(email, '@+')}")
    )
    place = ", ".join(
        p
        for p in (partner.street, place_words(partner.country, partner.postcode, partner.town))
        if p
    )
    if place:
        lines.append(Line("address", label("address"), line(place)))
    if partner.website.startswith(("https://", "http://")):
        lines.append(
            Line("website", label("website"), line(partner.website), line(partner.website))
        )
    return tuple(lines)
