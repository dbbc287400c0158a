"""Fixtures for every kind of test."""

from tests.embedded import stack

__all__ = ["stack"]
