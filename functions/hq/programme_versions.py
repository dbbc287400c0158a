"""The versions of the rules: listed, read, compared in sentences, restored, called off."""

from functions.hq.keys import require
from functions.hq.saved_rules import saved_rules
from routing_core.aws.http import Reply, Router, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotFound
from routing_core.domain.values.clean import whole_number
from routing_core.present.hq_desk.rules.version_documents import (
    difference_document,
    version_document,
    versions_document,
)
from routing_core.service.hq_desk.rule_desk import (
    call_off_version,
    compare_versions,
    restore_version,
    rule_version,
    view_rules,
    view_versions,
)
from routing_core.web import language_of

router = Router()


@router.get("/v1/programme/versions")
def versions() -> Reply:
    """List the versions of the rules with who made them when, the newest first."""
    event = router.current_event
    require(event, "programme:read")
    before = whole_number(query(event).get("before", ""))
    return json_reply(versions_document(view_versions(wiring().services, before)))


@router.get("/v1/programme/versions/<version>")
def version(version: str) -> Reply:
    """Give one version of the rules whole, with the YAML that it was written as."""
    require(router.current_event, "programme:read")
    services, number = wiring().services, whole_number(version) or 0
    noted, in_force = rule_version(services, number), view_rules(services)
    programme = services.rules.programme_version(number)
    document = version_document(noted, in_force.number, in_force.plan) | {
        "programme": programme.model_dump(mode="json", by_alias=True, exclude_none=True),
        "text": services.rules.programme_text(number),
    }
    return json_reply(document)


@router.get("/v1/programme/diff")
def difference() -> Reply:
    """Tell in sentences what changed between two versions of the rules."""
    event = router.current_event
    require(event, "programme:read")
    asked = query(event)
    older, newer = (whole_number(asked.get(name, "")) for name in ("from", "to"))
    if not older or not newer:
        raise NotFound("two versions are compared by their numbers: ?from=1&to=2")
    told = compare_versions(wiring().services, older, newer)
    return json_reply(difference_document(told, language_of(event), now_of(event)))


@router.post("/v1/programme/versions/<version>/restore")
def restore(version: str) -> Reply:
    """Put an earlier version of the rules in force again, as a new one."""
    event = router.current_event
    caller = require(event, "programme:write")
    number = whole_number(version) or 0
    saved = restore_version(wiring().services, caller.actor, number, now_of(event))
    return saved_rules(event, saved)


@router.post("/v1/programme/versions/<version>/call-off")
def call_off(version: str) -> Reply:
    """Call off a version of the rules before its time."""
    event = router.current_event
    caller = require(event, "programme:write")
    services, number = wiring().services, whole_number(version) or 0
    call_off_version(services, caller.actor, number, now_of(event))
    in_force = view_rules(services)
    noted = rule_version(services, number)
    return json_reply(version_document(noted, in_force.number, in_force.plan))
