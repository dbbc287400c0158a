"""The page on which an enquiry is typed and tried: the draft and the rules in force side by side."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.qualify import because
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.offer import OfferKind
from routing_core.domain.offer_terms import offer_terms
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.offer_rules import PARTNERS_BY_DEFAULT
from routing_core.present.explain.decision_words import key_words, sentences_beside_ranking
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.rules.offer_told import waves_told
from routing_core.present.hq_desk.rules.teller import RuleTeller
from routing_core.present.lead_summary import partner_name
from routing_core.present.locale_context import LocaleContext, language_names
from routing_core.present.pages.form import problems_by_labels
from routing_core.present.pages.form_fields import FormField, defaults, step_fields
from routing_core.present.pages.frame import title_with_problems
from routing_core.present.pages.summary import in_page_order
from routing_core.present.problems import by_field, problem_sentence
from routing_core.service.hq.try_programme import Tried
from routing_core.service.hq_desk.try_enquiry import Trial, TrialPage


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A partner in the order in which they would be asked."""

    name: str
    why: str
    """What ranks them."""
    time: str
    """Until when they could answer, or how long they would have once it is their turn."""


@dataclass(frozen=True, slots=True)
class TrialTold:
    """What one set of rules would do, as the page tells it."""

    title: str
    sentences: tuple[str, ...]
    """What the score leads to, and what the sender is promised."""
    asked: tuple[AskedLine, ...]
    rest: tuple[str, ...]
    """How many are asked at most, and why nobody else is."""


def trial_page(view: TrialPage, visitor: HqPerson, now: datetime) -> str:
    """Draw the fields with what was typed, and what came of it."""
    locale = desk_locale(view.rules, visitor, now)
    fields = _fields(view, locale)
    problems = problems_by_labels(view.problems, fields)
    title = locale.translate("hq_rules.trial.title")
    frame = DeskFrame(
        "rule_trial.html",
        title_with_problems(title, problems, locale),
        "rules",
        visitor,
        view.programme,
        locale,
        wide=True,
    )
    return render_desk(
        frame,
        view=view,
        heading=title,
        fields=fields,
        values={**_filled(view, locale), **view.values},
        errors=by_field(problems, locale.catalog),
        problems=in_page_order(problems, fields, locale.catalog),
        languages=language_names(view.rules),
        results=_results(view, locale),
        verdict=_verdict(view, locale),
        # Names that the drawing of a field knows, and that mean nothing on this page.
        urgent=(),
        missing=lambda field: "",
        checks=lambda field: "",
    )


def _fields(view: TrialPage, locale: LocaleContext) -> tuple[FormField, ...]:
    """List what decides where an enquiry goes: the need, and the form's own questions."""
    questions = {question.id for question in view.form.questions}
    need = step_fields(view.rules, view.form, locale, 1)
    later = step_fields(view.rules, view.form, locale, 2)
    fields = [*need, *(field for field in later if field.name in questions)]
    # Nothing of it is the reader's own: their browser has nothing to fill in.
    plain = [replace(field, autocomplete="off", checks=(), more=False) for field in fields]
    return tuple(_named(field, locale) for field in plain)


def _named(field: FormField, locale: LocaleContext) -> FormField:
    label = locale.catalog.find(f"hq_entry.field.{field.name}")
    return replace(field, label=label) if label else field


def _filled(view: TrialPage, locale: LocaleContext) -> dict[str, Any]:
    return {**defaults(view.rules, view.form), "language": locale.catalog.language}


# ── what came of it ───────────────────────────────────────────────────────────────────────────────


def _results(view: TrialPage, locale: LocaleContext) -> list[TrialTold]:
    """Tell both sides; nothing while the leading one does not take the enquiry."""
    if view.in_force is None or view.problems:
        return []
    told = []
    if view.drafted:
        title = locale.translate("hq_rules.trial.by_draft")
        told.append(_told(view.drafted, title, locale))
    title = locale.translate("hq_rules.trial.by_version", n=view.number)
    return [*told, _told(view.in_force, title, locale)]


