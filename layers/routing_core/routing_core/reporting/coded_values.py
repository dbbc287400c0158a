"""How instants, amounts, times and endings stand in columns: as numbers."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

NO_AMOUNT = -1
"""Stands for an amount that is not known; amounts are at least 0."""
DONE_CODE = 2
"""What is added to twice the seconds of something that ended by being done."""
CENSORED_CODE = 3
"""What is added to twice the seconds of which only is known that it takes longer."""
_LONGEST = 2**31 - 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_CENT = Decimal("0.01")


def seconds_of(at: datetime | None) -> int:
    """Give the whole seconds of an instant; 0 for none."""
    return 0 if at is None else (at - _EPOCH) // _SECOND


def instant_of(seconds: int) -> datetime | None:
    """Give the instant of so many seconds; None for 0."""
    return _EPOCH + seconds * _SECOND if seconds else None


def cents_of(amount: Decimal | None) -> int:
    """Give the cents of an amount, rounded half to even."""
    if amount is None:
        return NO_AMOUNT
    return int(amount.quantize(_CENT, ROUND_HALF_EVEN).scaleb(2))


def amount_of(cents: int) -> Decimal | None:
    """Give the amount of so many cents."""
    return None if cents == NO_AMOUNT else Decimal(cents).scaleb(-2)


def coded(seconds: int, *, censored: bool) -> int:
    """Code a time and whether more is not known of it; codes sort as Kaplan and Meier ask.

    At the same time, what ended comes before what is censored. 0 is no code.
    """
    return min(max(seconds, 0), _LONGEST) * 2 + (CENSORED_CODE if censored else DONE_CODE)


def ending_of(end: int, seen: int) -> int:
    """Code how an offer ended and whether it was seen as one small number, for counting."""
    return end * 2 + seen
