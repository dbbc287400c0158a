"""Tell a whole programme, section by section, in the order of an enquiry's life."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby

from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.rules.form_rules import tell_forms, tell_products
from routing_core.present.hq_desk.rules.intake_told import tell_intake, tell_score
from routing_core.present.hq_desk.rules.offer_told import (
    tell_fallback,
    tell_offers,
    tell_promises,
    tell_reminders,
)
from routing_core.present.hq_desk.rules.owner_told import (
    tell_afterwards,
    tell_contact,
    tell_disclosure,
    tell_mail_texts,
    tell_reasons,
    tell_reports,
    tell_retention,
)
from routing_core.present.hq_desk.rules.routing_told import tell_routing
from routing_core.present.hq_desk.rules.teller import RuleSentence, RuleTeller, with_own_keys
from routing_core.present.hq_desk.rules.vendor_rules import (
    tell_areas,
    tell_calendar,
    tell_headquarters,
    tell_vendor,
)
from routing_core.present.locale_context import LocaleContext

RULE_SECTIONS: tuple[tuple[str, Callable[[RuleTeller], Iterator[RuleSentence]]], ...] = (
    ("vendor", tell_vendor),
    ("people", tell_headquarters),
    ("calendar", tell_calendar),
    ("areas", tell_areas),
    ("products", tell_products),
    ("forms", tell_forms),
    ("intake", tell_intake),
    ("score", tell_score),
    ("routing", tell_routing),
    ("before", tell_disclosure),
    ("offers", tell_offers),
    ("reminders", tell_reminders),
    ("promise", tell_promises),
    ("fallback", tell_fallback),
    ("contact", tell_contact),
    ("afterwards", tell_afterwards),
    ("reasons", tell_reasons),
    ("mails", tell_mail_texts),
    ("retention", tell_retention),
    ("reports", tell_reports),
)
"""Each section of the page has an id, and what tells it."""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Sentences of a section that stand below one heading."""

    heading: str
    """The heading; empty for sentences that need none."""
    sentences: tuple[RuleSentence, ...]
    """The sentences, in order."""


@dataclass(frozen=True, slots=True)
class RuleSection:
    """One section of the programme in words."""

    id: str
    """Names the section in addresses: ``offers``."""
    title: str
    """The section's title in the reader's language."""
    groups: tuple[RuleGroup, ...]
    """Its sentences, grouped."""

    @property
    def sentences(self) -> tuple[RuleSentence, ...]:
        """Give all sentences of the section, in order."""
        return tuple(chain.from_iterable(group.sentences for group in self.groups))


def programme_sections(
    programme: Programme, language: str, now: datetime, names: Programme | None = None
) -> tuple[RuleSection, ...]:
    """Tell every section in a language; ``names`` are the rules whose names are used."""
    locale = LocaleContext.for_programme(programme, language, now)
    teller = RuleTeller(programme, locale, names or programme)
    return tuple(_section(teller, name, tell) for name, tell in RULE_SECTIONS)


def _section(
    teller: RuleTeller, name: str, tell: Callable[[RuleTeller], Iterator[RuleSentence]]
) -> RuleSection:
    sentences = with_own_keys(tell(teller))
    groups = groupby(sentences, key=lambda each: each.under)
    told = tuple(RuleGroup(heading, tuple(group)) for heading, group in groups)
    return RuleSection(name, teller.say(f"section.{name}"), told)
