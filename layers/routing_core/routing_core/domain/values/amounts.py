"""Amounts of money as people write them."""

import re
from decimal import Decimal

LONGEST_AMOUNT = 40
"""The most characters of an amount, with a currency's name and spaces."""


def read_amount(text: str) -> Decimal | None:
    """Read an amount as people write it: at least 0, at most 12 digits; None if it is no amount.

    12.500 and 12,500 and 12'500 are all twelve thousand five hundred, whatever the page's
    language: three digits after the only mark are thousands, for no order is worth a tenth of a
    cent. Of two kinds of marks the last is decimal.
    """
    if len(text) > LONGEST_AMOUNT:
        return None
    # A currency may stand before or behind, spaces and apostrophes may part the thousands.
    plain = re.sub(r"^[^\d.,-]{0,4}(?=\d)|(?<=\d)[.,]?-?\D{0,4}$|[\s'’]", "", text.strip())
    whole, mark, cents = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}|\d{4,}))?", plain).groups()  # type: ignore[union-attr]
    thousands = re.fullmatch(r"\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+", whole)
    # One mark cannot part thousands and cents at once: 1.234.56 is nothing.
    if not thousands or (mark and mark in whole):
        return None
    digits = re.sub(r"\D", "", whole)
    value = Decimal(f"{digits}.{cents}" if mark else digits)
    return value if value < 10**12 else None
