"""A dry run told: what rules that nobody has saved yet would do with one lead."""

from typing import Any

from routing_core.domain.enquiry.qualify import because
from routing_core.present.explain.decision_words import sentences
from routing_core.present.locale_context import LocaleContext
from routing_core.present.told import doubts_for_programs
from routing_core.service.hq.try_programme import Tried


def trial_sentences(tried: Tried, language: str = "") -> tuple[str, ...]:
    """Say what the rules would do, in a reader's language, or else in HQ's.

    That is what the score leads to, who would be asked until when, and why not others.
    """
    reader = language or tried.programme.hq.language
    locale = LocaleContext.for_programme(tried.programme, reader, tried.now)
    qualified = tried.qualified
    told = [locale.translate(f"explain.trial.{qualified.outcome}", n=qualified.score)]
    told += sentences(tried.record, tried.lead, locale, tried.programme, tried.partners)
    for partner, until in tried.offers:
        name = tried.partners[partner].name
        when = locale.when(until)
        told.append(locale.translate("explain.trial.until", partner=name, when=when))
    return tuple(told)


def trial_document(tried: Tried, language: str) -> dict[str, Any]:
    """Make the answer of the dry run, ready for JSON; ``decision`` is the record it would store."""
    reasons = because(tried.programme, tried.qualified.reasons, tried.programme.hq.language)
    offers = [{"partner": partner, "until": until.isoformat()} for partner, until in tried.offers]
    return {
        "sentences": list(trial_sentences(tried)),
        "outcome": tried.qualified.outcome,
        "score": tried.qualified.score,
        "because": list(reasons),
        "offers": offers,
        "decision": dict(tried.record),
        "warnings": doubts_for_programs(tried.warnings, language),
    }
