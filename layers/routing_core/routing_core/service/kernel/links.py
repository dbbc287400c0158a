"""Magic links: signed tokens that say who may look; the lead's state decides what may be done.

A token is the same each time it is made (mails can be sent again), carries no personal data and no
expiry: an offer's state and its reader's link generation end it. Keys rotate: every key verifies,
the one named by ``sign`` signs.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from routing_core.domain.errors import LinkRefused


class Purpose(StrEnum):
    OFFER = "o"
    DESK = "d"
    CONFIRM = "c"
    STATUS = "s"
    QUEUE = "q"
    THANKS = "t"
    FORM = "f"
    """Not a link: the stamp a form carries from being shown to being posted."""


@dataclass(frozen=True, slots=True)
class Token:
    """``subject`` is a lead id (offer, status), a partner id (desk, confirm) or empty (queue,
    thanks).

    ``number`` is the offer's. ``generation`` is that of the reader's links, and ``person`` the
    reader's short id: empty
    in links sent before they named anybody. ``extra`` is the partner of an offer (so that one read
    finds lead and
    load), which address is confirmed, or what a thank-you page or a form carries.
    """

    purpose: Purpose
    subject: str = ""
    number: int = 0
    generation: int = 0
    extra: str = ""
    person: str = ""


class Links:
    """Makes and reads every link. ``keys``: key id → secret; ``sign``: the id that signs."""

    def __init__(self, base_url: str, keys: Mapping[str, str], sign: str):
        self.base_url = base_url.rstrip("/")
        self._keys = dict(keys)
        self._sign = sign

    def _serializer(self, key_id: str, purpose: Purpose) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._keys[key_id],
            salt=f"partner-relay.{purpose.value}",
            signer_kwargs={"digest_method": _sha256},
        )

    def token(self, token: Token) -> str:
        payload: list[Any] = [
            token.subject,
            token.number,
            token.generation,
            token.extra,
            token.person,
        ]
        while payload and not payload[-1]:
            payload.pop()
        return f"{self._sign}.{self._serializer(self._sign, token.purpose).dumps(payload)}"

    def read(self, purpose: Purpose, text: str) -> Token:
        """Raises LinkRefused for anything we did not sign for exactly this purpose with a key still
        held.
        """
        key_id, _, signed = repaired(text).partition(".")
        if key_id not in self._keys:
            raise LinkRefused("this link is not valid")
        try:
            payload = self._serializer(key_id, purpose).loads(signed)
        except (BadData, UnicodeError) as error:
            raise LinkRefused("this link is not valid") from error
        return Token(purpose, *payload)

    def _url(self, path: str, token: Token) -> str:
        return f"{self.base_url}/{path}/{self.token(token)}"

    def offer(self, lead: str, number: int, partner: str, generation: int, person: str = "") -> str:
        return self._url("o", Token(Purpose.OFFER, lead, number, generation, partner, person))

    def desk(self, partner: str, generation: int, person: str = "") -> str:
        return self._url("d", Token(Purpose.DESK, partner, generation=generation, person=person))

    def confirm(self, partner: str, email_mark: str, generation: int = 0) -> str:
        return self._url(
            "c", Token(Purpose.CONFIRM, partner, generation=generation, extra=email_mark)
        )

    def status(self, lead: str) -> str:
        return self._url("s", Token(Purpose.STATUS, lead))

    def confirm_enquiry(self, lead: str, email_mark: str) -> str:
        """The same page with the button that confirms the address: only who reads mail there has
        this link.
        """
        return self._url("s", Token(Purpose.STATUS, lead, extra=email_mark))

    def queue(self, generation: int) -> str:
        return self._url("q", Token(Purpose.QUEUE, generation=generation))

    def queue_lead(self, lead: str, generation: int) -> str:
        return f"{self.queue(generation)}/leads/{lead}"

    def thanks(self, extra: str) -> str:
        return self._url("thanks", Token(Purpose.THANKS, extra=extra))

    def form(self, form: str) -> str:
        return f"{self.base_url}/f/{form}"


_ESCAPED = re.compile("(?:=3D|%[0-9A-Fa-f]{2})+")
_NOT_OF_A_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")


def repaired(text: str) -> str:
    """The token without what mail programs add: ``TOKEN/``, ``TOKEN.``, ``TOKEN%20``, ``<TOKEN>``,
    ``TOKEN,`` and the spaces and line ends of a wrapped address. Nothing is opened by it that was
    not signed.
    """
    return _NOT_OF_A_TOKEN.sub("", _ESCAPED.sub("", text)).strip(".")


def _sha256(data: bytes = b"") -> Any:
    return hashlib.sha256(data)