def _verdict(view: TrialPage, locale: LocaleContext) -> str:
    """Say whether the draft asks others than the rules in force; empty without two results."""
    if view.in_force is None or view.drafted is None or view.problems:
        return ""
    sides = [_told(side, "", locale) for side in (view.drafted, view.in_force)]
    same = "same" if sides[0] == sides[1] else "other"
    return locale.translate(f"hq_rules.trial.{same}")


def _told(side: Trial, title: str, locale: LocaleContext) -> TrialTold:
    tried = side.tried
    if tried is None:
        refused = [problem_sentence(each, locale.catalog) for each in side.problems]
        said = locale.translate("hq_rules.trial.not_taken")
        return TrialTold(title, (said,), (), tuple(refused))
    by_rules = LocaleContext.for_programme(tried.programme, locale.language, tried.now)
    beside = sentences_beside_ranking(
        tried.record, tried.lead, by_rules, tried.programme, tried.partners
    )
    asked = _asked(tried, by_rules)
    limit = _limit(tried, by_rules) if len(asked) > 1 else ()
    return TrialTold(title, _first(side, tried, by_rules), asked, (*limit, *beside))


def _first(side: Trial, tried: Tried, locale: LocaleContext) -> tuple[str, ...]:
    qualified = tried.qualified
    told = [locale.translate(f"explain.trial.{qualified.outcome}", n=qualified.score)]
    reasons = because(tried.programme, qualified.reasons, locale.language)
    if reasons:
        told.append(f"{', '.join(reasons)}.")
    if side.promised_by:
        when = locale.when(side.promised_by)
        told.append(locale.translate("hq_rules.trial.promised", when=when))
    return tuple(told)


def _asked(tried: Tried, locale: LocaleContext) -> tuple[AskedLine, ...]:
    """List whom the rules ask, those of now first, then those who come after them."""
    keys = {each["partner"]: each["keys"] for each in tried.record.get("ranked", ())}
    now = dict(tried.offers)
    late = tried.record.get("late", {}).get("examples", ())
    after = [partner for partner in keys if partner not in now and partner not in late]
    teller = RuleTeller(tried.programme, locale, tried.programme)
    lines = []
    for partner, until in now.items():
        time = locale.translate("hq_rules.trial.until", when=locale.when(until))
        lines.append(_line(tried, partner, keys, time, locale))
    for partner in after:
        terms = offer_terms(
            tried.programme,
            tried.partners[partner],
            OfferKind.ROUTED,
            tried.lead.product,
            tried.lead.urgency,
        )
        time = locale.translate("hq_rules.trial.then", length=teller.length(terms.window))
        lines.append(_line(tried, partner, keys, time, locale))
    return tuple(lines)


def _line(
    tried: Tried, partner: str, keys: dict[str, Any], time: str, locale: LocaleContext
) -> AskedLine:
    why = ", ".join(key_words(keys.get(partner, {}), locale))
    if partner not in keys:
        why = locale.translate("hq_rules.trial.backup")
    return AskedLine(partner_name(tried.partners, partner), why, time)


def _limit(tried: Tried, locale: LocaleContext) -> tuple[str, ...]:
    """Say how many of them are asked, as the rule for this enquiry has it."""
    lead = tried.lead
    first = next(iter(tried.record.get("ranked", ())), None)
    kind = tried.partners[first["partner"]].type if first else None
    rule = most_specific_rule(
        tried.programme.offers, partner_type=kind, product=lead.product, urgency=lead.urgency
    )
    teller = RuleTeller(tried.programme, locale, tried.programme)
    total = teller.say("offers.total", length=teller.dative(rule.total))
    if rule.waves:
        return (teller.say("offers.waves", waves=waves_told(teller, rule.waves)), total)
    return (teller.count("offers.partners", rule.partners or PARTNERS_BY_DEFAULT), total)
