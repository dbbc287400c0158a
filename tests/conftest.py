"""Fixtures for every kind of test, and the watch over what is logged and called meanwhile."""

import logging
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.support.embedded import stack
from tests.support.few import examples
from tests.support.logged import Watch
from tests.support.refusals import refused_meanwhile

__all__ = ["stack"]

# How long an example takes says nothing about the code.
settings.register_profile("untimed", deadline=None, max_examples=examples(100))
settings.load_profile("untimed")

WATCH = Watch()


def pytest_configure() -> None:
    logging.getLogger().addHandler(WATCH)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """Whatever a test was about: it fails if a line was logged that names a person or a token, and
    if a function called what its role does not allow.
    """
    yield
    refused = refused_meanwhile()
    assert not refused, "\n".join(["called without the right to:", *refused])
    wrong = WATCH.told()
    assert not wrong, "\n".join(["logged, and must not be:", *wrong])
