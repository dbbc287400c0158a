"""Leads through the hosted form's two steps: what to show next, and what was posted in the end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.enquiry import NEED_FIELDS
from routing_core.domain.enquiry.gatekeeping import FORM_HOLDS_FOR, Credentials
from routing_core.domain.enquiry.origin import context_from_flat, read_context
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

LONGEST_KEY = 200
"""Characters of a submission key; what is longer is cut."""
FIELDS_ABOUT_THE_PERSON = ("name", "email", "phone", "consent")
"""Names the fields of which one that is filled in says that the whole enquiry was posted."""


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A visitor's request for a page of the hosted form."""

    form: str
    fields: Mapping[str, str]
    """What was typed so far, by field name, one text each."""
    language: str
    now: datetime


@dataclass(frozen=True, slots=True)
class FormStart:
    """What a form carries from being shown until it is posted.

    All is empty for a post that carries nothing of ours: a program's, or a form's on somebody's own
    page.
    """

    shown_at: datetime | None = None
    submission: str | None = None
    """The submission it was shown for; None in forms shown before the two were signed together."""
    programme: int | None = None
    """The version whose words were read, those of the consent among them."""
    came_from: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What was posted, before anything of it is understood."""

    form: str
    key: str
    """The submission key as it was sent."""
    raw: Mapping[str, Any]
    language: str


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a post came, as the request says it."""

    referrer: str
    languages: str
    """The languages that the browser names."""
    client: str
    """The network address that API Gateway saw."""
    api_key: str = ""
    """The name of the API key that it came with."""


def sign_start(
    services: Services,
    shown_at: datetime,
    submission: str,
    came_from: Mapping[str, Any] | None = None,
) -> str:
    """Sign when a form was shown, by which rules, and for which submission.

    Nothing is stored, and nothing is secret.
    """
    version, _ = services.rules.programme()
    values = [shown_at.isoformat(), version, came_from or {}, submission]
    carried = json.dumps(values, separators=(",", ":"))
    return services.links.token(Token(Purpose.FORM, extra=carried))


def read_start(links: Links, text: Any) -> FormStart:
    """Read what a form carries; a text that is not signed by us gives a start that says nothing."""
    try:
        carried = links.read(Purpose.FORM, str(text or "")).extra
    except LinkRefused:
        return FormStart()
    # Forms that were shown before the submission was signed with the start have three values.
    shown_at, version, came_from, *submission = json.loads(carried)
    return FormStart(
        datetime.fromisoformat(shown_at), submission[0] if submission else None, version, came_from
    )


def posted(services: Services, incoming: Incoming, origin: Origin) -> Posted:
    """Gather a post with all that came along with it.

    Of where the visitor came from, the ``context`` that a program or the embed script sends along
    counts first, then what the form carries, then plain fields.
    """
    raw = incoming.raw
    start = read_start(services.links, sent_text(raw.get("started")))
    context = raw.get("context")
    sent_along = context if isinstance(context, Mapping) else {}
    # The page that posts is the form itself, once the form says where its visitor had come from.
    referrer = "" if sent_along or start.came_from else origin.referrer
    plain = context_from_flat(raw, referrer)
    key = incoming.key[:LONGEST_KEY]
    carried = Credentials(
        submission=key,
        client=origin.client,
        started=start.shown_at,
        started_for=start.submission,
        proof=sent_text(raw.get("altcha")),
        api_key=origin.api_key,
    )
    return Posted(
        form=incoming.form,
        key=key,
        raw=raw,
        language=incoming.language,
        context=read_context({**plain, **start.came_from, **sent_along}, origin.languages),
        shown=start.programme,
        carried=carried,
    )


