"""The partners stream: compiles the network anew, and tells who may take leads by now."""

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
    """Give the events that saved profiles make, each as its kind and its data."""
    for partner in partners:
        if not partner.deactivated and (partner.bounced or not partner.confirmed):
            kind = "partner.bounced" if partner.bounced else "partner.unconfirmed"
            # One name for one address, however often the profile is saved: it is told once.
            name = f"{partner.address_generation}.{email_mark(partner.contact.email)}"
            yield kind, {"partner": partner.id, "event": name}
    # One event for all of them (a hundred at most): leads that wait are woken, holidays minded.
    changed = sorted(partner.id for partner in partners if partner.active or partner.absences)
    if changed:
        yield "partner.changed", {"partners": changed}


def readable_partners() -> Iterator[Partner]:
    """Give every partner whose profile can be read; an alarm tells of those that cannot.

    Another tells of a number that could not be saved today: the nearest that could takes its place.
    """
    for partner in wiring().partners.each():
        if partner is None:
            sound_alarm("UnreadableProfiles")
            continue
        bounded = within_bounds(partner)
        if bounded is not partner:
            logger.warning("profile outside bounds", extra={"partner": partner.id})
            sound_alarm("ProfilesOutsideBounds")
        yield bounded


def sound_alarm(metric: str) -> None:
    """Count one in a metric that an alarm watches, at once: what comes later may fail."""
    metrics.add_metric(metric, MetricUnit.Count, 1)
    metrics.flush_metrics()


@requires(NetworkSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    """Publish one snapshot for the whole batch.

    A failure fails the batch whole, and doing it again is harmless.
    """
    network = wiring().rules.publish_network(readable_partners, datetime.now(UTC))
    wiring().bus.publish((), list(facts_about(saved_partners(event))))
    logger.info("published", extra={"network": network.version, "partners": len(network.partners)})


def saved_partners(event: dict[str, Any]) -> Collection[Partner]:
    """Give the partners whose profiles were saved, each once and as saved last."""
    saved = {}
    for record in DynamoDBStreamEvent(event).records:
        image = record.dynamodb.new_image if record.dynamodb else None
        if image and "profile" in image:
            saved[image["pk"]] = readable(image)
    return [partner for partner in saved.values() if partner]
