"""Read the bodies of requests: JSON, plain forms and multipart forms.

Browsers, programs and other people's pages send them.

API Gateway hands over ``text/*`` and ``application/json`` as text, in which bytes that are no UTF-8
have become U+FFFD, and everything else in base64. A page in windows-1252 sends its forms in that;
what is no UTF-8 is read so.
"""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import header
from routing_core.domain.errors import Malformed, TooLarge, UnsupportedType
from routing_core.domain.lead_file import SentFile
from routing_core.formats.strict_json import read_json

LEAD_BODY = 32 * 1024
"""Bytes of what an enquiry says; no form of ours asks for a tenth of it."""
FORM_WRITES = 3
"""Bytes in which a plain HTML form writes one: é is %C3%A9."""
LIST_BODY = 4_500_000
"""Bytes of a list with its form. Lambda takes 6 MiB of an event, in which they are a third longer,
for it has them in base64; what else the event says needs some of the rest.
"""
MOST_FIELDS_SENT = 200
"""Fields of a form; whoever sends more means no enquiry."""
TOO_MANY = f"could not be read as a form: it has more than {MOST_FIELDS_SENT} fields"
PLAIN = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
FALLBACK = "windows-1252"
"""The encoding of what is no UTF-8 and names none that we know, as browsers take it."""
CHARSET_FIELD = "_charset_"
"""Browsers fill a hidden field of this name in with the encoding of the form.

See HTML, 4.10.21.5.
"""

_CHARSET = re.compile(r"charset\s*=\s*\"?(?P<name>[A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_SINGLE_BYTE = re.compile(
    r"(iso-?8859-?|latin-?)[0-9]{1,2}|(windows-|cp)125[0-8]|koi8-[ru]", re.IGNORECASE
)
_BOUNDARY = re.compile(
    r"boundary=(?:\"(?P<quoted>[^\"]{1,70})\"|(?P<bare>[^\s;]{1,70}))", re.IGNORECASE
)
_PART_NAME = re.compile(
    rb"content-disposition:[^\r\n]*?[;\s]name=\"(?P<name>[^\"\r\n]*)\"", re.IGNORECASE
)
_PART_FILE = re.compile(rb"content-disposition:[^\r\n]*?[;\s]filename\*?=", re.IGNORECASE)
_FILE_NAME = re.compile(
    rb"content-disposition:[^\r\n]*?[;\s]filename=\"(?P<name>[^\"\r\n]*)\"", re.IGNORECASE
)

Sent = list[tuple[bytes, bytes | None]]
"""The fields of a form as bytes, by their names; None stands for a file."""
Values = dict[str, Any]
"""Field → text; a list of texts if it was sent more than once; bytes if it was a file."""


def content_type(event: APIGatewayProxyEventV2) -> str:
    """Give the content type of a request, in small letters and without its parameters."""
    return _stated(event).partition(";")[0].strip().lower()


def is_form(event: APIGatewayProxyEventV2) -> bool:
    """Tell whether a request is a form, as browsers send it."""
    return content_type(event) in (PLAIN, MULTIPART)


def body_bytes(event: APIGatewayProxyEventV2, most: int) -> bytes:
    """Give the body of a request.

    Raises TooLarge for more than ``most`` bytes, or Malformed for what is no base64.
    """
    raw = event.get("body") or ""
    try:
        data = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    except ValueError as error:
        raise Malformed("is not UTF-8 text") from error
    if len(data) > most:
        raise TooLarge(most)
    return data


def body_text(event: APIGatewayProxyEventV2, most: int) -> str:
    """Give the body of a request as text; raises TooLarge, or Malformed for what is no UTF-8."""
    try:
        return body_bytes(event, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("is not UTF-8 text") from error


def fields(event: APIGatewayProxyEventV2) -> Values:
    """Read an enquiry that was sent as JSON or as a form.

    Raises UnsupportedType for anything else: any page could post that in a visitor's name without
    the browser asking whether it may.
    """
    if is_form(event):
        return form_values(event)
    kind = content_type(event)
    is_json_of_a_kind = kind.startswith("application/") and kind.endswith("+json")
    if kind != JSON and not is_json_of_a_kind:
        raise UnsupportedType(kind)
    return json_object(event)


def form_fields(event: APIGatewayProxyEventV2, most: int = LEAD_BODY) -> dict[str, str]:
    """Read a form of our own pages, each field once.

    Of one that was sent twice the last text that says something counts.
    """
    return {name: last_said(value) for name, value in form_values(event, most).items()}


def last_said(value: Any) -> str:
    """Give the last text that says something of what was sent for one field.

    ``<input type=hidden>`` before or behind a box that was ticked says nothing.
    """
    if isinstance(value, list):
        said = [each for each in value if each]
        return said[-1] if said else ""
    return value if isinstance(value, str) else ""


def all_said(value: Any) -> tuple[str, ...]:
    """Give all texts that were sent for one field, such as the boxes that were ticked."""
    if isinstance(value, list):
        return tuple(each for each in value if isinstance(each, str) and each)
    return (value,) if isinstance(value, str) and value else ()


def form_values(event: APIGatewayProxyEventV2, most: int = LEAD_BODY) -> Values:
    """Read a form of anybody's pages.

    ``most``: bytes of what was typed, as UTF-8; files of a multipart form are not kept and not
    counted. Raises UnsupportedType, Malformed or TooLarge.
    """
    kind = content_type(event)
    if kind == MULTIPART:
        sent = list(_multipart(event))
    elif kind == PLAIN:
        sent = list(_plain(body_bytes(event, most * FORM_WRITES)))
    else:
        raise UnsupportedType(kind)
    if len(sent) > MOST_FIELDS_SENT:
        raise Malformed(TOO_MANY)
    said = _decoded(sent, _charset(event))
    if _typed_bytes(said) > most:
        raise TooLarge(most)
    return _gathered(said)


def uploaded_file(event: APIGatewayProxyEventV2, field: str) -> bytes:
    """Give the content of a file that a form sends; empty where none was chosen.

    Raises UnsupportedType, Malformed or TooLarge.
    """
    return sent_file(event, field).content


def sent_file(event: APIGatewayProxyEventV2, field: str) -> SentFile:
    """Give a file that a form sends, with the name it says; empty where none was chosen.

    Raises UnsupportedType, Malformed or TooLarge.
    """
    kind = content_type(event)
    if kind != MULTIPART:
        raise UnsupportedType(kind)
    for head, name, value in _parts(event):
        if name == field.encode() and _PART_FILE.search(head):
            return SentFile(_file_name(head), value)
    return SentFile("", b"")


def _file_name(head: bytes) -> str:
    found = _FILE_NAME.search(head)
    return _decode(_unescaped(found["name"]), "") if found else ""


def _typed_bytes(said: list[tuple[str, str | bytes]]) -> int:
    size = 0
    for name, value in said:
        if isinstance(value, str):
            size += len(name.encode()) + len(value.encode())
    return size


def json_object(event: APIGatewayProxyEventV2, most: int = LEAD_BODY) -> dict[str, Any]:
    """Read a JSON object that has exactly one meaning: no NaN, no key twice. Raises Malformed."""
    try:
        value = read_json(_decode(body_bytes(event, most), _charset(event)))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"could not be read as a JSON object: {_reason(error)}") from error
    if not isinstance(value, dict):
        raise Malformed("is not a JSON object: send {…} with one member for each field")
    return value


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]


