"""Read where an enquiry came from: odd tracking data never costs anybody their enquiry."""

from collections.abc import Mapping
from typing import Any

from routing_core.domain.lead import Context
from routing_core.domain.values.clean import one_line

MOST_PAGES = 20
"""The last pages that somebody saw are kept, this many."""
MOST_TAGS = 10
"""This many tags of a campaign are kept."""
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
"""Campaigns tag the addresses of pages with these (Urchin Tracking Module)."""


def read_context(raw: Any, locale: str = "") -> Context:
    """Read ``{"source", "utm": {…}, "referrer", "pages": […]}``; leave out what is not text.

    Addresses lose their query and fragment: they may carry what was never meant for us.
    """
    told = raw if isinstance(raw, Mapping) else {}
    return Context(
        source=_text(told.get("source"), 100),
        utm=_tags(told.get("utm")),
        referrer=_address(told.get("referrer")),
        pages=_pages(told.get("pages")),
        locale=_text(locale, 60),
    )


def context_from_flat(fields: Mapping[str, Any], referrer: str = "") -> dict[str, Any]:
    """Give the same from fields beside those of the form; leave out what was not sent.

    They are ``utm_source`` and its kin, ``utm``, ``source``, ``referrer`` and ``pages``.
    """
    tags = fields.get("utm")
    utm = dict(tags) if isinstance(tags, Mapping) else {}
    for name in UTM:
        if fields.get(name):
            utm[name.removeprefix("utm_")] = fields[name]
    told = {
        "source": fields.get("source"),
        "utm": utm,
        "referrer": fields.get("referrer") or referrer,
        "pages": fields.get("pages"),
    }
    return {name: value for name, value in told.items() if value or name == "referrer"}


def _tags(raw: Any) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        return {}
    tags: dict[str, str] = {}
    for name, value in list(raw.items())[:MOST_TAGS]:
        name_text = _text(name, 40)
        value_text = _text(value, 200)
        if name_text and value_text:
            tags[name_text] = value_text
    return tags


def _pages(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list):
        return ()
    pages = [page for page in map(_address, raw) if page]
    return tuple(pages[-MOST_PAGES:])


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        return ""
    # Cut before it is cleaned as well: a text may be megabytes long, and cleaning only shortens it.
    return one_line(value[: longest * 4])[:longest]


def _address(value: Any) -> str:
    without_query = _text(value, 500).split("?")[0]
    return without_query.split("#")[0]
