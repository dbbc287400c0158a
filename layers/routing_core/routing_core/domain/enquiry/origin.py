"""Where an enquiry came from, read with tolerance: odd tracking data never costs anybody their
enquiry.
"""

from collections.abc import Mapping
from typing import Any

from routing_core.domain.lead import Context
from routing_core.domain.values.clean import one_line

MOST_PAGES, MOST_TAGS = 20, 10
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


def read_context(raw: Any, locale: str = "") -> Context:
    """``raw``: ``{"source", "utm": {…}, "referrer", "pages": […]}``; whatever is not text there is
    left out.

    Addresses lose their query and fragment: they may carry what was never meant for us.
    """
    told = raw if isinstance(raw, Mapping) else {}
    utm = told.get("utm")
    pages = told.get("pages")
    return Context(
        source=_text(told.get("source"), 100),
        utm={
            _text(name, 40): _text(value, 200)
            for name, value in list(utm.items() if isinstance(utm, Mapping) else ())[:MOST_TAGS]
            if _text(name, 40) and _text(value, 200)
        },
        referrer=_address(told.get("referrer")),
        pages=tuple(p for p in map(_address, pages if isinstance(pages, list) else ()) if p)[
            -MOST_PAGES:
        ],
        locale=_text(locale, 60),
    )


def from_flat(fields: Mapping[str, Any], referrer: str = "") -> dict[str, Any]:
    """The same from fields beside those of the form: ``utm_source`` and its kin, ``utm``,
    ``source``, ``referrer``. What was not sent is left out.
    """
    tags = fields.get("utm")
    utm = dict(tags) if isinstance(tags, Mapping) else {}
    utm |= {name.removeprefix("utm_"): fields[name] for name in UTM if fields.get(name)}
    told = {
        "source": fields.get("source"),
        "utm": utm,
        "referrer": fields.get("referrer") or referrer,
        "pages": fields.get("pages"),
    }
    return {name: value for name, value in told.items() if value or name == "referrer"}


def _text(value: Any, most: int) -> str:
    return one_line(value[: most * 4])[:most] if isinstance(value, str) else ""


def _address(value: Any) -> str:
    return _text(value, 500).split("?")[0].split("#")[0]
