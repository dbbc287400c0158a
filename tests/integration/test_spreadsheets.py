"""Tables that are opened in a spreadsheet: what somebody typed stays text there, never a
formula.
"""

import csv

import pytest

from infra.tools.hq_key import create_key
from tests.support.builders import a_partner
from tests.support.world import World, a_programme

FORMULAS = [
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
]


def cells(table: str) -> list[str]:
    return [
        cell
        for row in csv.reader(table.removeprefix("\ufeff").splitlines(), delimiter=";")
        for cell in row
    ]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_table_is_a_formula(world: World, formula: str) -> None:
    programme = a_programme()
    product = programme.products[0].model_copy(update={"name": {"en": formula, "de": formula}})
    named = programme.model_copy(update={"products": [product, *programme.products[1:]]})
    world.use(
        named, a_partner("p1", name=formula, town=formula, street=formula, confirmed_email="")
    )
    key = {"x-api-key": create_key(world.wiring._dynamo, "partners", "tests"), "accept": "text/csv"}
    coverage = world.http("GET", "/v1/network/coverage", headers=key).body
    for_hq = world.http("POST", f"{world.hq_link()}/coverage").body
    partners = world.http("GET", "/v1/partners", headers=key).body
    assert f"'{formula}" in cells(partners)
    assert any(formula in cell for cell in cells(coverage)), (
        "the product is named where nobody can be asked"
    )
    for table in (coverage, for_hq, partners):
        wrong = [cell for cell in cells(table) if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert wrong == []
