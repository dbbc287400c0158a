"""Define what the vendor says in mails in words of its own: subjects, and what stands at the end.

Such a text may name what it is about: ``{what}`` stands for the product and the place. What a
placeholder brings is filled in once and never read as one again, and only those of
``PLACEHOLDERS`` are any.
"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

MailWithOwnText = Literal[
    "receipt",
    "partner_found",
    "will_call",
    "follow_up",
    "promise_update",
    "closed",
    "offer",
    "reminder",
    "accepted",
    "contact_reminder",
    "status_ask",
]
"""The vendor may add a text to these mails, to customers and to partners."""
MAILS_WITH_OWN_TEXT: tuple[MailWithOwnText, ...] = get_args(MailWithOwnText)
"""They stand in the order of an enquiry's life, those to customers first."""

PLACEHOLDERS = ("what", "reference", "brand")
"""A vendor's text may hold these: product and place, the enquiry's reference, the brand."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def unknown_placeholders(text: str) -> list[str]:
    """Name what stands between braces in a text, and is no placeholder; a lone brace is too."""
    found = [name for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    rest = _PLACEHOLDER.sub("", text)
    return found + [sign for sign in "{}" if sign in rest]


def with_placeholders(text: str, fill: Mapping[str, str]) -> str:
    """Give a vendor's text with its placeholders filled in; any other braces stay."""
    return _PLACEHOLDER.sub(lambda found: fill.get(found[1], found[0]), text)
