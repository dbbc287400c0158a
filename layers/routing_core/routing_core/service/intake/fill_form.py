"""The hosted form's two steps: what to show next, and what was posted in the end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.enquiry import NEED_FIELDS
from routing_core.domain.enquiry.gatekeeping import FORM_HOLDS_FOR, Credentials
from routing_core.domain.enquiry.origin import from_flat, read_context
from routing_core.domain.enquiry.typed_fields import sent_text
from routing_core.domain.errors import DifferentBody, InvalidInput, LinkRefused, Problem
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import SEPARATOR
from routing_core.service.intake.answer_coverage import answer_coverage
from routing_core.service.intake.examine_post import challenge_under_pressure
from routing_core.service.intake.submit_lead import Posted, form_of
from routing_core.service.kernel.links import Links, Purpose, Token
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import Coverage, FormView

Fields = Mapping[str, str]
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a form carries until it is posted. All empty for a post that carries none of ours (a
    program, or a form on somebody's own page).
    """

    shown_at: datetime | None = None
    submission: str | None = None
    """The submission it was shown for; None in forms shown before the two were signed together."""
    programme: int | None = None
    """The version whose words were read, those of the consent among them."""
    came_from: Mapping[str, Any] = field(default_factory=dict)


def stamp(
    services: Services,
    shown_at: datetime,
    submission: str,
    came_from: Mapping[str, Any] | None = None,
) -> str:
    """Signs when a form was shown, by which rules, and for which submission: nothing is stored,
    nothing is secret.
    """
    version, _ = services.rules.programme()
    told = json.dumps(
        [shown_at.isoformat(), version, came_from or {}, submission], separators=(",", ":")
    )
    return services.links.token(Token(Purpose.FORM, extra=told))


def read_stamp(links: Links, text: Any) -> Stamp:
    try:
        at, version, came_from, *submission = json.loads(
            links.read(Purpose.FORM, str(text or "")).extra
        )
    except LinkRefused:
        return Stamp()
    return Stamp(
        datetime.fromisoformat(at), submission[0] if submission else None, version, came_from
    )


def posted(
    services: Services,
    form_id: str,
    key: str,
    raw: Mapping[str, Any],
    language: str,
    *,
    came: tuple[str, str, str],
    api_key: str = "",
) -> Posted:
    """Of where it came from the ``context`` that a program or the embed script sends along counts
    first, then the
    stamp's, then plain fields. ``came``: the referrer, the languages that the browser names, and
    the network address.
    ``api_key``: the name of the key it came with.
    """
    referrer, locale, client = came
    shown = read_stamp(services.links, sent_text(raw.get("started")))
    told = raw.get("context")
    sent_along = told if isinstance(told, Mapping) else {}
    plain = from_flat(raw, "" if sent_along or shown.came_from else referrer)
    context = read_context({**plain, **shown.came_from, **sent_along}, locale)
    key = key[:LONGEST_KEY]
    carried = Credentials(
        key, client, shown.shown_at, shown.submission, sent_text(raw.get("altcha")), api_key
    )
    return Posted(form_id, key, raw, language, context, shown.programme, carried)


def typed(services: Services, form_id: str, values: Mapping[str, Any]) -> dict[str, str]:
    """One text for each field of a posted form; of a question that takes several answers all of
    them. Raises NotFound.
    """
    _, form = form_of(services, form_id)
    many = {question.id for question in form.questions if question.many}
    fields = {}
    for name, value in values.items():
        several = name in many and isinstance(value, list)
        fields[name] = (
            SEPARATOR.join(filter(None, map(sent_text, value)))
            if several
            else sent_text(value) or ""
        )
    return fields


