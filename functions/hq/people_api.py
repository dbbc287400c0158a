"""The people of HQ, for machines: listed, added, changed, removed, their access ended."""

from functions.hq.etags import version_read, with_etag
from functions.hq.keys import require
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.explain.people_document import people_document, person_document
from routing_core.service.hq_desk.people_desk import (
    end_access,
    remove_person,
    view_people,
    view_person,
)
from routing_core.service.hq_desk.person_form import PersonPatch, patch_person

router = Router()


@router.get("/v1/people")
def show() -> Reply:
    """List the people of HQ; the ETag is the version of the rules, which their entries stand in."""
    event, services = router.current_event, wiring().services
    view = view_people(services, require(event, "people:read"), now_of(event))
    version, _ = services.rules.programme()
    return with_etag(json_reply(people_document(view)), version)


@router.post("/v1/people")
def add() -> Reply:
    """Add somebody: ``{"email", "name", "role", "language", "regions", "may"}``."""
    event, services = router.current_event, wiring().services
    caller, now = require(event, "people:write"), now_of(event)
    added = PersonPatch(json_object(event), seen=version_read(event))
    return _shown(patch_person(services, caller, added, now), 201)


@router.patch("/v1/people/<person>")
def change(person: str) -> Reply:
    """Change what a JSON Merge Patch (RFC 7396) names of somebody, by their ``id``."""
    event, services = router.current_event, wiring().services
    caller, now = require(event, "people:write"), now_of(event)
    change = PersonPatch(json_object(event), person, version_read(event))
    return _shown(patch_person(services, caller, change, now))


@router.delete("/v1/people/<person>")
def remove(person: str) -> Reply:
    """Take somebody out of the rules: their links and devices end at once."""
    event, services = router.current_event, wiring().services
    caller, now = require(event, "people:write"), now_of(event)
    remove_person(services, caller, person, version_read(event), now)
    return json_reply(people_document(view_people(services, caller, now)))


@router.post("/v1/people/<person>/revoke")
def revoke(person: str) -> Reply:
    """Sign somebody out everywhere and end every link they were sent; they may sign in again."""
    event, services = router.current_event, wiring().services
    end_access(services, require(event, "people:write"), person, now_of(event))
    return _shown(person)


def _shown(person: str, status: int = 200) -> Reply:
    event, services = router.current_event, wiring().services
    services.rules.look_again()
    view = view_person(services, require(event, "people:write"), person, now_of(event))
    return with_etag(json_reply(person_document(view), status), view.form.version)
