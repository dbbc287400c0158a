"""Names who asked without telling it, so that an exact e-mail address or phone number finds leads.

The read model holds these names beside a lead's row, and whoever types an address or a number at HQ
asks for its name. They are keyed hashes (HMAC-SHA-256), and go when who asked is erased.
"""

import hashlib
import hmac
from collections.abc import Iterable

from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.lead import Contact
from routing_core.domain.values.phones import read_phone

SEARCHED_BY = ("email", "phone")
"""The kinds of contact that a search finds, each under keys of its own."""
KEY_DIGITS = 32
"""A key has so many hexadecimal digits after its kind."""


def search_keys(secret: bytes, contact: Contact | None) -> dict[str, str]:
    """Give the keys of a contact by their kind: ``email``, ``phone`` or both; none once erased."""
    if contact is None:
        return {}
    spelled = contact_keys(contact, SEARCHED_BY)
    return {kind: _key(secret, kind, value) for kind, value in spelled.items()}


def typed_search_keys(secret: bytes, typed: str, countries: Iterable[str]) -> tuple[str, ...]:
    """Give the keys of what somebody at HQ typed: of an address, or of a number in each country.

    It is empty for what is neither.
    """
    if "@" in typed:
        as_address = Contact(name="", email=typed.strip())
        return tuple(search_keys(secret, as_address).values())
    numbers = dict.fromkeys(_number(typed, country) for country in countries)
    contacts = [Contact(name="", email="", phone=number) for number in numbers if number]
    return tuple(search_keys(secret, contact)["phone"] for contact in contacts)


def _number(typed: str, country: str) -> str:
    """Read a phone number as one of that country; empty if it is none."""
    try:
        return read_phone(typed, country).number
    except ValueError:
        return ""


def _key(secret: bytes, kind: str, value: str) -> str:
    hashed = hmac.new(secret, f"search|{kind}|{value}".encode(), hashlib.sha256).hexdigest()
    return f"{kind}#{hashed[:KEY_DIGITS]}"
