"""Makes and reads magic links: signed tokens that say who may look.

The lead's state decides what may be done. A token is the same each time it is made (mails can be
sent again), carries no personal data and no expiry: an offer's state and its reader's link
generation end it. Keys rotate: every key verifies, the one named by ``sign`` signs.
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
    """What a token is for: one that was signed for one purpose serves no other."""

    OFFER = "o"
    DESK = "d"
    CONFIRM = "c"
    STATUS = "s"
    QUEUE = "q"
    HQ_DEVICE = "h"
    """Marks the cookie of a device on which somebody at HQ has signed in; it is no link."""
    HQ_SIGN_IN = "i"
    REPORT = "r"
    THANKS = "t"
    DIGEST = "u"
    """Lets the reader of a digest have it no more, and again."""
    FORM = "f"
    """Marks what a form carries from being shown to being posted; it is no link."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a link says, and nothing that may change while it is in somebody's mailbox."""

    purpose: Purpose
    subject: str = ""
    """A lead's id (offer, status), a partner's (desk, confirm, report), or empty (queue, thanks)."""
    number: int = 0
    """The number of the offer.

    In a link to HQ's queue it is the last day on which it opens, as an ordinal.
    """
    generation: int = 0
    """Counts how often the reader's links had been ended when this one was made."""
    extra: str = ""
    """What else the link says, by its purpose.

    It is the partner of an offer, so that one read finds lead and load; which address is confirmed;
    which report it is; or what a thank-you page or a form carries.
    """
    person: str = ""
    """The reader's short id; empty in links that were sent before they named anybody."""


class Links:
    """Makes and reads every link."""

    def __init__(self, base_url: str, keys: Mapping[str, str], sign: str):
        """Take the pages' address, the secrets by key id, and the id of the key that signs."""
        self.base_url = base_url.rstrip("/")
        self._keys = dict(keys)
        self._sign = sign

    def _serializer(self, key_id: str, purpose: Purpose) -> URLSafeSerializer:
        """Give what signs and verifies tokens of one purpose.

        Raises KeyError for a key not held.
        """
        return URLSafeSerializer(
            self._keys[key_id],
            salt=f"partner-relay.{purpose.value}",
            signer_kwargs={"digest_method": _sha256},
        )

    def token(self, token: Token) -> str:
        """Give the text of a signed token: the id of the key, a dot, and what it says."""
        payload: list[Any] = [
            token.subject,
            token.number,
            token.generation,
            token.extra,
            token.person,
        ]
        # What is empty at the end is left out, as in tokens of old, which had fewer fields.
        while payload and not payload[-1]:
            payload.pop()
        return f"{self._sign}.{self._serializer(self._sign, token.purpose).dumps(payload)}"

    def read(self, purpose: Purpose, text: str) -> Token:
        """Read a token.

        Raises LinkRefused for anything that we did not sign for exactly this purpose with a key
        still held.
        """
        key_id, _, signed = repaired(text).partition(".")
        # A key that was taken out of use ends every link that it signed.
        if key_id not in self._keys:
            raise LinkRefused("this link is not valid")
        try:
            payload = self._serializer(key_id, purpose).loads(signed)
        except (BadData, UnicodeError) as error:
            raise LinkRefused("this link is not valid") from error
        return Token(purpose, *payload)

    def _url(self, path: str, token: Token) -> str:
        """Give the address of a page that a token opens."""
        return f"{self.base_url}/{path}/{self.token(token)}"

    def offer(self, lead: str, number: int, partner: str, generation: int, person: str = "") -> str:
        """Give the address of an offer's page."""
        token = Token(
            Purpose.OFFER, lead, number=number, generation=generation, extra=partner, person=person
        )
        return self._url("o", token)

    def desk(self, partner: str, generation: int, person: str = "") -> str:
        """Give the address of a partner's standing desk."""
        return self._url("d", Token(Purpose.DESK, partner, generation=generation, person=person))

    def report(self, partner: str, run: str, generation: int, person: str = "") -> str:
        """Give the address of a partner's report on a period."""
        token = Token(Purpose.REPORT, partner, generation=generation, extra=run, person=person)
        return self._url("r", token)

    def confirm(self, partner: str, email_mark: str, generation: int = 0) -> str:
        """Give the address at which a partner confirms that mail arrives."""
        return self._url(
            "c", Token(Purpose.CONFIRM, partner, generation=generation, extra=email_mark)
        )

    def stop_digest(self, reader: str, digest: str) -> str:
        """Give the address at which a reader, named by the mark of the address, stops a digest."""
        return self._url("u", Token(Purpose.DIGEST, reader, extra=digest))

    def status(self, lead: str) -> str:
        """Give the address of the prospect's own page."""
        return self._url("s", Token(Purpose.STATUS, lead))

    def confirm_enquiry(self, lead: str, email_mark: str) -> str:
        """Give the address of the same page with the button that confirms the address.

        Only who reads mail there has this link.
        """
        return self._url("s", Token(Purpose.STATUS, lead, extra=email_mark))

    def queue(self, generation: int) -> str:
        """Give the address of HQ's queue for nobody in particular."""
        return self._url("q", Token(Purpose.QUEUE, generation=generation))

    def queue_lead(self, lead: str, generation: int) -> str:
        """Give the address of a lead on HQ's queue for nobody in particular."""
        return f"{self.queue(generation)}/leads/{lead}"

    def thanks(self, extra: str) -> str:
        """Give the address of a page that thanks for an enquiry and says what ``extra`` carries."""
        return self._url("thanks", Token(Purpose.THANKS, extra=extra))

    def form(self, form: str) -> str:
        """Give the address of a hosted form: public, and so without a token."""
        return f"{self.base_url}/f/{form}"


_ESCAPED = re.compile("(?:=3D|%[0-9A-Fa-f]{2})+")
_NOT_OF_A_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")


def repaired(text: str) -> str:
    """Give the token without what mail programs add to it.

    That is ``TOKEN/``, ``TOKEN.``, ``TOKEN%20``, ``<TOKEN>``, ``TOKEN,`` and the spaces and line
    ends of a wrapped address. Nothing is opened by it that was not signed.
    """
    return _NOT_OF_A_TOKEN.sub("", _ESCAPED.sub("", text)).strip(".")


def _sha256(data: bytes = b"") -> Any:
    """Give the digest that signs: itsdangerous would take SHA-1."""
    return hashlib.sha256(data)
