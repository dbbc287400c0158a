"""Lines of calendar and contact files (RFC 5545, RFC 6350).

They are escaped and folded, so that no name can end one.
"""

from collections.abc import Iterable

from routing_core.present.safe import visible

LONGEST_CONTENT_LINE = 75
"""A line has so many bytes, its end not counted; a longer one goes on after a space."""
_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;"))
"""Sign → how it is written; the backslash comes first, or it would escape the others' escapes."""


def escaped_text(value: str) -> str:
    """Write a value as text that can neither end its line nor open a property of its own."""
    value = visible(value).strip()
    for sign, escaped in _ESCAPES:
        value = value.replace(sign, escaped)
    return value.replace("\t", " ")


def content(lines: Iterable[str]) -> bytes:
    """Write the file: every line folded at 75 bytes, never inside a character."""
    folded = [f"{_folded(line)}\r\n" for line in lines]
    return "".join(folded).encode()


def _folded(line: str) -> str:
    if len(line) <= LONGEST_CONTENT_LINE and line.isascii():
        return line
    parts = [""]
    size = 0
    for char in line:
        # Strings count characters, the limit counts bytes: an umlaut has two.
        length = len(char.encode("utf-8", "replace"))
        if size + length > LONGEST_CONTENT_LINE:
            parts.append(" ")
            size = 1
        parts[-1] += char
        size += length
    return "\r\n".join(parts)
