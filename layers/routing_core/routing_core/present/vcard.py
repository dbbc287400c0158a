"""The prospect as a vCard 4.0 (RFC 6350), for the partner's address book."""

from ..domain.lead import Lead
from .content_lines import content, text


def contact_vcf(lead: Lead) -> bytes:
    """Raises ValueError once the contact was erased."""
    contact = lead.contact
    if contact is None:
        raise ValueError("this lead has no contact any more")
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:urn:lead:{text(lead.id)}",
        f"FN:{text(contact.name) or text(contact.email)}",
    ]
    if contact.company:
        lines.append(f"ORG:{text(contact.company)}")
    if contact.phone:
        lines.append(f"TEL;VALUE=text;TYPE=cell:{text(contact.phone)}")
    lines.append(f"EMAIL:{text(contact.email)}")
    place = ";".join(text(each) for each in (contact.street, lead.town, "", lead.postcode, lead.country))
    return content([*lines, f"ADR:;;{place}", f"LANG:{text(lead.language)}", "END:VCARD"])
