"""An order value reads the same however people write it, and whatever language their page is in."""

from decimal import Decimal

import pytest

from routing_core.domain.values.amounts import read_amount


@pytest.mark.parametrize(
    "text",
    ["12500", "12.500", "12,500", "12'500", "12’500", "12 500", "12\u202f500", "€ 12,500", "12.500 €", "12500 EUR",
     "CHF 12'500.-", "12.500,00", "12,500.00", "12500,-", "$12,500"],
)  # fmt: skip
def test_twelve_thousand_five_hundred(text: str) -> None:
    assert read_amount(text) == Decimal(12500)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", "0"), ("12,5", "12.5"), ("1.250.000,5", "1250000.5"), ("1,250,000.50", "1250000.50"), ("99.95", "99.95"),
     ("1234,5678", "1234.5678")],
)  # fmt: skip
def test_cents(text: str, value: str) -> None:
    assert read_amount(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a lot",
        "-5",
        "1.2.3",
        "1,250,00",
        "12..5",
        "1e9",
        "NaN",
        "Infinity",
        "1" * 13,
        ".",
        "€",
        "1.250.50,5",
    ],
)
def test_no_amount(text: str) -> None:
    assert read_amount(text) is None
