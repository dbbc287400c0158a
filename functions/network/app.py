"""The partners stream: compiles the network anew, and tells whose address waits and who may take leads."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from routing_core.aws.wiring import wiring
from routing_core.domain.mailboxes import email_mark
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_from_plain

logger = Logger()


def facts_about(partners: Collection[Partner]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is told of an address has one name, however often the profile is saved; one fact wakes the waiting leads for
    everybody who changed: a batch of the stream brings a hundred at most."""
    for partner in partners:
        if partner.bounced or not partner.confirmed:
            kind = "partner.bounced" if partner.bounced else "partner.unconfirmed"
            yield kind, {"partner": partner.id, "event": f"{partner.occasion}.{email_mark(partner.contact.email)}"}
    if changed := sorted(partner.id for partner in partners if partner.active):
        yield "partner.changed", {"partners": changed}


def handler(event: dict[str, Any], context: Any) -> None:
    """One snapshot for the whole batch; a failure fails it whole, and doing it again is harmless."""
    network = wiring().rules.publish_network(wiring().partners.all, datetime.now(UTC))
    images = [record.dynamodb.new_image for record in DynamoDBStreamEvent(event).records if record.dynamodb]
    saved = {image["pk"]: partner_from_plain(image["profile"]) for image in images if image and "profile" in image}
    wiring().bus.publish((), list(facts_about(saved.values())))
    logger.info("published", extra={"network": network.version, "partners": len(network.partners)})
