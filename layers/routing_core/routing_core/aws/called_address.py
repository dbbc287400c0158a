"""Remembers where the API was called, for links of a stack that was given no address.

The functions behind the API cannot know its address from their environment: the API names the
functions, so that CloudFormation makes them first. They take it from the request instead. It is not
the Host header, which anybody can write: API Gateway finds the API by that name, and hands on the
name it was found by only if it is the API's own (``requestContext.domainName``; its endpoint's, or
that of a custom domain mapped to it). Any other it answers itself, with 403. A stack's parameter
BaseUrl goes before it.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

_called = ContextVar("_called", default="")


def note_called_address(event: Mapping[str, Any]) -> None:
    """Keep the address of a request that API Gateway hands on, until the next one."""
    domain = event.get("requestContext", {}).get("domainName", "")
    _called.set(f"https://{domain}" if domain else "")


def called_address() -> str:
    """Give where the API was called, such as ``https://api.example``; empty outside a request."""
    return _called.get()
