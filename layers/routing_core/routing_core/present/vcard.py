"""The prospect as a vCard 4.0 (RFC 6350), for the partner's address book."""

from ..domain.lead import Lead
from .safe import visible

LONGEST_LINE = 75


def contact_vcf(lead: Lead) -> bytes:
    """Raises ValueError once the contact was erased."""
    contact = lead.contact
    if contact is None:
        raise ValueError("this lead has no contact any more")
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:urn:lead:{_text(lead.id)}",
        f"FN:{_text(contact.name) or _text(contact.email)}",
    ]
    if contact.company:
        lines.append(f"ORG:{_text(contact.company)}")
    if contact.phone:
        lines.append(f"TEL;VALUE=text;TYPE=cell:{_text(contact.phone)}")
    lines.append(f"EMAIL:{_text(contact.email)}")
    if contact.street or lead.postcode or lead.town:
        lines.append(f"ADR:;;{_text(contact.street)};{_text(lead.town)};;{_text(lead.postcode)};{_text(lead.country)}")
    lines.append(f"LANG:{_text(lead.language)}")
    lines.append("END:VCARD")
    return "".join(_folded(each) for each in lines).encode()


def _text(value: str) -> str:
    """Escaped: no name can end its line or open a property of its own."""
    value = visible(value).strip()
    for plain, escaped in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        value = value.replace(plain, escaped)
    return value.replace("\t", " ")


def _folded(text: str) -> str:
    """At most 75 bytes a line, never inside a character."""
    parts, size = [""], 0
    for char in text:
        length = len(char.encode())
        if size + length > LONGEST_LINE:
            parts.append(" ")
            size = 1
        parts[-1] += char
        size += length
    return "\r\n".join(parts) + "\r\n"