def view_form(
    services: Services,
    form_id: str,
    fields: Fields,
    language: str,
    now: datetime,
    step: int = 1,
    error: InvalidInput | None = None,
    coverage: Coverage | None = None,
) -> FormView:
    """Raises NotFound for an unknown form. Who agreed to another version's text is asked again,
    with that of now.
    """
    programme, form = form_of(services, form_id)
    version, _ = services.rules.programme()
    shown = read_stamp(services.links, fields.get("started"))
    if shown.programme != version:
        fields = {name: value for name, value in fields.items() if name != "consent"}
    fields = dict(fields)
    fields["submission_id"] = fields["submission_id"][:LONGEST_KEY]
    if shown.programme != version or shown.submission != fields["submission_id"]:
        fields["started"] = stamp(
            services, _still_holds(shown, now) or now, fields["submission_id"], shown.came_from
        )
    return FormView(
        programme=programme,
        form=form,
        language=language,
        step=step,
        submission_id=fields["submission_id"],
        started=fields["started"],
        values=fields,
        problems=error.problems if error else (),
        coverage=coverage,
        now=now,
        challenge=challenge_under_pressure(services, now)
        if step == 2 or _may_end_here(programme, form)
        else None,
    )


def _may_end_here(programme: Programme, form: Form) -> bool:
    return any(programme.is_emergency(urgency) for urgency in form.urgencies)


def _still_holds(shown: Stamp, now: datetime) -> datetime | None:
    """Gives when it was shown, if a form shown then may still be posted: signed anew, it does not
    start again.
    """
    if shown.shown_at is None or now - shown.shown_at > FORM_HOLDS_FOR:
        return None
    return shown.shown_at


def is_whole(services: Services, form_id: str, fields: Fields) -> bool:
    """Tells whether a post is the whole enquiry: it comes from step 2, or from the one screen of an
    emergency.

    Who presses Enter there names no button, and a browser that cannot show that screen as soon as
    an emergency is chosen posts step 1: then a field about the person says which it was. Raises
    NotFound.
    """
    if "back" in fields:
        return False
    if fields.get("step") == "2":
        return True
    programme, _ = form_of(services, form_id)
    told = "send" in fields or any(
        fields.get(name) for name in ("name", "email", "phone", "consent")
    )
    return told and programme.is_emergency(fields.get("urgency", ""))


def after_first_step(
    services: Services, form_id: str, fields: Fields, language: str, now: datetime
) -> FormView:
    """Who could take it, and the questions about the person; or step 1 again, which is all there is
    in an emergency.
    """
    if "back" in fields:
        return view_form(services, form_id, fields, language, now)
    try:
        coverage = answer_coverage(services, form_id, fields, language, now)
    except InvalidInput as error:
        return view_form(services, form_id, fields, language, now, 1, error)
    programme, _ = form_of(services, form_id)
    if programme.is_emergency(fields.get("urgency", "")):
        return view_form(services, form_id, fields, language, now)
    return view_form(services, form_id, fields, language, now, 2, coverage=coverage)


def after_refusal(
    services: Services,
    form_id: str,
    fields: Fields,
    language: str,
    now: datetime,
    error: InvalidInput,
    new_key: str,
) -> FormView:
    """A problem with step 1's answers goes back there; otherwise the coverage stands as before.

    Who came back to change an enquiry that was sent already may send the changed one too, under
    ``new_key``.
    """
    programme, form = form_of(services, form_id)
    fields = {"submission_id": new_key} | dict(fields)
    if isinstance(error, DifferentBody):
        fields["submission_id"] = new_key
        error = InvalidInput(
            [Problem("submission_id", "sent_before", "was sent already: send again to send both")]
        )
    first = {*NEED_FIELDS, *(q.id for q in form.questions if q.step == 1)}
    on_one_screen = programme.is_emergency(fields.get("urgency", ""))
    if on_one_screen or any(problem.field in first for problem in error.problems):
        return view_form(services, form_id, fields, language, now, 1, error)
    coverage = answer_coverage(services, form_id, fields, language, now)
    return view_form(services, form_id, fields, language, now, 2, error, coverage)
