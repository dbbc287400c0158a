"""A dry run told: what rules that nobody has saved yet would do with one lead."""

from typing import Any

from routing_core.domain.enquiry.qualify import because
from routing_core.present.explain.explain import sentences
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq.try_programme import Tried


def trial_sentences(tried: Tried) -> tuple[str, ...]:
    """In HQ's language: what the score leads to, who would be asked and until when, why not
    others.
    """
    reader = LocaleContext.at_home(tried.programme, tried.programme.hq.language, tried.now)
    t = reader.t
    told = [t(f"explain.trial.{tried.qualified.outcome}", n=tried.qualified.score)]
    told += sentences(tried.record, tried.lead, reader, tried.programme, tried.partners)
    for partner, until in tried.offers:
        told.append(
            t("explain.trial.until", partner=tried.partners[partner].name, when=reader.when(until))
        )
    return tuple(told)


def trial_document(tried: Tried) -> dict[str, Any]:
    language = tried.programme.hq.language
    return {
        "sentences": list(trial_sentences(tried)),
        "outcome": tried.qualified.outcome,
        "score": tried.qualified.score,
        "because": list(because(tried.programme, tried.qualified.reasons, language)),
        "offers": [
            {"partner": partner, "until": until.isoformat()} for partner, until in tried.offers
        ],
        "decision": dict(tried.record),
        "warnings": list(tried.warnings),
    }
