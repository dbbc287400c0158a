"""Fixtures for every kind of test."""

from hypothesis import settings

from tests.embedded import stack

__all__ = ["stack"]

settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing about the code
settings.load_profile("untimed")
