"""The prospect as a vCard 3.0 (RFC 2426), for the partner's address book.

Of all versions this is the one that Outlook, Google, Apple and older phones all read.
"""

from routing_core.domain.lead import Contact, Lead
from routing_core.present.lead_summary import town_of
from routing_core.present.mails.content_lines import content, escaped_text
from routing_core.present.safe import shown_address

FAMILY_PARTICLES = frozenset(
    {
        "von",
        "van",
        "de",
        "der",
        "den",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "zu",
        "zur",
    }
)
"""Small words that begin a family name."""


def contact_vcf(lead: Lead) -> bytes:
    """Write the card of who asked. Raises ValueError once the contact was erased."""
    contact = lead.contact
    if contact is None:
        raise ValueError("this lead has no contact any more")
    # A card without a name is one that nobody finds again.
    name = contact.name or shown_address(contact.email)
    given, family = _given_and_family(name)
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:urn:lead:{escaped_text(lead.id)}",
        f"N:{escaped_text(family)};{escaped_text(given)};;;",
        f"FN:{escaped_text(name)}",
    ]
    if contact.company:
        lines.append(f"ORG:{escaped_text(contact.company)}")
    if contact.phone:
        kind = "CELL" if is_mobile(contact.phone) else "VOICE"
        lines.append(f"TEL;TYPE={kind}:{escaped_text(_dialled(contact.phone))}")
    if contact.email:
        lines.append(f"EMAIL;TYPE=INTERNET:{escaped_text(contact.email)}")
    lines.append(f"ADR:;;{_address(lead, contact)}")
    return content([*lines, "END:VCARD"])


def _address(lead: Lead, contact: Contact) -> str:
    """Write street, town, state, postcode and country, as RFC 2426 orders them."""
    # A postcode that was looked up for a typed town is our guess, and no part of their address.
    postcode = "" if lead.located_by else lead.postcode
    parts = (contact.street, town_of(lead), "", postcode, lead.country)
    return ";".join(map(escaped_text, parts))


def _given_and_family(name: str) -> tuple[str, str]:
    """Part a name as far as one line tells: ``Ada von Beispiel`` → ``Ada``, ``von Beispiel``."""
    if "," in name:
        family, _, given = name.partition(",")
        return given.strip(), family.strip()
    parts = name.split()
    family_begins = len(parts) - 1
    for position, part in enumerate(parts[1:], 1):
        if part in FAMILY_PARTICLES:
            family_begins = position
            break
    return " ".join(parts[:family_begins]), " ".join(parts[family_begins:])


def is_mobile(phone: str) -> bool:
    """Tell whether the number is surely one of a mobile; in the US and Canada no number says so."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE)


def _dialled(phone: str) -> str:
    """Put an extension after a comma, which phones take as a pause: ``+13035550134,22``."""
    return phone.replace(";ext=", ",")
