"""The queues of what was given up: ``dead_letters.DeadLetters`` over SQS."""

from collections.abc import Mapping
from typing import Any


class FailureQueues:
    """Counts the messages of each failure queue."""

    def __init__(self, client: Any, queues: str):
        """Take the queues as the template names them: ``outbox=https://… mail=https://…``."""
        pairs = [each.partition("=") for each in queues.split()]
        self._urls = {name: url for name, _, url in pairs}
        self._client = client

    def depths(self) -> Mapping[str, int]:
        """Give about how much waits for somebody, by the name of the hop; empty hops too."""
        return {name: self._depth(url) for name, url in self._urls.items()}

    def _depth(self, url: str) -> int:
        asked = ["ApproximateNumberOfMessages"]
        answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=asked)
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])
