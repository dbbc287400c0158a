"""Read secrets, and trust what was read for a while."""

from collections.abc import Callable
from typing import Any


class KeptSecrets:
    """Keeps secrets of Secrets Manager for some minutes, so that not every request asks for them."""

    def __init__(self, client: Any, clock: Callable[[], float], seconds: float):
        """Take the client; ``clock`` counts seconds, of which a secret is kept so many."""
        self._client = client
        self._clock = clock
        self._seconds = seconds
        self._kept: dict[str, tuple[float, str]] = {}
        """Name → until when it is kept, and what was read."""

    def read(self, name: str) -> str:
        """Give a secret's text by its name or ARN; raises ClientError if there is none."""
        now = self._clock()
        until, text = self._kept.get(name, (now, ""))
        if now < until:
            return text
        text = str(self._client.get_secret_value(SecretId=name)["SecretString"])
        self._kept[name] = (now + self._seconds, text)
        return text
