"""The form and the answers to it as JSON.

It is for ``embed.js``, and for people who build a form of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from routing_core.domain.enquiry.enquiry import HONEYPOT
from routing_core.domain.programme.forms import Consent, Form
from routing_core.domain.programme.headquarters import Brand
from routing_core.domain.programme.programme import Programme
from routing_core.present.colour import look
from routing_core.present.locale_context import LocaleContext, language_names
from routing_core.present.pages.coverage_answer import coverage_text, coverage_title, hotline_text
from routing_core.present.pages.form_fields import (
    FormField,
    defaults,
    emergencies,
    emergency_fields,
    step_fields,
)
from routing_core.present.problems import missing_sentence
from routing_core.present.safe import tel
from routing_core.service.kernel.views import Coverage

if TYPE_CHECKING:
    # Every function draws pages; only the one that takes enquiries needs what stores them.
    from routing_core.service.intake.submit_lead import Received

SHARED_WORDS = (
    "next",
    "send",
    "back",
    "optional",
    "choose",
    "more",
    "no_postcode",
    "step_one",
    "step_two",
    "free",
    "language",
)
"""Words that the hosted page and the embedded form have in common, under ``form``."""
EMBED_WORDS = ("sending", "failed", "fallback")
"""Words that only the embedded form needs, under ``form.embed``."""
ANSWERS_WITH_PROMISE = ("offered", "held", "waiting")
"""Answers to an enquiry that say by when its sender hears of it."""
ANSWERS_WITHOUT_PROMISE = ("joined", "confirm")


@dataclass(frozen=True, slots=True)
class FormSession:
    """What one showing of a form carries, to be sent back with the enquiry."""

    started: str
    """The signed instant at which it was shown, for the time trap."""
    submission_id: str
    """The key under which the enquiry is stored once, however often it is sent."""
    base_url: str = ""
    """The address of the deployment, without a slash at the end."""
    challenge: Mapping[str, Any] | None = None
    """A proof of work for the script to solve; None unless we are under pressure."""


def form_definition(
    programme: Programme, form: Form, language: str, session: FormSession
) -> dict[str, Any]:
    """Describe everything ``embed.js`` draws, words included, so that it needs none of its own."""
    # Nobody knows yet where the visitor is; the definition tells no time, so any clock will do.
    locale = LocaleContext.for_programme(programme, language)
    languages = [{"id": code, "label": name} for code, name in language_names(programme)]
    return {
        "form": form.id,
        "language": locale.language,
        "languages": languages,
        "title": locale.say(form.title),
        "intro": locale.say(form.intro),
        "brand": _brand(programme.brand),
        "steps": [_step(programme, form, locale, step) for step in (1, 2)],
        "emergency": _emergency(programme, form, locale),
        "defaults": dict(defaults(programme, form)),
        "consent": _consent(form.consent, locale),
        "honeypot": HONEYPOT,
        "started": session.started,
        "submission_id": session.submission_id,
        "challenge": dict(session.challenge) if session.challenge else None,
        "hosted_url": f"{session.base_url}/f/{form.id}?lang={locale.language}",
        "words": _words(locale),
    }


def _brand(brand: Brand) -> dict[str, Any]:
    colours = look(brand.colour, brand.accent)
    return {
        "name": brand.name,
        "colour": colours.brand,
        "on_colour": colours.on_brand,
        "text_colour": colours.brand_text,
        "tint": colours.brand_tint,
        "privacy_url": brand.privacy_url,
    }


def _step(programme: Programme, form: Form, locale: LocaleContext, step: int) -> dict[str, Any]:
    fields = step_fields(programme, form, locale, step)
    return {"fields": [_field(each, locale) for each in fields]}


def _consent(consent: Consent, locale: LocaleContext) -> dict[str, Any]:
    return {
        "version": consent.version,
        "text": locale.say(consent.text),
        "required": True,
        "label": locale.translate("form.consent"),
        "missing": locale.translate("problems.code.consent_missing.any"),
    }


def _words(locale: LocaleContext) -> dict[str, str]:
    words = {name: locale.translate(f"form.{name}") for name in SHARED_WORDS}
    for name in EMBED_WORDS:
        words[name] = locale.translate(f"form.embed.{name}")
    return words | {
        "problem": locale.translate("form.problems", n=1),
        "problems": locale.translate("form.problems", n=2),
        "privacy": locale.translate("common.privacy"),
        "hotline": locale.translate("form.emergency.hotline"),
        "reference": locale.translate("thanks.reference"),
        "status": locale.translate("thanks.status"),
        "sent_before": locale.translate("problems.code.sent_before.any"),
    }


def _emergency(programme: Programme, form: Form, locale: LocaleContext) -> dict[str, Any] | None:
    """Describe what is asked at once in an emergency; None if the form knows none.

    It is one screen with the fields of step 1 that are not ``later``.
    """
    urgencies = emergencies(programme, form)
    if not urgencies:
        return None
    fields = [_field(each, locale) for each in emergency_fields(form, locale)]
    return {
        "urgencies": list(urgencies),
        "fields": fields,
        **_hotline(programme, locale),
        "later": locale.translate("form.emergency.later"),
    }


def _hotline(programme: Programme, locale: LocaleContext) -> dict[str, Any]:
    hotline = programme.hotline
    if hotline is None:
        return {"hotline": None, "hotline_url": None, "call": None, "hours": None}
    return {
        "hotline": hotline.phone,
        "hotline_url": tel(hotline.phone),
        "call": locale.translate("form.coverage.call", phone=hotline.phone),
        "hours": locale.say(hotline.hours),
    }


def _field(field: FormField, locale: LocaleContext) -> dict[str, Any]:
    """Describe a field; what is empty or not so is left out, as the script takes it for that."""
    missing = field.required and missing_sentence(field.name, locale.catalog, field.labels)
    described = {
        "name": field.name,
        "kind": field.kind,
        "label": field.label,
        "required": field.required,
        "missing": missing,
        "hint": field.hint,
        "options": [{"id": value, "label": label} for value, label in field.options],
        "autocomplete": field.autocomplete,
        "inputmode": field.inputmode,
        "longest": field.longest,
        "more": field.more,
        "instead": field.instead,
        "later": field.later,
        "checks": checks_json(field),
    }
    return {name: value for name, value in described.items() if value}


def checks_json(field: FormField) -> dict[str, list[str]]:
    """Give the checks of a field by country: the pattern, and the sentence if it does not match."""
    return {check.country: [check.pattern, check.wrong] for check in field.checks}


def coverage_json(
    coverage: Coverage, programme: Programme, language: str, now: datetime | None = None
) -> dict[str, Any]:
    """Tell how a place is covered: the numbers, the instants (ISO, UTC), and the ready sentence."""
    locale = LocaleContext.for_prospect(programme, language, now, coverage.region)
    title = coverage_title(coverage, locale)
    text = coverage_text(coverage, locale)
    # Some titles end in a sign of their own: there must not be two.
    ends_a_sentence = title[-1] in ".:!?"
    return {
        "place": coverage.place,
        "partners": coverage.partners,
        "open_now": coverage.open_now,
        "opens_at": _iso(coverage.opens_at),
        "hear_by": _iso(coverage.hear_by),
        "hotline": coverage.hotline or None,
        "title": title,
        "text": text,
        "sentence": f"{title} {text}" if ends_a_sentence else f"{title}. {text}",
        "hotline_text": hotline_text(coverage, locale) or None,
        "hotline_url": tel(coverage.hotline) if coverage.hotline else None,
    }


def thanks_sentence(answer: str, hear_by: datetime | None, locale: LocaleContext) -> str:
    """Say what happens next, for the thank-you page and the JSON answer alike."""
    if answer in ANSWERS_WITHOUT_PROMISE:
        return locale.translate(f"thanks.{answer}")
    if answer not in ANSWERS_WITH_PROMISE:
        return locale.translate("thanks.noted")
    if hear_by is None:
        return locale.translate(f"thanks.{answer}_plain")
    return locale.translate(f"thanks.{answer}", when=locale.when(hear_by))


def lead_json(
    received: "Received", programme: Programme, language: str, now: datetime | None = None
) -> dict[str, Any]:
    """Answer a post: say what was stored, and what happens next."""
    locale = LocaleContext.for_prospect(programme, language, now, received.region)
    return {
        "lead": received.lead,
        "reference": received.reference,
        "answer": received.answer,
        "title": locale.translate("thanks.title"),
        "next": thanks_sentence(received.answer, received.hear_by, locale),
        "hear_by": _iso(received.hear_by),
        "status_url": received.status_url,
        "ignored": list(received.ignored),
    }


def _iso(at: datetime | None) -> str | None:
    """Write an instant in UTC: ``2026-11-30T12:00:00Z``."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
