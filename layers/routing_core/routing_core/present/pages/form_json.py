"""The form and the answers to it as JSON, for ``embed.js`` and for people who build their own
form.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from routing_core.domain.enquiry.enquiry import HONEYPOT
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.present.colour import look
from routing_core.present.locale_context import LocaleContext, languages
from routing_core.present.pages.coverage_answer import coverage_text, coverage_title, hotline_text
from routing_core.present.pages.form_fields import (
    Field,
    defaults,
    emergencies,
    emergency_fields,
    step_fields,
)
from routing_core.present.problems import missing
from routing_core.present.safe import tel
from routing_core.service.kernel.views import Coverage

SHARED_WORDS = (
    *(
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
    ),
)
EMBED_WORDS = ("sending", "failed", "fallback")


def form_definition(
    programme: Programme,
    form: Form,
    language: str,
    started: str,
    submission_id: str,
    base_url: str = "",
    challenge: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything ``embed.js`` draws, words included, so that it needs none of its own; under
    pressure also a proof of work for it to solve.
    """
    reader = LocaleContext.at_home(programme, language)
    colours = look(programme.brand.colour, programme.brand.accent)
    return {
        "form": form.id,
        "language": reader.language,
        "languages": [{"id": code, "label": name} for code, name in languages(programme)],
        "title": reader.say(form.title),
        "intro": reader.say(form.intro),
        "brand": {
            "name": programme.brand.name,
            "colour": colours.brand,
            "on_colour": colours.on_brand,
            "text_colour": colours.brand_text,
            "tint": colours.brand_tint,
            "privacy_url": programme.brand.privacy_url,
        },
        "steps": [
            {
                "fields": [
                    _field(each, reader) for each in step_fields(programme, form, reader, step)
                ]
            }
            for step in (1, 2)
        ],
        "emergency": _emergency(programme, form, reader),
        "defaults": dict(defaults(programme, form)),
        "consent": {
            "version": form.consent.version,
            "text": reader.say(form.consent.text),
            "required": True,
            "label": reader.t("form.consent"),
            "missing": reader.t("problems.code.consent_missing.any"),
        },
        "honeypot": HONEYPOT,
        "started": started,
        "submission_id": submission_id,
        "challenge": dict(challenge) if challenge else None,
        "hosted_url": f"{base_url}/f/{form.id}?lang={reader.language}",
        "words": {name: reader.t(f"form.{name}") for name in SHARED_WORDS}
        | {name: reader.t(f"form.embed.{name}") for name in EMBED_WORDS}
        | {
            "problem": reader.t("form.problems", n=1),
            "problems": reader.t("form.problems", n=2),
            "privacy": reader.t("common.privacy"),
            "hotline": reader.t("form.emergency.hotline"),
            "reference": reader.t("thanks.reference"),
            "status": reader.t("thanks.status"),
            "sent_before": reader.t("problems.code.sent_before.any"),
        },
    }


def _emergency(programme: Programme, form: Form, reader: LocaleContext) -> dict[str, Any] | None:
    """What is asked at once, on one screen with the fields of step 1 that are not ``later``; None
    if the form knows no emergency.
    """
    urgencies = emergencies(programme, form)
    if not urgencies:
        return None
    hotline = programme.hotline
    return {
        "urgencies": list(urgencies),
        "fields": [_field(each, reader) for each in emergency_fields(form, reader)],
        "hotline": hotline.phone if hotline else None,
        "hotline_url": tel(hotline.phone) if hotline else None,
        "call": reader.t("form.coverage.call", phone=hotline.phone) if hotline else None,
        "hours": reader.say(hotline.hours) if hotline else None,
        "later": reader.t("form.emergency.later"),
    }


def _field(field: Field, reader: LocaleContext) -> dict[str, Any]:
    plain = {
        "name": field.name,
        "kind": field.kind,
        "label": field.label,
        "required": field.required,
        "missing": field.required and missing(field.name, reader.t, field.labels),
        "hint": field.hint,
        "options": [{"id": value, "label": label} for value, label in field.options],
        "autocomplete": field.autocomplete,
        "inputmode": field.inputmode,
        "longest": field.longest,
        "more": field.more,
        "instead": field.instead,
        "later": field.later,
        "checks": {check.country: [check.pattern, check.wrong] for check in field.checks},
    }
    return {name: value for name, value in plain.items() if value}


def coverage_json(
    coverage: Coverage, programme: Programme, language: str, now: datetime | None = None
) -> dict[str, Any]:
    """The numbers, the instants (ISO, UTC), and the ready sentence."""
    reader = LocaleContext.prospect(programme, language, now, coverage.region)
    title, text = coverage_title(coverage, reader), coverage_text(coverage, reader)
    return {
        "place": coverage.place,
        "partners": coverage.partners,
        "open_now": coverage.open_now,
        "opens_at": _iso(coverage.opens_at),
        "hear_by": _iso(coverage.hear_by),
        "hotline": coverage.hotline or None,
        "title": title,
        "text": text,
        "sentence": f"{title}. {text}" if title[-1] not in ".:!?" else f"{title} {text}",
        "hotline_text": hotline_text(coverage, reader) or None,
        "hotline_url": tel(coverage.hotline) if coverage.hotline else None,
    }


def thanks_sentence(answer: str, hear_by: datetime | None, reader: LocaleContext) -> str:
    """What happens next, for the thank-you page and the JSON answer alike."""
    answer = answer if answer in ("offered", "held", "waiting", "joined", "confirm") else "noted"
    if answer in ("noted", "joined", "confirm"):
        return reader.t(f"thanks.{answer}")
    return (
        reader.t(f"thanks.{answer}", when=reader.when(hear_by))
        if hear_by
        else reader.t(f"thanks.{answer}_plain")
    )


def lead_json(
    programme: Programme,
    language: str,
    *,
    lead: str,
    reference: str,
    answer: str,
    hear_by: datetime | None,
    status_url: str,
    region: str = "",
    ignored: Iterable[str] = (),
    now: datetime | None = None,
) -> dict[str, Any]:
    """The answer to a post: what was stored, and what happens next."""
    reader = LocaleContext.prospect(programme, language, now, region)
    return {
        "lead": lead,
        "reference": reference,
        "answer": answer,
        "title": reader.t("thanks.title"),
        "next": thanks_sentence(answer, hear_by, reader),
        "hear_by": _iso(hear_by),
        "status_url": status_url,
        "ignored": list(ignored),
    }


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
