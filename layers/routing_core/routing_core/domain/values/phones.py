"""Phone numbers as people write them, and in the one form that can be dialled from anywhere.

That form is E.164, with an extension where one was written, as in RFC 3966: ``+498999998123``,
``+13035550134;ext=22``.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

LONGEST = 60
"""Characters of what is typed into the field."""
NO_COUNTRY = "001"
"""What phonenumbers calls the region of calling codes that the world shares: +870, +881, +882, +883
and others.
"""

_LABEL = re.compile(
    r"(?:tel|telefon|telephone|phone|fon|mobil|mobile|mob|handy|cell|call)\b[\s.:]*", re.IGNORECASE
)
_EXTENSION = re.compile(
    r"[\s,;.]*(?<![^\W\d_])"
    r"(?:ext|extn|extension|x|app|apparat|durchwahl|dw|nebenstelle|nst|klappe|kl|poste|int|interno|anexo|ramal|доб|#)"
    r"[\s.:=]*(?P<number>[0-9]{1,7})[\s.]*$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_NOTHING = re.compile(
    r"n/?a|n\.a\.|none|no|nil|null|x+|unknown|undefined|not available|tbd"
    r"|keine?|nein|k\.\s?a\.|unbekannt|entfällt|keine angabe",
    re.IGNORECASE,
)
"""What people and programs write where they have no number to give."""
_FEWEST_LETTERS = 4
"""Of a number that spells a word: 1-800-FLOWERS does, a Sek. behind a number does not."""


class Phone(NamedTuple):
    """What an optional field said."""

    number: str
    """Empty if none could be read."""
    typed: str
    """As it was typed, if more was said than ``number`` does."""


def read_phone(typed: str, country: str) -> Phone:
    """The first number in what somebody in that country typed. Raises ValueError for a number that
    can be read, but at which nobody can be called back (see ``callback_number``); for what cannot
    be read it does not.
    """
    text = _plain(typed)
    if not any(c.isdigit() for c in text) and (
        not _LETTER.search(text) or _NOTHING.fullmatch(text)
    ):
        return Phone("", "")
    for candidate in dict.fromkeys((text, *_candidates(text))):
        try:
            e164(candidate, country)
        except Unreadable:
            continue
        return Phone(
            callback_number(candidate, country), "" if candidate == text else text[:LONGEST]
        )
    return Phone("", text[:LONGEST])


class Unreadable(ValueError):
    """It is no phone number, unlike one that is refused for what it costs."""


def e164(written: str, country: str) -> str:
    """The number as ``+498999998123``, read as somebody in that country writes it; raises
    ValueError.

    A number need only be possible, so that nobody is turned away over a range opened yesterday; but
    premium-rate numbers, which cost the partner who calls back, are refused. Letters are no digits,
    unless they spell a freephone number.
    """
    import phonenumbers  # here, so that it costs nothing where no number is read

    number = _parsed(_plain(written), country)
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        raise ValueError("is a premium-rate number: write one that is free to call back")
    extension = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


def callback_number(written: str, country: str) -> str:
    """Gives the number at which a person who asked can be called back, as E.164; raises ValueError.

    Besides what is no number at all it refuses service numbers (0180 in Germany, 0810 in Austria)
    and numbers that belong to no country, as those of satellite phones: they cost whoever calls
    back, and no customer answers there. A freephone number is free to call, and some firms are
    reached there: it stays.
    """
    import phonenumbers

    number = e164(written, country)
    parsed = phonenumbers.parse(number)
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) == NO_COUNTRY:
        raise ValueError("is a satellite or network number: write a landline or mobile number")
    kinds = phonenumbers.PhoneNumberType
    if phonenumbers.number_type(parsed) in (kinds.SHARED_COST, kinds.PAGER, kinds.VOICEMAIL):
        raise ValueError("is a service number: write a landline or mobile number")
    return number


def without_extension(number: str) -> str:
    """The line itself: two people of one firm share it."""
    return number.partition(";")[0]


def is_valid(number: str) -> bool:
    """Whether an E.164 number lies in a range that is known to be in use."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _plain(written: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", written).split())


def _parsed(text: str, country: str) -> "PhoneNumber":
    """Raises Unreadable."""
    import phonenumbers

    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    extension = _EXTENSION.search(text)
    if extension:
        text = text[: extension.start()]
    try:
        number = phonenumbers.parse(text, country or None)
        if not _is_possible(number) and text.startswith(
            "00"
        ):  # the world's prefix, though not that country's
            number = phonenumbers.parse(f"+{text[2:]}")
    except phonenumbers.NumberParseException as error:
        raise Unreadable(
            "is not a phone number: include the area code, or like +49 89 99998123"
        ) from error
    if not _is_possible(number):
        raise Unreadable("is too short or too long for a phone number: include the area code")
    if _LETTER.search(text) and not _spells_a_number(text, number):
        raise Unreadable("has letters in it: write the number in digits, as +49 89 99998123")
    if extension:
        number.extension = extension["number"]
    return number


def _is_possible(number: "PhoneNumber") -> bool:
    import phonenumbers

    short = (number.national_number or 0) < 1_000_000 and not phonenumbers.is_valid_number(number)
    return not short and phonenumbers.is_possible_number(number)


def _spells_a_number(text: str, number: "PhoneNumber") -> bool:
    import phonenumbers

    if len(_LETTER.findall(text)) < _FEWEST_LETTERS:
        return False
    american = number.country_code == 1 and phonenumbers.is_valid_number(number)
    return american or phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE


def _candidates(text: str) -> Iterator[str]:
    """What lies between words without digits, then that in the parts that a comma or a slash makes
    of it.
    """
    runs: list[list[str]] = [[]]
    for word in text.split():
        if _LETTER.search(word) and not any(c.isdigit() for c in word):
            runs.append([])
        else:
            runs[-1].append(word)
    for run in filter(None, (" ".join(words).strip("()[],;:/ ") for words in runs)):
        yield run
        yield from (part.strip() for part in re.split(r"[,;|/]", run) if part.strip())
