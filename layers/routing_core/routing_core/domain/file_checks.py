"""Which files are taken, by their bytes, and under which name they are kept."""

import io
import re
import zipfile

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead_file import (
    LARGEST_LEAD_FILE,
    LONGEST_FILE_NAME,
    MEGABYTE,
    MOST_FILES,
    FileKind,
)
from routing_core.domain.values.clean import one_line

ALSO_ENDS = {FileKind.JPEG: ("jpeg",)}
"""Other endings that names of a kind may have."""

_OFFICE_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_MACROS = "vbaproject.bin"
_NOT_IN_NAMES = re.compile(r"[\"*/:<>?\\|%]")
_NOT_IN_TEXTS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def kind_of_file(content: bytes) -> FileKind:
    """Tell the kind of a file by its bytes alone, for its name proves nothing.

    Raises InvalidInput for an empty one, one that is too large, and any other kind.
    """
    if not content:
        raise _refused("file_empty", "is empty: choose a file")
    if len(content) > LARGEST_LEAD_FILE:
        raise too_large_file()
    kind = _by_first_bytes(content) or _office_kind(content)
    if kind is None and _is_text(content):
        kind = FileKind.TEXT
    if kind is None:
        raise _refused("file_kind", "is none of PDF, JPEG, PNG, WebP, DOCX, XLSX, UTF-8 text")
    return kind


def too_large_file() -> InvalidInput:
    """Give the refusal of a file that is too large."""
    most = f"{LARGEST_LEAD_FILE // MEGABYTE}"
    return _refused("file_too_large", f"is too large: at most {most} MB", most)


def files_are_full() -> InvalidInput:
    """Give the refusal of one file more than a lead may have."""
    most = f"{MOST_FILES}"
    return _refused("files_full", f"is one too many: a lead has at most {most} files", most)


def clean_file_name(name: str, kind: FileKind) -> str:
    """Make of any name one that is harmless to show and to save under; it ends as its kind does.

    What is no part of a name on some system is left out, and so are folders.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = _NOT_IN_NAMES.sub("", one_line(last)).strip(". ")
    stem, dot, ending = shown.rpartition(".")
    known = (kind.value, *ALSO_ENDS.get(kind, ()))
    if not dot or ending.lower() not in known:
        # An ending of another kind stays readable, and another one follows it.
        stem, ending = shown, kind.value
    longest = LONGEST_FILE_NAME - len(ending) - 1
    return f"{stem[:longest].strip('. ') or 'file'}.{ending}"


def _refused(code: str, message: str, most: str = "") -> InvalidInput:
    hints = (("most", most),) if most else ()
    return InvalidInput([Problem("file", code, message, hints)])


def _by_first_bytes(content: bytes) -> FileKind | None:
    if content.startswith(b"%PDF-"):
        return FileKind.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileKind.WEBP
    return None


def _office_kind(content: bytes) -> FileKind | None:
    """Tell which office document a ZIP archive is; None for any other, and for one with macros."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if any(part.endswith(_MACROS) for part in parts):
        return None
    kinds = [FileKind(kind) for part, kind in _OFFICE_PARTS.items() if part in parts]
    return kinds[0] if len(kinds) == 1 else None


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _NOT_IN_TEXTS.search(text) is None
