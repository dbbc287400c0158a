"""How mail does, as the API tells it."""

from typing import Any

from routing_core.service.hq_desk.mail_health import MailHealth


def mail_document(health: MailHealth) -> dict[str, Any]:
    """Spell whether mail stands still, and which mails were refused."""
    told: dict[str, Any] = {"standing": None, "refused": []}
    if health.standing:
        told["standing"] = {
            "since": health.standing.since.isoformat(),
            "tried_at": health.standing.tried_at.isoformat(),
            "why": health.standing.hindrance.value,
        }
    for mail in health.refused:
        entry = {"at": mail.at.isoformat(), "role": mail.role}
        entry |= {"lead": mail.lead} if mail.lead else {}
        entry |= {"partner": mail.partner} if mail.partner else {}
        told["refused"].append(entry)
    return told
