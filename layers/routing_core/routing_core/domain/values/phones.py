"""Phone numbers as people write them, and in the one form that can be dialled from anywhere.

That form is E.164, with an extension where one was written, as in RFC 3966: ``+498999998123``,
``+13035550134;ext=22``.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from routing_core.domain.values.sentence import worded

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

LONGEST_PHONE = 60
"""The most characters of what is typed into the field of a phone number."""
NO_COUNTRY = "001"
"""The region of calling codes that the world shares (+870, +881, +882 …), as phonenumbers says."""
_SHORTEST_NATIONAL = 1_000_000

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
# What people and programs write where they have no number to give.
_NOTHING = re.compile(
    r"n/?a|n\.a\.|none|no|nil|null|x+|unknown|undefined|not available|tbd"
    r"|keine?|nein|k\.\s?a\.|unbekannt|entfällt|keine angabe",
    re.IGNORECASE,
)
# Of a number that spells a word: 1-800-FLOWERS does, a Sek. behind a number does not.
_FEWEST_LETTERS = 4


class Phone(NamedTuple):
    """A phone number as an optional field said it."""

    number: str
    """The number as E.164; empty if none could be read."""
    typed: str
    """What was typed, if that says more than ``number`` does; else empty."""


def read_phone(typed: str, country: str) -> Phone:
    """Read the first number in what somebody in that country typed.

    Raises ValueError for a number that can be read, but at which nobody can be called back (see
    ``callback_number``). What cannot be read raises nothing: the field is optional, and a person
    may still make sense of it.
    """
    text = _plain(typed)
    if _says_nothing(text):
        return Phone("", "")
    for candidate in dict.fromkeys((text, *_candidates(text))):
        try:
            e164(candidate, country)
        except Unreadable:
            continue
        more_was_said = candidate != text
        return Phone(
            callback_number(candidate, country), text[:LONGEST_PHONE] if more_was_said else ""
        )
    return Phone("", text[:LONGEST_PHONE])


def _says_nothing(text: str) -> bool:
    """Tell whether a field was filled by somebody who has no number: with dashes, or "n/a"."""
    if any(sign.isdigit() for sign in text):
        return False
    return not _LETTER.search(text) or _NOTHING.fullmatch(text) is not None


class Unreadable(ValueError):
    """Raised for what is no phone number, unlike one that is refused for what it costs."""


def e164(written: str, country: str) -> str:
    """Give the number as ``+498999998123``, read as somebody in that country writes it.

    Raises ValueError, and its kind Unreadable for what is no number. A number need only be
    possible, so that nobody is turned away over a range opened yesterday; but premium-rate
    numbers, which cost the partner who calls back, are refused. Letters are no digits, unless they
    spell a freephone number.
    """
    # Imported here, so that it costs nothing where no number is read.
    import phonenumbers

    number = _parsed(_plain(written), country)
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        raise ValueError(
            worded("phone.premium", "is a premium-rate number: write one that is free to call back")
        )
    extension = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


def callback_number(written: str, country: str) -> str:
    """Give the number at which a person who asked can be called back, as E.164.

    Raises ValueError with what would be right.

    Besides what is no number at all it refuses service numbers (0180 in Germany, 0810 in Austria)
    and numbers that belong to no country, as those of satellite phones: they cost whoever calls
    back, and no customer answers there. A freephone number is free to call, and some firms are
    reached there: it stays.
    """
    import phonenumbers

    number = e164(written, country)
    parsed = phonenumbers.parse(number)
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) == NO_COUNTRY:
        raise ValueError(
            worded(
                "phone.satellite",
                "is a satellite or network number: write a landline or mobile number",
            )
        )
    kinds = phonenumbers.PhoneNumberType
    if phonenumbers.number_type(parsed) in (kinds.SHARED_COST, kinds.PAGER, kinds.VOICEMAIL):
        raise ValueError(
            worded("phone.service", "is a service number: write a landline or mobile number")
        )
    return number


def without_extension(number: str) -> str:
    """Give the line itself, without an extension: two people of one firm share it."""
    return number.partition(";")[0]


def is_valid(number: str) -> bool:
    """Tell whether an E.164 number lies in a range that is known to be in use."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _plain(written: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", written).split())


def _parsed(text: str, country: str) -> "PhoneNumber":
    """Read a number with its extension; raises Unreadable."""
    import phonenumbers

    if label := _LABEL.match(text):
        text = text[label.end() :]
    extension = _EXTENSION.search(text)
    if extension:
        text = text[: extension.start()]
    try:
        number = phonenumbers.parse(text, country or None)
        # 00 is most of the world's prefix of calls abroad, though not every country's.
        if not _is_possible(number) and text.startswith("00"):
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
    """Tell whether a number is long enough and could be dialled, in use or not."""
    import phonenumbers

    # Short numbers are possible nearly everywhere, so such a one has to be in use.
    is_short = (number.national_number or 0) < _SHORTEST_NATIONAL
    if is_short and not phonenumbers.is_valid_number(number):
        return False
    return bool(phonenumbers.is_possible_number(number))


def _spells_a_number(text: str, number: "PhoneNumber") -> bool:
    """Tell whether the letters in it are meant as digits: in America, and in freephone numbers."""
    import phonenumbers

    if len(_LETTER.findall(text)) < _FEWEST_LETTERS:
        return False
    american = number.country_code == 1 and phonenumbers.is_valid_number(number)
    return american or phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE


def _candidates(text: str) -> Iterator[str]:
    """Yield what lies between words without digits, then its parts at commas and slashes."""
    for run in _runs_without_words(text):
        yield run
        for part in re.split(r"[,;|/]", run):
            if part.strip():
                yield part.strip()


def _runs_without_words(text: str) -> Iterator[str]:
    """Yield what stands between words that have letters and no digit."""
    runs: list[list[str]] = [[]]
    for word in text.split():
        has_digit = any(sign.isdigit() for sign in word)
        if _LETTER.search(word) and not has_digit:
            runs.append([])
        else:
            runs[-1].append(word)
    for words in runs:
        run = " ".join(words).strip("()[],;:/ ")
        if run:
            yield run
