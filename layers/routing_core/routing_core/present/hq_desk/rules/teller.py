"""Say parts of a programme in words: lengths of time, cases, names in several languages."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.lists import format_list

from routing_core.domain.programme.document import LocalizedText, When, Window
from routing_core.domain.programme.forms import Question
from routing_core.domain.programme.programme import Programme
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line

MINUTES_PER_HOUR = 60
LONGEST_VALUE = 5_000
"""A sentence quotes so much of a text: as much as a text may have."""


@dataclass(frozen=True, slots=True)
class RuleSentence:
    """Says one thing that the programme decides."""

    key: str
    """Names what it is about, the same in every version: ``offers[urgency=hot].window``."""
    text: str
    """The sentence, as a person at HQ would say it."""
    under: str = ""
    """The heading that it stands below inside its section; empty = it needs none."""


@dataclass(frozen=True, slots=True)
class RuleTeller:
    """Finds the words for one programme in one reader's language."""

    programme: Programme
    """The rules that are told."""
    locale: LocaleContext
    """The reader's language, numbers and dates."""
    names: Programme
    """Products, urgencies and questions are called as they are here.

    Two versions are compared with the names of the newer one, so that a new name changes one
    sentence and not all that use it.
    """

    def say(self, key: str, **fill: Any) -> str:
        """Give the words of a key of ``hq_rules``."""
        return self.locale.translate(f"hq_rules.{key}", **fill)

    def sentence(self, key: str, words: str, under: str = "", **fill: Any) -> RuleSentence:
        """Make a sentence out of the words of a key."""
        return RuleSentence(key, self.say(words, **fill), under)

    # ── texts ─────────────────────────────────────────────────────────────────────────────────────

    def quote(self, text: str) -> str:
        """Put a text in the quotation marks of the language."""
        return self.say("quoted", text=line(text, LONGEST_VALUE))

    def name(self, text: LocalizedText) -> str:
        """Give a name in the reader's language, in quotation marks."""
        return self.quote(self.locale.say(text))

    def every_name(self, text: LocalizedText) -> str:
        """Give a name in the reader's language, and behind it in the others it is written in."""
        own = self.locale.say(text)
        others = [code for code, words in text.items() if words != own]
        if not others:
            return self.quote(own)
        told = [f"{code}: {self.quote(text[code])}" for code in others]
        return f"{self.quote(own)} ({', '.join(told)})"

    def in_each_language(
        self, key: str, words: str, text: LocalizedText, under: str = "", **fill: Any
    ) -> Iterable[RuleSentence]:
        """Tell a long text, one sentence for each language it is written in."""
        for code, written in text.items():
            told = {"language": self.language(code), "text": self.quote(written)}
            yield self.sentence(f"{key}.{code}", words, under, **told, **fill)

    def all_of(self, parts: Iterable[str]) -> str:
        """Join parts by commas and ``and``."""
        return str(format_list(list(parts), "standard", locale=self.locale.clock.locale_id))

    def any_of(self, parts: Iterable[str]) -> str:
        """Join parts by commas and ``or``."""
        return str(format_list(list(parts), "or", locale=self.locale.clock.locale_id))

    # ── numbers and times ─────────────────────────────────────────────────────────────────────────

    def number(self, value: float) -> str:
        """Give a number with the signs of the reader's country."""
        plain = int(value) if value == int(value) else value
        return self.locale.number(f"{Decimal(str(plain)):f}")

    def percent(self, part: float) -> str:
        """Give a part of one in percent."""
        return self.locale.translate("common.percent", n=self.number(round(part * 100, 6)))

    def length(self, window: Window) -> str:
        """Give a length of time: ``1 working day``."""
        return self._length(window, "length")

    def dative(self, window: Window) -> str:
        """Give a length of time as it stands behind ``nach`` in German."""
        return self._length(window, "length_dative")

    def every(self, window: Window) -> str:
        """Say that something comes again each time so long has passed: ``every 2 hours``."""
        return self._length(window, "length_every")

    def _length(self, window: Window, group: str) -> str:
        if window.working_days is not None:
            return self.count(f"{group}.working_days", window.working_days)
        if window.response_hours is not None:
            return self.count(f"{group}.response_hours", window.response_hours)
        minutes = window.minutes or 0
        if minutes % MINUTES_PER_HOUR == 0:
            return self.count(f"{group}.hours", minutes / MINUTES_PER_HOUR)
        return self.count(f"{group}.minutes", minutes)

    def count(self, key: str, number: float, **fill: Any) -> str:
        """Give words that count: ``{many}`` is the number as people there write it."""
        return self.say(key, n=number, many=self.number(number), **fill)

    # ── what the programme names ──────────────────────────────────────────────────────────────────

    def product(self, product_id: str) -> str:
        """Give the name of a product; of one that is not known its id."""
        return self._named(product_id, [(each.id, each.name) for each in self.names.products])

    def urgency(self, urgency_id: str) -> str:
        """Give the name of an urgency; of one that is not known its id."""
        return self._named(urgency_id, [(each.id, each.name) for each in self.names.urgencies])

    def region(self, region_id: str) -> str:
        """Give the name of a region; of one without a name its id."""
        known = [(name, region.name) for name, region in self.names.regions.items() if region.name]
        return self._named(region_id, known)

    def question(self, question_id: str) -> Question | None:
        """Find a question in the forms; None if none has it."""
        for form in self.names.forms:
            for question in form.questions:
                if question.id == question_id:
                    return question
        return None

    def question_label(self, question: Question) -> str:
        """Give the words by which partners and HQ know a question."""
        return self.name(question.short or question.label)

    def language(self, code: str) -> str:
        """Give the name of a language."""
        return self.locale.language_name(code)

    def _named(self, wanted: str, known: Sequence[tuple[str, LocalizedText]]) -> str:
        for part, name in known:
            if part == wanted:
                return self.name(name)
        return self.quote(wanted)

    # ── for which cases a rule is ─────────────────────────────────────────────────────────────────

    def case(self, when: When, among: int) -> str:
        """Say for which enquiries one of so many rules is: it heads the rule's sentences."""
        parts = []
        if when.urgency is not None:
            parts.append(self.urgency(when.urgency))
        if when.product is not None:
            parts.append(self.product(when.product))
        if when.partner_type is not None:
            parts.append(self.say("case.type", type=self.quote(when.partner_type)))
        if not parts:
            return self.say("case.others" if among > 1 else "case.all")
        return " · ".join(parts)


def case_key(when: When) -> str:
    """Name a rule by its conditions, wherever in the list it stands."""
    told = sorted(when.stated().items())
    return ",".join(f"{name}={value}" for name, value in told) or "all"


def with_own_keys(sentences: Iterable[RuleSentence]) -> tuple[RuleSentence, ...]:
    """Give each sentence a key of its own, numbering those that were used before."""
    seen: Counter[str] = Counter()
    unique = []
    for each in sentences:
        seen[each.key] += 1
        if seen[each.key] > 1:
            key = f"{each.key}#{seen[each.key]}"
            each = RuleSentence(key, each.text, each.under)
        unique.append(each)
    return tuple(unique)
