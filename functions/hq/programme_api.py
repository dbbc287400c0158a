"""The rules: read and replace the programme."""

import yaml
from aws_lambda_powertools.event_handler import Response

from functions.hq.etags import version_read
from functions.hq.keys import require
from functions.hq.saved_rules import saved_rules
from routing_core.aws.bodies import LIST_BODY, body_text
from routing_core.aws.http import Reply, Router, header, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.rule_version import RuleEdition
from routing_core.formats.yaml_text import read_yaml
from routing_core.service.hq.save_programme import save_programme
from routing_core.service.hq_desk.rule_desk import check_edition
from routing_core.service.hq_desk.rule_fields import read_rule_start

router = Router()


@router.get("/v1/programme")
def programme() -> Reply:
    """Give the rules in force; their version is the ETag.

    YAML for a person who asks for it (``Accept: application/yaml``), as its author wrote it, with
    comments and all; else JSON.
    """
    event = router.current_event
    require(event, "programme:read")
    version, saved = wiring().rules.programme()
    document = saved.model_dump(mode="json", by_alias=True, exclude_none=True)
    headers = {"ETag": f'"{version}"', "Cache-Control": "no-store"}
    if "yaml" in header(event, "accept"):
        text = wiring().rules.programme_text(version) or yaml.safe_dump(
            document, allow_unicode=True, sort_keys=False
        )
        return Response(200, "application/yaml; charset=utf-8", text, headers)
    reply = json_reply(document)
    reply.headers.update(headers)
    return reply


@router.put("/v1/programme")
def replace_programme() -> Reply:
    """Replace the rules. They apply from the next decision on; what was promised before stays.

    With ``If-Match`` only in place of the version that was read. ``starts_at`` plans them.
    """
    event, services = router.current_event, wiring().services
    caller = require(event, "programme:write")
    # JSON is YAML: one reader takes both.
    text = body_text(event, LIST_BODY)
    document, now, asked = read_yaml(text), now_of(event), query(event)
    starts_at = read_rule_start(asked.get("starts_at", ""), "UTC")
    # Whoever reads YAML wants none of a machine's JSON.
    written = "" if text.lstrip().startswith("{") else text
    edition = RuleEdition(caller.actor, asked.get("comment", ""), written, starts_at)
    check_edition(edition.comment, starts_at, now)
    saved = save_programme(services, document, now, edition, version_read(event))
    return saved_rules(event, saved)
