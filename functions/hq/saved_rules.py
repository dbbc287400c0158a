"""What a program is told once rules are saved: their version, and what is doubtful about them."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import Reply, json_reply
from routing_core.present.told import doubts_for_programs
from routing_core.service.hq.save_programme import Saved
from routing_core.web import language_of


def saved_rules(event: APIGatewayProxyEventV2, saved: Saved) -> Reply:
    """Tell which version was saved, with its doubts in the language that the caller reads."""
    warnings = doubts_for_programs(saved.warnings, language_of(event))
    return json_reply({"version": saved.version, "warnings": warnings})
