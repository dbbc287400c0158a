"""Pages: each takes a view and returns finished HTML that works without JavaScript."""

from routing_core.present.pages.access import access_page
from routing_core.present.pages.desk import desk_page
from routing_core.present.pages.form import form_page
from routing_core.present.pages.frame import security_headers
from routing_core.present.pages.hand_over import hand_over_page
from routing_core.present.pages.offer import offer_page
from routing_core.present.pages.queue import queue_page
from routing_core.present.pages.queue_lead import queue_lead_page
from routing_core.present.pages.simple import (
    confirm_page,
    error_kind,
    error_page,
    hq_link_page,
    thanks_page,
)
from routing_core.present.pages.status import status_page

__all__ = [
    "access_page",
    "confirm_page",
    "desk_page",
    "error_kind",
    "error_page",
    "form_page",
    "hand_over_page",
    "hq_link_page",
    "offer_page",
    "queue_lead_page",
    "queue_page",
    "security_headers",
    "status_page",
    "thanks_page",
]
