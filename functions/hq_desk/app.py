"""HQ's desk: the pages on which people at HQ see everything and steer it, once signed in."""

from typing import Any

from functions.hq_desk import (
    back_tests,
    costs,
    coverage,
    devices,
    import_pages,
    keys,
    lead_exports,
    lead_files,
    lead_lists,
    lead_pages,
    log,
    new_lead,
    own_link,
    partner_end,
    partner_lists,
    partner_pages,
    partners,
    people,
    reports,
    rule_editor,
    rule_forms,
    rule_trial,
    rules,
    signing_in,
    today,
)
from functions.hq_desk.refusals import refused_at_desk
from functions.hq_desk.visitor import keep_signed_in
from routing_core.aws.http import handle_request, resolver
from routing_core.aws.settings import HqDeskSettings, requires

app = resolver(
    refused_at_desk,
    today.router,
    signing_in.router,
    own_link.router,
    devices.router,
    coverage.router,
    lead_exports.router,
    lead_files.router,
    lead_lists.router,
    lead_pages.router,
    new_lead.router,
    import_pages.router,
    people.router,
    keys.router,
    log.router,
    costs.router,
    reports.router,
    partners.router,
    partner_end.router,
    partner_lists.router,
    partner_pages.router,
    rules.router,
    rule_forms.router,
    rule_editor.router,
    rule_trial.router,
    back_tests.router,
)


@requires(HqDeskSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return keep_signed_in(event, handle_request(app, event, context))
