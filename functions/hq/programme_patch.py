"""Some settings of the rules changed by themselves, for machines: what the desk's small forms do."""

from functions.hq.etags import version_read
from functions.hq.keys import require
from functions.hq.saved_rules import saved_rules
from routing_core.aws.bodies import LIST_BODY, json_object
from routing_core.aws.http import Reply, Router, flag, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.rule_version import RuleEdition
from routing_core.service.hq.patch_programme import RulePatch, patch_programme
from routing_core.service.hq_desk.rule_desk import check_edition
from routing_core.service.hq_desk.rule_fields import read_rule_start

router = Router()


@router.patch("/v1/programme")
def change() -> Reply:
    """Change what a JSON Merge Patch (RFC 7396) of the rules names; null takes a setting away.

    ``{"hotline": {"phone": "+49 89 1234"}}``. Lists are replaced whole. With ``If-Match`` only of
    the version that was read; ``starts_at`` plans the change, ``dry_run`` checks it and saves
    nothing.
    """
    event, services, asked = router.current_event, wiring().services, query(router.current_event)
    caller, now = require(event, "programme:write"), now_of(event)
    starts_at = read_rule_start(asked.get("starts_at", ""), "UTC")
    edition = RuleEdition(caller.actor, asked.get("comment", ""), starts_at=starts_at)
    check_edition(edition.comment, starts_at, now)
    patch, dry_run = json_object(event, LIST_BODY), flag(event, "dry_run")
    wanted = RulePatch(patch, edition, version_read(event), dry_run)
    saved = patch_programme(services, wanted, now)
    return saved_rules(event, saved)
