"""The watch over the logs sees what it is there for, and nothing else."""

import logging

import pytest

from routing_core.service.kernel.links import Links
from tests.support.logged import Watch, private

LINKS = Links("https://relay.example.com", {"k1": "a secret of the tests"}, "k1")


@pytest.mark.parametrize(
    "line",
    [
        '{"to": "erika@posteo.de"}',
        '{"exception": "ValueError: petra.17@example.com is not an address"}',
        '{"phone": "+4989999981230"}',
        "call +49 30 23125 017 first",
        f'{{"path": "{LINKS.offer("L5EDPGHPB6K3CU7F44HHHXEJV", 1, "munich-1", 1)}"}}',
        LINKS.status("L5EDPGHPB6K3CU7F44HHHXEJV").rsplit("/", 1)[1],
        LINKS.queue(1),
        LINKS.desk("munich-1", 3),
        "pr_Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6",
        "Erika asked",
        "Petra Prospect 12",
    ],
)
def test_persons_and_tokens_are_seen(line: str) -> None:
    assert private([line])


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"INFO","location":"publish:31","message":"published","timestamp":"2026-11-25 11:00:00,123+0000"}',
        '{"lead":"L5EDPGHPB6K3CU7F44HHHXEJV","fact":"L5EDPGHPB6K3CU7F44HHHXEJV:1:0","route":"POST /o/{token}"}',
        '{"at":"2026-11-25T11:00:00.000000+00:00","network":"2026-11-25T11:00:00Z.4f1c8a90"}',
        'File "/opt/python/routing_core/aws/leads_table.py", line 170, in commit',
        "arn:aws:lambda:eu-central-1:123456789012:function:test",
        "slot confirmations.2026-11-21T15:00Z",
        r"\nbotocore.errorfactory.TransactionCanceledException: An error occurred",
    ],
)
def test_what_belongs_in_a_log_is_left_alone(line: str) -> None:
    assert not private([line])


def test_the_watch_reads_the_extra_fields_and_the_exception_too() -> None:
    logger, watch = logging.getLogger("a logger of its own"), Watch()
    logger.propagate = False
    logger.addHandler(watch)
    logger.warning("sent", extra={"to": "erika@posteo.de"})
    assert len(watch.told()) == 1
    try:
        raise ValueError("erika@posteo.de")
    except ValueError:
        logger.exception("failed")
    assert watch.told()
    assert not watch.told()
