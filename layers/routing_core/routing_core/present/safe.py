"""Texts of strangers, made harmless for a line of mail, a header or a sentence.

HTML escaping is not here: it is Jinja's.
"""

import re
import unicodedata

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s{2,}|[\t\n]")


def visible(text: str) -> str:
    """Take out control, bidi and zero-width characters; line ends and tabs stay."""
    if text.isprintable():  # nearly always, and quick
        return text
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str, longest: int = 300) -> str:
    """Make one visible line of it: fit for a mail header, a subject or a sentence of ours."""
    if not text.isprintable() or "  " in text:
        # A space takes the place of what goes: else it could glue two words into a third.
        text = _SPACE.sub(" ", _HIDDEN.sub(" ", text)).strip()
    if len(text) <= longest:
        return text
    return text[: longest - 1].rstrip() + "…"


def tel(phone: str) -> str:
    """Give the address that dials a number as people write it; an extension is dialled too."""
    number, _, extension = phone.partition(";ext=")
    dialled = "tel:" + re.sub(r"[^\d+*#]", "", number)
    if not extension.isdecimal():
        return dialled
    return f"{dialled};ext={extension}"


def quote_lines(text: str) -> str:
    """Put ``>`` before somebody else's lines in a plain text mail.

    None of them can pass for ours.
    """
    lines = visible(text).strip().split("\n")
    return "\n".join(f"> {each}".rstrip() for each in lines)


def shown_address(email: str) -> str:
    """Write a mail address as people do.

    That is ``info@müller.example`` for ``info@xn--mller-kva.example``. A domain whose letters are
    of several scripts stays as it is stored: it may be made to look like another.
    """
    address = line(email)
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain.lower():
        return address
    labels = map(_decoded, domain.split("."))
    return f"{local}{at}{'.'.join(labels)}"


def _decoded(label: str) -> str:
    """Decode one part of a domain (RFC 3492), unless it might deceive who reads it."""
    if not label.lower().startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    # Punycode can spell spaces and signs that turn the reading direction.
    hides_nothing = line(decoded) == decoded and decoded.isprintable()
    return decoded if hides_nothing and len(_scripts(decoded)) == 1 else label


def _scripts(text: str) -> set[str]:
    """Name the scripts of its letters: ``LATIN``. Unicode's names begin with them."""
    letters = filter(str.isalpha, text)
    return {unicodedata.name(letter, "").partition(" ")[0] for letter in letters}
