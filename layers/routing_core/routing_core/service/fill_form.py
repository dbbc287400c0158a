"""The hosted form's two steps: what to show next, and what was posted in the end."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..domain.enquiry import NEED_FIELDS
from ..domain.errors import InvalidInput, LinkRefused
from ..domain.origin import from_flat, read_context
from .answer_coverage import answer_coverage
from .links import Links, Purpose, Token
from .relay import Relay
from .submit_lead import Posted, form_of
from .views import Coverage, FormView

Fields = Mapping[str, str]
LONGEST_KEY = 200


def stamp(links: Links, now: datetime, came_from: Mapping[str, Any] | None = None) -> str:
    """What a form carries until it is posted: when it was shown, where the visitor came from. Signed, not secret."""
    told = json.dumps([now.isoformat(), came_from or {}], separators=(",", ":"))
    return links.token(Token(Purpose.FORM, extra=told))


def read_stamp(links: Links, text: Any) -> tuple[datetime | None, dict[str, Any]]:
    """None for a post that carries no stamp of ours (a program, or a form on somebody's own page)."""
    try:
        at, came_from = json.loads(links.read(Purpose.FORM, str(text or "")).extra)
    except LinkRefused:
        return None, {}
    return datetime.fromisoformat(at), came_from


def posted(
    relay: Relay,
    form_id: str,
    key: str,
    raw: Mapping[str, Any],
    language: str,
    told: Any = None,
    *,
    came: tuple[str, str],
) -> Posted:
    """``told``: the context a program or the embed script sends along; else the stamp's, else the plain form's fields.
    ``came``: the referrer and the languages that the browser names."""
    referrer, locale = came
    started, stamped = read_stamp(relay.links, raw.get("started"))
    context = read_context(told or stamped or from_flat(raw, referrer), locale)
    return Posted(form_id, key[:LONGEST_KEY], raw, language, context, started)


def view_form(
    relay: Relay,
    form_id: str,
    fields: Fields,
    language: str,
    now: datetime,
    step: int = 1,
    error: InvalidInput | None = None,
    coverage: Coverage | None = None,
) -> FormView:
    """Raises NotFound for an unknown form."""
    programme, form = form_of(relay, form_id)
    return FormView(
        programme=programme,
        form=form,
        language=language,
        step=step,
        submission_id=fields["submission_id"],
        started=fields.get("started") or stamp(relay.links, now),
        values=fields,
        problems=error.problems if error else (),
        coverage=coverage,
        now=now,
    )


def after_first_step(relay: Relay, form_id: str, fields: Fields, language: str, now: datetime) -> FormView:
    """Who could take it, and the questions about the person; or step 1 again."""
    if "back" in fields:
        return view_form(relay, form_id, fields, language, now)
    try:
        coverage = answer_coverage(relay, form_id, fields, language, now)
    except InvalidInput as error:
        return view_form(relay, form_id, fields, language, now, 1, error)
    return view_form(relay, form_id, fields, language, now, 2, coverage=coverage)


def after_refusal(
    relay: Relay, form_id: str, fields: Fields, language: str, now: datetime, error: InvalidInput
) -> FormView:
    """A problem with step 1's answers goes back there; otherwise the coverage stands as before."""
    _, form = form_of(relay, form_id)
    first = {*NEED_FIELDS, *(q.id for q in form.questions if q.step == 1)}
    if any(problem.field in first for problem in error.problems):
        return view_form(relay, form_id, fields, language, now, 1, error)
    coverage = answer_coverage(relay, form_id, fields, language, now)
    return view_form(relay, form_id, fields, language, now, 2, error, coverage)
