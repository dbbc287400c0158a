"""Bodies of requests as browsers, programs and other people's pages send them: JSON, plain forms,
and multipart forms.

API Gateway hands over ``text/*`` and ``application/json`` as text, in which bytes that are no UTF-8
have become U+FFFD, and everything else in base64. A page in windows-1252 sends its forms in that;
what is no UTF-8 is read so.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.domain.errors import Malformed, TooLarge, UnsupportedType
from routing_core.formats.strict_json import read_json

LEAD_BODY = 32 * 1024
FORM_WRITES = 3
"""Bytes in which a plain HTML form writes one: é is %C3%A9."""
LIST_BODY = 5 * 1024 * 1024
"""Lambda takes 6 MB; base64 and headers need some of it."""
MOST_FIELDS = 200
TOO_MANY = f"could not be read as a form: it has more than {MOST_FIELDS} fields"
PLAIN, MULTIPART, JSON = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/json",
)
FALLBACK = "windows-1252"
CHARSET_FIELD = "_charset_"
"""A hidden field of this name is filled in by browsers with the encoding of the form (HTML,
4.10.21.5).
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

Values = dict[str, Any]
"""Field → text; a list of texts if it was sent more than once; bytes if it was a file."""


def content_type(event: APIGatewayProxyEventV2) -> str:
    """Without its parameters, in small letters."""
    return _stated(event).partition(";")[0].strip().lower()


def is_form(event: APIGatewayProxyEventV2) -> bool:
    return content_type(event) in (PLAIN, MULTIPART)


def body_bytes(event: APIGatewayProxyEventV2, most: int) -> bytes:
    """Raises TooLarge, or Malformed for what is no base64."""
    raw = event.get("body") or ""
    try:
        data = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    except ValueError as error:
        raise Malformed("is not UTF-8 text") from error
    if len(data) > most:
        raise TooLarge(most)
    return data


def body_text(event: APIGatewayProxyEventV2, most: int) -> str:
    """Raises TooLarge or Malformed (not UTF-8)."""
    try:
        return body_bytes(event, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("is not UTF-8 text") from error


def fields(event: APIGatewayProxyEventV2) -> Values:
    """An enquiry, sent as JSON or as a form. Raises UnsupportedType for anything else: any page
    could post that in a visitor's name without the browser asking whether it may.
    """
    if is_form(event):
        return form_values(event)
    kind = content_type(event)
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedType(kind)
    return json_object(event)


def form_fields(event: APIGatewayProxyEventV2, most: int = LEAD_BODY) -> dict[str, str]:
    """A form of our own pages, each field once: of one that was sent twice the last text that says
    something counts.
    """
    return {name: last_said(value) for name, value in form_values(event, most).items()}


def last_said(value: Any) -> str:
    """Of what was sent for one field: ``<input type=hidden>`` before or behind a box that was
    ticked says nothing.
    """
    if isinstance(value, list):
        return next((each for each in reversed(value) if each), "")
    return value if isinstance(value, str) else ""


def form_values(event: APIGatewayProxyEventV2, most: int = LEAD_BODY) -> Values:
    """``most``: bytes of what was typed, as UTF-8; files of a multipart form are not kept and not
    counted.
    """
    kind = content_type(event)
    if kind == MULTIPART:
        sent = list(_multipart(event))
    elif kind == PLAIN:
        sent = list(_plain(body_bytes(event, most * FORM_WRITES)))
    else:
        raise UnsupportedType(kind)
    if len(sent) > MOST_FIELDS:
        raise Malformed(TOO_MANY)
    said = _decoded(sent, _charset(event))
    if (
        sum(
            len(name.encode()) + len(value.encode())
            for name, value in said
            if isinstance(value, str)
        )
        > most
    ):
        raise TooLarge(most)
    return _gathered(said)


def json_object(event: APIGatewayProxyEventV2, most: int = LEAD_BODY) -> dict[str, Any]:
    """Exactly one meaning or none: no NaN, no key twice. Raises Malformed."""
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
    return next((v for k, v in (event.headers or {}).items() if k.lower() == "content-type"), "")


# ── encodings
# ─────────────────────────────────────────────────────────────────────────────────────────


def _charset(event: APIGatewayProxyEventV2) -> str:
    found = _CHARSET.search(_stated(event))
    return found["name"] if found else ""


def _decode(data: bytes, charset: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _as_single_bytes(data, charset)


def _as_single_bytes(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset if _SINGLE_BYTE.fullmatch(charset) else FALLBACK)
    except (UnicodeDecodeError, LookupError):
        return data.decode("latin-1")  # five bytes mean nothing in windows-1252


def _decoded(sent: list[tuple[bytes, bytes | None]], charset: str) -> list[tuple[str, str | bytes]]:
    """One encoding for all of a form. A file (None) stays bytes."""
    stated = next((value for name, value in sent if name == CHARSET_FIELD.encode() and value), b"")
    charset = stated.decode("ascii", "replace") or charset
    try:
        return [(name.decode(), b"" if value is None else value.decode()) for name, value in sent]
    except UnicodeDecodeError:
        return [
            (
                _as_single_bytes(name, charset),
                b"" if value is None else _as_single_bytes(value, charset),
            )
            for name, value in sent
        ]


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


# ── forms
# ─────────────────────────────────────────────────────────────────────────────────────────────


def _plain(data: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """``name=J%FCrgen``: which letters the bytes are is not known yet."""
    try:
        pairs = parse_qsl(
            data.decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            encoding="latin-1",
        )
    except ValueError as error:
        raise Malformed("could not be read as a form") from error
    for name, value in pairs:
        yield name.encode("latin-1"), value.encode("latin-1")


def _multipart(event: APIGatewayProxyEventV2) -> Iterator[tuple[bytes, bytes | None]]:
    """RFC 7578, as ``new FormData(form)`` and forms with ``enctype`` send it."""
    found = _BOUNDARY.search(_stated(event))
    if found is None:
        raise Malformed("could not be read as a form: its Content-Type names no boundary")
    boundary = (found["quoted"] or found["bare"]).encode()
    data = b"\r\n" + body_bytes(event, LIST_BODY)
    _, *parts = data.split(b"\r\n--" + boundary, MOST_FIELDS + 2)
    if not parts:
        raise Malformed("could not be read as a form: its boundary never appears")
    if len(parts) > MOST_FIELDS + 1:
        raise Malformed(TOO_MANY)
    for part in parts:
        if part.startswith(b"--"):
            return
        head, _, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if name is None:
            continue
        is_file = bool(_PART_FILE.search(head))
        yield _unescaped(name["name"]), None if is_file and value else value


def _unescaped(name: bytes) -> bytes:
    """Browsers write the quote and line ends of a name as %22, %0D and %0A (HTML, 4.10.21.8), and
    nothing else so.
    """
    return re.sub(rb"%(22|0D|0A)", lambda found: unquote(found[0].decode()).encode(), name)
