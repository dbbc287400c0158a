"""Rules and partners tried before they are saved."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from functions.hq.keys import require
from functions.hq.leads_api import check_sees
from routing_core.aws.bodies import LIST_BODY, json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.formats.yaml_text import check_size, read_yaml
from routing_core.present.explain.trial import trial_document
from routing_core.service.hq.try_programme import Proposal, try_programme
from routing_core.web import language_of

FieldKind = TypeVar("FieldKind")
KIND_WORDS: Mapping[type[Any], str] = {list: "a list", dict: "an object of fields"}

router = Router()


@router.post("/v1/programme/dry-run")
def dry_run() -> Reply:
    """Try rules and partners that nobody has saved yet on one enquiry.

    ``{"programme": document or YAML text, "partners": […], "enquiry": {"form": …}}``, or a
    ``lead``'s id in place of the enquiry.
    """
    event = router.current_event
    require(event, "programme:read")
    asked = json_object(event, LIST_BODY)
    lead, enquiry = asked.get("lead", ""), asked.get("enquiry")
    if bool(lead) == bool(enquiry) or not isinstance(lead, str):
        message = "send an enquiry with its form, or the id of a lead"
        raise InvalidInput([Problem("enquiry", "required", message)])
    if lead:
        check_sees(require(event, "leads:read"), lead)
    draft = Proposal(_programme(asked), _part(asked, "partners", list) or ())
    enquiry = _part(asked, "enquiry", dict)
    tried = try_programme(wiring().services, draft, enquiry, lead, now_of(event))
    return json_reply(trial_document(tried, language_of(event)))


def _programme(asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    written = asked.get("programme")
    if isinstance(written, str):
        return read_yaml(written)
    # As large as what can be saved: else a dry run could keep the function busy for long.
    check_size(json.dumps(written, ensure_ascii=False))
    return _part(asked, "programme", dict)


def _part(asked: Mapping[str, Any], name: str, kind: type[FieldKind]) -> FieldKind | None:
    """Give one field of the body; None if it is not there. Raises InvalidInput for another kind."""
    value = asked.get(name)
    if value is None:
        return None
    if not isinstance(value, kind):
        raise InvalidInput([Problem(name, "invalid", f"is {KIND_WORDS[kind]}")])
    return value
