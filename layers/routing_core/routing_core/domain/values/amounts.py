"""Amounts of money as people write them."""

import re
from decimal import Decimal

LONGEST = 40
"""Characters, with a currency's name and spaces."""


def read_amount(text: str) -> Decimal | None:
    """An amount as people write it, at least 0 and at most 12 digits; None if it is no amount.

    12.500 and 12,500 and 12'500 are all twelve thousand five hundred, whatever the page's language:
    three digits after
    the only mark are thousands, for no order is worth a tenth of a cent. Of two kinds of marks the
    last is decimal.
    """
    if len(text) > LONGEST:
        return None
    plain = re.sub(r"^[^\d.,-]{0,4}(?=\d)|(?<=\d)[.,]?-?\D{0,4}$|[\s'’]", "", text.strip())
    whole, mark, cents = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}|\d{4,}))?", plain).groups()  # type: ignore[union-attr]
    thousands = re.fullmatch(r"\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+", whole)
    if not thousands or (mark and mark in whole):
        return None
    value = Decimal(re.sub(r"\D", "", whole) + (f".{cents}" if mark else ""))
    return value if value < 10**12 else None
