"""The mails about one lead for machines."""

from typing import Any

from routing_core.present.mails.kept_subject import whole_subject
from routing_core.service.hq_desk.desk_lead import LeadMailsView


def mails_document(view: LeadMailsView) -> dict[str, Any]:
    """Give the mails about a lead, the newest first, ready for JSON."""
    return {
        "lead": view.lead.id,
        "mails": [
            {
                "kind": mail.template,
                "to": mail.role,
                "partner": mail.partner or "",
                "at": mail.at.isoformat().replace("+00:00", "Z"),
                "subject": whole_subject(mail, view.lead, view.programme),
                "language": mail.language,
                "outcome": mail.outcome.value,
                "delivered": mail.delivered,
                "readers": mail.readers,
            }
            for mail in view.mails
        ],
    }
