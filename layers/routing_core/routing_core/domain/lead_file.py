"""Files that HQ attaches to a lead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing_core.domain.values.extensible import Extensible

MOST_FILES = 10
"""A lead has so many files at most."""
MEGABYTE = 1024 * 1024
LARGEST_LEAD_FILE = 4 * MEGABYTE
"""Bytes of a file: a function's answer holds 6 MB, in base64."""
LONGEST_FILE_NAME = 100
"""Characters of a name, with its ending."""


class FileKind(StrEnum):
    """The kinds of file that are taken; the values are stored, and are the names' endings."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    TEXT = "txt"
    DOCX = "docx"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        """The media type under which such a file is handed out, whatever it came as."""
        return TYPE_OF_FILE[self]


TYPE_OF_FILE = {
    FileKind.PDF: "application/pdf",
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.WEBP: "image/webp",
    FileKind.TEXT: "text/plain; charset=utf-8",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Kind → media type."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as somebody sends it: neither its name nor its content is to be trusted."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class LeadFile(Extensible):
    """A file of a lead; its name is personal data, as its content is."""

    id: str
    """Names it in addresses and where it is kept: random, and never made of its name."""
    name: str
    """The name under which it is saved; it ends as its kind does."""
    kind: FileKind
    size: int
    """Counts its bytes."""
    at: datetime
    by: str
    """Names who attached it, as events do."""
    digest: str = ""
    """Tells whether the same content is sent again."""

    def is_same_as(self, other: "LeadFile") -> bool:
        """Tell whether the other is this very file, sent again."""
        return (self.name, self.digest) == (other.name, other.digest)
