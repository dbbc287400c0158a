"""What strangers typed, made harmless for a line of mail, a header or a sentence. HTML escaping is Jinja's."""

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s{2,}|[\t\n]")
_NO_NAME = re.compile(r"://|www\.|[@/\\<>{}\d]|\w\.\w{2,}", re.IGNORECASE)


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
    """The address that dials: of a number as people write it, only what counts; an extension is dialled too."""
    number, _, extension = phone.partition(";ext=")
    dialled = "tel:" + re.sub(r"[^\d+*#]", "", number)
    return f"{dialled};ext={extension}" if extension.isdecimal() else dialled


def quoted(text: str) -> str:
    """Somebody else's lines in a plain text mail: none of them can pass for ours."""
    return "\n".join(f"> {part}".rstrip() for part in visible(text).strip().split("\n"))


def greeted(name: str) -> str:
    """The name if it can be greeted, else nothing: a receipt must not carry a stranger's advertisement."""
    name = line(name)
    return "" if len(name) > 60 or _NO_NAME.search(name) else name
