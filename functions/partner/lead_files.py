"""Files that HQ attached to a lead, for the partner who has or had it and sees the contact."""

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.http import Reply, Router, file_reply, now_of, see_other
from routing_core.aws.wiring import wiring
from routing_core.service.hq.lead_files import opened_file
from routing_core.service.offers.offer_page import view_offer

router = Router()


@router.get("/o/<token>/files/<file>")
def show(token: str, file: str) -> Response[bytes] | Reply:
    """Give a file to be saved; whoever may not see the contact is shown how things stand."""
    view = view_offer(wiring().services, token, now_of(router.current_event))
    if view.context is None:
        return see_other(view.url)
    opened = opened_file(wiring().lead_files, view.lead.id, view.context, file)
    return file_reply(opened.content, opened.file.kind.content_type, opened.file.name)
