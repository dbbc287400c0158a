"""What is logged while tests run: looked through line by line for persons and for tokens.

Any address, any number with its country's code, any signed token or key, and the names of everybody
who plays in the tests: none of them belongs in a log, whatever happened.
"""

import io
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

PEOPLE = (
    "Erika",
    "Beispiel",
    "Petra Prospect",
    "Ada Example",
    "Chris Example",
    "Chief of ",
    "Sam Huber",
)
"""Who asks and who answers in ``world``, ``builders``, ``samples`` and the journeys' ``cast``."""
FORMS = {
    "an address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a telephone number": re.compile(r"(?<![\w.:])\+\d{2}[ \d]{7,}"),
    "a token": re.compile(r"\b[\w-]+\.[\w-]{8,}\.[\w-]{43}(?![\w-])"),
    "a key": re.compile(r"\bpr_[\w-]{20,}"),
    "a name": re.compile("|".join(PEOPLE)),
}


def private(lines: Iterable[str]) -> list[str]:
    """What stands in a line and must not, with the line."""
    return [
        f"{what}, {found.group()!r}, in: {line[:2000]}"
        for line in lines
        for what, form in FORMS.items()
        if (found := form.search(line))
    ]


class Listener(logging.StreamHandler[io.StringIO]):
    """Hears everything that reaches the root, with all extra fields, and keeps it."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(LambdaPowertoolsFormatter())

    def addFilter(self, filter: object) -> None:
        """Powertools would have the root's handlers leave its own lines out, for it writes them
        itself.
        """


class Watch(Listener):
    """Keeps only what is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.wrong += private([self.format(record)])

    def told(self) -> list[str]:
        """Since the last time."""
        wrong, self.wrong = self.wrong, []
        return wrong


@contextmanager
def kept() -> Iterator[io.StringIO]:
    """Everything that any logger says meanwhile."""
    listener, loggers = Listener(), [logging.getLogger("test"), logging.getLogger()]
    levels = [each.level for each in loggers]
    logging.getLogger().addHandler(listener)
    for each, level in zip(loggers, (logging.DEBUG, logging.INFO), strict=True):
        each.setLevel(level)
    yield listener.stream
    logging.getLogger().removeHandler(listener)
    for each, level in zip(loggers, levels, strict=True):
        each.setLevel(level)
