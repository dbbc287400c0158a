"""The prospect as a vCard 3.0 (RFC 2426), for the partner's address book: the version that Outlook,
Google, Apple and older phones all read.
"""

from routing_core.domain.lead import Lead
from routing_core.present.lead_summary import town_of
from routing_core.present.mails.content_lines import content, text
from routing_core.present.safe import shown_address

PARTICLES = frozenset(
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
    """Raises ValueError once the contact was erased."""
    contact = lead.contact
    if contact is None:
        raise ValueError("this lead has no contact any more")
    name = contact.name or shown_address(contact.email)
    given, family = _parted(name)
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:urn:lead:{text(lead.id)}",
        f"N:{text(family)};{text(given)};;;",
        f"FN:{text(name)}",
    ]
    if contact.company:
        lines.append(f"ORG:{text(contact.company)}")
    if contact.phone:
        kind = "CELL" if is_mobile(contact.phone) else "VOICE"
        lines.append(f"TEL;TYPE={kind}:{text(_dialled(contact.phone))}")
    lines.append(f"EMAIL;TYPE=INTERNET:{text(contact.email)}")
    place = ";".join(
        text(each)
        for each in (
            contact.street,
            town_of(lead),
            "",
            "" if lead.located_by else lead.postcode,
            lead.country,
        )
    )
    return content([*lines, f"ADR:;;{place}", "END:VCARD"])


def _parted(name: str) -> tuple[str, str]:
    """Given and family name, as far as one line tells: ``Ada von Beispiel`` → ``Ada``, ``von
    Beispiel``.
    """
    if "," in name:
        family, _, given = name.partition(",")
        return given.strip(), family.strip()
    words = name.split()
    begins = next(
        (place for place, word in enumerate(words[1:], 1) if word in PARTICLES), len(words) - 1
    )
    return " ".join(words[:begins]), " ".join(words[begins:])


def is_mobile(phone: str) -> bool:
    """Whether the number is surely one of a mobile; in the US and Canada no number says so."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE)


def _dialled(phone: str) -> str:
    """An extension after a comma, which phones take as a pause: ``+13035550134,22``."""
    return phone.replace(";ext=", ",")
