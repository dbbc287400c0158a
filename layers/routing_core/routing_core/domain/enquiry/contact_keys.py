"""Tell by which spellings two enquiries are the same person's: the keys of deduplication."""

from collections.abc import Collection, Mapping

from routing_core.domain.lead import Contact
from routing_core.domain.values.mailboxes import MailKind, firm_of
from routing_core.domain.values.phones import without_extension


def contact_keys(
    contact: Contact,
    by: Collection[str] = ("email", "phone"),
    own_domains: Mapping[str, MailKind] | None = None,
) -> dict[str, str]:
    """Give what makes two enquiries the same person's, each in one spelling.

    ``by`` names the keys that count, as in the programme's ``repeat``; those that the contact does
    not have are left out. ``own_domains`` is what the programme says of mail domains. Letter case
    and ``+tags`` of an address do not count, nor do the dots of a Gmail address.
    """
    email = _one_spelling(contact.email)
    keys = {
        "email": email,
        "phone": without_extension(contact.phone),
        "domain": firm_of(contact.email, own_domains) if email else "",
    }
    return {kind: key for kind, key in keys.items() if kind in by and key}


def same_address(one: Contact | None, other: Contact | None) -> bool:
    """Tell whether two contacts have one email address, in whatever spelling."""
    if one is None or other is None:
        return False
    keys = contact_keys(one, ("email",))
    # Two who gave none have no address in common.
    return bool(keys) and keys == contact_keys(other, ("email",))


def _one_spelling(email: str) -> str:
    """Give an address in the one spelling that all of its writings share; empty if it is none."""
    local, _, domain = email.casefold().rpartition("@")
    # An address may consist of a tag alone (`+ada@…`): then the tag is what tells people apart.
    local = local.split("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local = local.replace(".", "")
        domain = "gmail.com"
    return f"{local}@{domain}" if local else ""
