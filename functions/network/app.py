"""The partners stream: compiles the network anew, and tells whose address waits and who may take
leads.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from routing_core.aws.codecs.partner_items import readable
from routing_core.aws.settings import NetworkSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.domain.partner import Partner, within_bounds
from routing_core.domain.values.mailboxes import email_mark

logger = Logger()
metrics = Metrics()


def facts_about(partners: Collection[Partner]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is told of an address has one name, however often the profile is saved; one fact wakes
    the waiting leads for everybody who changed, and minds what is open at those who go on holiday:
    a batch brings a hundred at most.
    """
    for partner in partners:
        if partner.bounced or not partner.confirmed:
            kind = "partner.bounced" if partner.bounced else "partner.unconfirmed"
            yield (
                kind,
                {
                    "partner": partner.id,
                    "event": f"{partner.occasion}.{email_mark(partner.contact.email)}",
                },
            )
    if changed := sorted(partner.id for partner in partners if partner.active or partner.absences):
        yield "partner.changed", {"partners": changed}


def readable_partners() -> Iterator[Partner]:
    """An alarm tells of those who are left out because nobody can read their profile, and of those
    with a number that could not be saved today: they take part with the nearest that could.
    """
    for partner in wiring().partners.each():
        if partner is None:
            metrics.add_metric("UnreadableProfiles", MetricUnit.Count, 1)
            metrics.flush_metrics()
            continue
        bounded = within_bounds(partner)
        if bounded is not partner:
            logger.warning("profile outside bounds", extra={"partner": partner.id})
            metrics.add_metric("ProfilesOutsideBounds", MetricUnit.Count, 1)
            metrics.flush_metrics()
        yield bounded


@requires(NetworkSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    """One snapshot for the whole batch; a failure fails it whole, and doing it again is
    harmless.
    """
    network = wiring().rules.publish_network(readable_partners, datetime.now(UTC))
    images = [
        record.dynamodb.new_image
        for record in DynamoDBStreamEvent(event).records
        if record.dynamodb
    ]
    saved = {image["pk"]: readable(image) for image in images if image and "profile" in image}
    wiring().bus.publish((), list(facts_about([partner for partner in saved.values() if partner])))
    logger.info("published", extra={"network": network.version, "partners": len(network.partners)})
