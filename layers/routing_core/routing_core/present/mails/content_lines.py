"""Lines of calendar and contact files (RFC 5545, RFC 6350): escaped, folded, so that no name can
end one.
"""

from collections.abc import Iterable

from routing_core.present.safe import visible

LONGEST = 75


def text(value: str) -> str:
    """A value as text: it can neither end its line nor open a property of its own."""
    value = visible(value).strip()
    for plain, escaped in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        value = value.replace(plain, escaped)
    return value.replace("\t", " ")


def content(lines: Iterable[str]) -> bytes:
    """The file: every line folded at 75 bytes, never inside a character."""
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _folded(line: str) -> str:
    if len(line) <= LONGEST and line.isascii():
        return line
    parts, size = [""], 0
    for char in line:
        length = len(char.encode("utf-8", "replace"))
        if size + length > LONGEST:
            parts.append(" ")
            size = 1
        parts[-1] += char
        size += length
    return "\r\n".join(parts)
