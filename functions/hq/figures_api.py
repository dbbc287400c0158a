"""Figures of any days for machines."""

from functools import partial

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, has_time, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.reports.report_json import counting_json, figures_json, next_figures

router = Router()


@router.get("/v1/figures", compress=True)
def figures() -> Reply:
    """Give the figures of any days, and of any part of the leads.

    Months that have a report are counted from its snapshot, and days since then as they are now:
    where that takes longer than a request, the answer is 202, and ``Location`` goes on counting.
    """
    # Here, for they bring numpy: whoever asks for no figures does not wait for that.
    from routing_core.service.reports.figures_of import figures_of, of_their_regions, wanted_figures
    from routing_core.service.reports.gather_days import CountingGoesOn
    from routing_core.service.reports.gather_leads import Gathering

    event = router.current_event
    caller, now = require(event, "reports:read"), now_of(event)
    asked = of_their_regions(query(event), caller)
    wanted = wanted_figures(asked, wiring().services.programme.time_zone, now)
    gathering = Gathering(
        wiring().reports,
        wiring().lead_histories,
        wiring().read_model,
        partial(has_time, router.lambda_context),
    )
    found = figures_of(gathering, wanted)
    if not isinstance(found, CountingGoesOn):
        return json_reply(figures_json(found))
    reply = json_reply(counting_json(found, asked), 202)
    reply.headers |= {"Location": next_figures(found, asked), "Retry-After": "1"}
    return reply