def _stated(event: APIGatewayProxyEventV2) -> str:
    return header(event, "content-type")


# ── encodings ─────────────────────────────────────────────────────────────────────────────────────


def _charset(event: APIGatewayProxyEventV2) -> str:
    found = _CHARSET.search(_stated(event))
    return found["name"] if found else ""


def _decode(data: bytes, charset: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _as_single_bytes(data, charset)


def _as_single_bytes(data: bytes, charset: str) -> str:
    if not _SINGLE_BYTE.fullmatch(charset):
        charset = FALLBACK
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return data.decode("latin-1")  # five bytes mean nothing in windows-1252


def _decoded(sent: Sent, charset: str) -> list[tuple[str, str | bytes]]:
    # One encoding for all of a form: a letter that happens to be UTF-8 decides nothing alone.
    for name, value in sent:
        if name == CHARSET_FIELD.encode() and value:
            charset = value.decode("ascii", "replace")
            break
    try:
        return _with_letters(sent, bytes.decode)
    except UnicodeDecodeError:
        return _with_letters(sent, lambda data: _as_single_bytes(data, charset))


def _with_letters(sent: Sent, decode: Callable[[bytes], str]) -> list[tuple[str, str | bytes]]:
    said: list[tuple[str, str | bytes]] = []
    for name, value in sent:
        said.append((decode(name), b"" if value is None else decode(value)))
    return said


def _gathered(said: list[tuple[str, str | bytes]]) -> Values:
    values: Values = {}
    for name, value in said:
        if name == CHARSET_FIELD:
            continue
        if name not in values:
            values[name] = value
        elif isinstance(values[name], list):
            values[name].append(value)
        else:
            values[name] = [values[name], value]
    return values


# ── forms ─────────────────────────────────────────────────────────────────────────────────────────


def _plain(data: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    # ``name=J%FCrgen``: which letters the bytes are is not known yet, and latin-1 keeps each byte.
    try:
        pairs = parse_qsl(
            data.decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS_SENT,
            encoding="latin-1",
        )
    except ValueError as error:
        raise Malformed("could not be read as a form") from error
    for name, value in pairs:
        yield name.encode("latin-1"), value.encode("latin-1")


def _multipart(event: APIGatewayProxyEventV2) -> Iterator[tuple[bytes, bytes | None]]:
    for head, name, value in _parts(event):
        # A field for files where none was chosen is sent too, and is empty: it says nothing.
        is_file = bool(_PART_FILE.search(head) and value)
        yield name, None if is_file else value


def _parts(event: APIGatewayProxyEventV2) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Give the head, the name and the content of each part of a multipart form.

    See RFC 7578; ``new FormData(form)`` and forms with ``enctype`` send it.
    """
    boundary = _boundary(event)
    data = b"\r\n" + body_bytes(event, LIST_BODY)
    _, *parts = data.split(b"\r\n--" + boundary, MOST_FIELDS_SENT + 2)
    if not parts:
        raise Malformed("could not be read as a form: its boundary never appears")
    if len(parts) > MOST_FIELDS_SENT + 1:
        raise Malformed(TOO_MANY)
    for part in parts:
        if part.startswith(b"--"):
            return
        head, _, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if name is not None:
            yield head, _unescaped(name["name"]), value


def _boundary(event: APIGatewayProxyEventV2) -> bytes:
    found = _BOUNDARY.search(_stated(event))
    if found is None:
        raise Malformed("could not be read as a form: its Content-Type names no boundary")
    boundary: str = found["quoted"] or found["bare"]
    return boundary.encode()


def _unescaped(name: bytes) -> bytes:
    # Browsers write the quote and line ends of a name as %22, %0D and %0A (HTML, 4.10.21.8), and
    # nothing else so.
    return re.sub(rb"%(22|0D|0A)", lambda found: unquote(found[0].decode()).encode(), name)
