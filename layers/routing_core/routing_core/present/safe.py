"""What strangers typed, made harmless for a line of mail, a header or a sentence. HTML escaping is
Jinja's.
"""

import re
import unicodedata

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s{2,}|[\t\n]")


def visible(text: str) -> str:
    """Without control, bidi and zero-width characters; line ends and tabs stay."""
    if text.isprintable():  # nearly always, and quick
        return text
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str, longest: int = 300) -> str:
    """One visible line: fit for a mail header, a subject or a sentence of ours."""
    if not text.isprintable() or "  " in text:
        text = _SPACE.sub(" ", _HIDDEN.sub(" ", text)).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def tel(phone: str) -> str:
    """The address that dials: of a number as people write it, only what counts; an extension is
    dialled too.
    """
    number, _, extension = phone.partition(";ext=")
    dialled = "tel:" + re.sub(r"[^\d+*#]", "", number)
    return f"{dialled};ext={extension}" if extension.isdecimal() else dialled


def quoted(text: str) -> str:
    """Somebody else's lines in a plain text mail: none of them can pass for ours."""
    return "\n".join(f"> {part}".rstrip() for part in visible(text).strip().split("\n"))


def shown_address(email: str) -> str:
    """A mail address as people write it: ``info@müller.example`` for
    ``info@xn--mller-kva.example``.

    A domain whose letters are of several scripts stays as it is stored: it may be made to look like
    another.
    """
    local, at, domain = line(email).rpartition("@")
    if "xn--" not in domain.lower():
        return line(email)
    labels = [_written(label) for label in domain.split(".")]
    return f"{local}{at}{'.'.join(labels)}"


def _written(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        written = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    scripts = {
        unicodedata.name(letter, "").partition(" ")[0] for letter in written if letter.isalpha()
    }
    return (
        written
        if len(scripts) == 1 and line(written) == written and written.isprintable()
        else label
    )
