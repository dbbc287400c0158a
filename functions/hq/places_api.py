"""The places of postcodes: a list for each country."""

from dataclasses import asdict

from functions.hq.keys import require
from routing_core.aws.bodies import LIST_BODY, body_text
from routing_core.aws.http import Reply, Router, flag, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotAllowed
from routing_core.present.told import doubts_for_programs
from routing_core.service.hq.save_places import PostedPlaces, save_places
from routing_core.web import language_of

router = Router()


@router.get("/v1/places")
def places() -> Reply:
    """List the countries with a list of postcodes: how many it has, and when it was saved."""
    require(router.current_event, "partners:read")
    known = wiring().rules.places()
    lists = [
        {"country": country, "postcodes": each.postcodes, "saved_at": each.saved_at.isoformat()}
        for country, each in known.items()
    ]
    return json_reply({"places": lists})


@router.put("/v1/places/<country>")
def replace_places(country: str) -> Reply:
    """Replace the country's list by a CSV file.

    Its columns are ``postcode``, ``lat``, ``lon`` and, if you like, ``town``; ``?dry_run=true``
    checks and saves nothing. At most 100,000 postcodes and 4 MB: of more, send what they begin
    with.
    """
    event, services = router.current_event, wiring().services
    caller = require(event, "partners:write")
    if caller.regions is not None:
        raise NotAllowed("a key for regions does not replace the places of a country")
    text, dry_run = body_text(event, LIST_BODY), flag(event, "dry_run")
    posted = PostedPlaces(country, text, caller.actor)
    saved = save_places(services, posted, now_of(event), dry_run=dry_run)
    warnings = doubts_for_programs(saved.warnings, language_of(event))
    return json_reply(asdict(saved) | {"warnings": warnings})