def typed(services: Services, form_id: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Give one text for each field of a posted form.

    Of a question that takes several answers it gives all of them. Raises NotFound for an unknown
    form.
    """
    _, form = form_of(services, form_id)
    return text_by_field(form, values)


def text_by_field(form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    """Give one text for each posted field; several answers to a question stand in one."""
    many = {question.id for question in form.questions if question.many}
    fields = {}
    for name, value in values.items():
        if name in many and isinstance(value, list):
            answers = [sent_text(each) for each in value]
            fields[name] = SEPARATOR.join(answer for answer in answers if answer)
        else:
            fields[name] = sent_text(value) or ""
    return fields


def open_form(services: Services, request: FormRequest, key: str, referrer: str) -> FormView:
    """Show the form for a new enquiry, which gets the submission ``key``.

    What the address says by field name is filled in already, and where the visitor came from is
    carried along. Raises NotFound for an unknown form.
    """
    came_from = context_from_flat(request.fields, referrer)
    start = {"submission_id": key, "started": sign_start(services, request.now, key, came_from)}
    filled_in = {
        name: value for name, value in request.fields.items() if not name.startswith("utm_")
    }
    return view_form(services, replace(request, fields=filled_in | start))


def view_form(
    services: Services,
    request: FormRequest,
    *,
    step: int = 1,
    error: InvalidInput | None = None,
    coverage: Coverage | None = None,
) -> FormView:
    """Show a step of the form with what was typed; raises NotFound for an unknown form.

    Who agreed to another version's text is asked again, with that of now.
    """
    programme, form = form_of(services, request.form)
    fields = _with_start_in_force(services, request)
    may_be_posted_from_here = step == 2 or _may_end_here(programme, form)
    return FormView(
        programme=programme,
        form=form,
        language=request.language,
        step=step,
        submission_id=fields["submission_id"],
        started=fields["started"],
        values=fields,
        problems=error.problems if error else (),
        coverage=coverage,
        now=request.now,
        challenge=challenge_under_pressure(services, request.now)
        if may_be_posted_from_here
        else None,
    )


def _with_start_in_force(services: Services, request: FormRequest) -> dict[str, str]:
    """Give what was typed, with a start signed for this submission and the programme of now."""
    fields = dict(request.fields)
    # Cut here too, else the key that is signed would be another one than that which is posted.
    fields["submission_id"] = fields["submission_id"][:LONGEST_KEY]
    version, _ = services.rules.programme()
    start = read_start(services.links, fields.get("started"))
    if start.programme != version:
        fields.pop("consent", None)
    if start.programme != version or start.submission != fields["submission_id"]:
        shown_at = _still_holds(start, request.now) or request.now
        fields["started"] = sign_start(services, shown_at, fields["submission_id"], start.came_from)
    return fields


def _may_end_here(programme: Programme, form: Form) -> bool:
    """Tell whether the form's first step may be its only one, as it is in an emergency."""
    return any(programme.is_emergency(urgency) for urgency in form.urgencies)


def _still_holds(start: FormStart, now: datetime) -> datetime | None:
    """Give when a form was shown, if one shown then may still be posted.

    Signed anew, it does not start again.
    """
    if start.shown_at is None or now - start.shown_at > FORM_HOLDS_FOR:
        return None
    return start.shown_at


def is_whole(services: Services, form_id: str, fields: Mapping[str, str]) -> bool:
    """Tell whether a post is the whole enquiry: from step 2, or an emergency's one screen.

    Who presses Enter there names no button, and a browser that cannot show that screen as soon as
    an emergency is chosen posts step 1: then a field about the person says which it was. Raises
    NotFound.
    """
    if "back" in fields:
        return False
    if fields.get("step") == "2":
        return True
    programme, _ = form_of(services, form_id)
    names_the_person = any(fields.get(name) for name in FIELDS_ABOUT_THE_PERSON)
    is_sent = "send" in fields or names_the_person
    return is_sent and programme.is_emergency(fields.get("urgency", ""))


def after_first_step(services: Services, request: FormRequest) -> FormView:
    """Show who could take the enquiry and the questions about the person, or step 1 again.

    Step 1 comes again where something is wrong with it, for the button "back", and in an emergency,
    which has no other.
    """
    if "back" in request.fields:
        return view_form(services, request)
    try:
        coverage = _coverage_for(services, request)
    except InvalidInput as error:
        return view_form(services, request, error=error)
    if services.programme.is_emergency(request.fields.get("urgency", "")):
        return view_form(services, request)
    return view_form(services, request, step=2, coverage=coverage)


def after_refusal(
    services: Services, request: FormRequest, error: InvalidInput, new_key: str
) -> FormView:
    """Show the step on which something is wrong: step 1, or else step 2 with its coverage.

    Who came back to change an enquiry that was sent already may send the changed one too, under
    ``new_key``.
    """
    programme, form = form_of(services, request.form)
    fields = {"submission_id": new_key} | dict(request.fields)
    if isinstance(error, DifferentBody):
        fields["submission_id"] = new_key
        error = InvalidInput(
            [Problem("submission_id", "sent_before", "was sent already: send again to send both")]
        )
    request = replace(request, fields=fields)
    on_one_screen = programme.is_emergency(fields.get("urgency", ""))
    if on_one_screen or _is_about_first_step(form, error):
        return view_form(services, request, error=error)
    return view_form(
        services, request, step=2, error=error, coverage=_coverage_for(services, request)
    )


def _is_about_first_step(form: Form, error: InvalidInput) -> bool:
    """Tell whether something is wrong with a field of the form's first step."""
    asked_first = {question.id for question in form.questions if question.step == 1}
    return any(
        problem.field in asked_first or problem.field in NEED_FIELDS for problem in error.problems
    )


def _coverage_for(services: Services, request: FormRequest) -> Coverage:
    """Find who could take the enquiry as it was typed so far; raises InvalidInput."""
    return answer_coverage(services, request.form, request.fields, request.language, request.now)
