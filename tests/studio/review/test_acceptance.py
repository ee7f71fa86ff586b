"""The sampling plans, against rows of the published table and against the table's own order."""

import itertools

import pytest

from studio.review.acceptance import (
    ACCEPTANCE_NUMBERS,
    AQLS,
    LETTERS,
    SAMPLE_SIZES,
    sampling_plan,
)

# A lot of each letter at general level II.
LOT = dict(
    zip(
        "ABCDEFGHJKLMNPQ",
        (8, 9, 20, 40, 60, 100, 200, 300, 600, 2000, 5000, 20_000, 99_999, 200_000, 600_000),
        strict=True,
    )
)
# Rows of MIL-STD-105E's table II-A, as published copies have it: a sample's size and the numbers
# only, each under its AQL. What is left out is an arrow or was not compared.
PRINTED = {
    "A": (2, {"6.5": 0}),
    "B": (3, {"4.0": 0, "15": 1, "25": 2, "40": 3, "1000": 44}),
    "C": (5, {"2.5": 0, "10": 1, "15": 2, "25": 3}),
    "D": (8, {"1.5": 0, "6.5": 1, "10": 2, "15": 3}),
    "E": (13, {"1.0": 0, "4.0": 1, "6.5": 2, "10": 3, "15": 5, "100": 21, "150": 30, "250": 44}),
    "F": (20, {"0.65": 0, "2.5": 1, "4.0": 2, "6.5": 3, "10": 5, "15": 7, "65": 21}),
    "G": (32, {"0.40": 0, "1.5": 1, "2.5": 2, "4.0": 3, "6.5": 5, "10": 7, "15": 10}),
    "H": (50, {"0.25": 0, "1.0": 1, "1.5": 2, "2.5": 3, "4.0": 5, "6.5": 7, "10": 10, "15": 14}),
    "J": (80, {"0.65": 1, "1.0": 2, "1.5": 3, "2.5": 5, "4.0": 7, "6.5": 10, "10": 14, "15": 21}),
    "K": (125, {"0.65": 2, "1.0": 3, "1.5": 5, "2.5": 7, "4.0": 10, "6.5": 14, "10": 21}),
    "L": (200, {"0.65": 3, "1.0": 5, "1.5": 7, "2.5": 10, "4.0": 14, "6.5": 21}),
    "M": (315, {"0.65": 5, "1.0": 7, "1.5": 10, "2.5": 14, "4.0": 21}),
    "N": (500, {"0.65": 7, "1.0": 10, "1.5": 14, "2.5": 21}),
    "P": (800, {"0.65": 10, "1.0": 14, "1.5": 21}),
    "Q": (1250, {"0.010": 0, "0.65": 14, "1.0": 21}),
    "R": (2000, {"0.025": 1, "0.40": 14, "0.65": 21}),
}


@pytest.mark.parametrize("letter", PRINTED)
def test_the_printed_rows_stand_in_the_table(letter: str) -> None:
    size, numbers = PRINTED[letter]
    assert SAMPLE_SIZES[letter] == size
    row = {aql: cells.split()[LETTERS.index(letter)] for aql, cells in ACCEPTANCE_NUMBERS.items()}
    assert {aql: row[aql] for aql in numbers} == {aql: str(n) for aql, n in numbers.items()}


def test_a_row_printed_in_full_has_arrows_everywhere_else() -> None:
    printed = {
        "0.25": "0",
        "0.40": "^",
        "0.65": "v",
        **{a: str(n) for a, n in PRINTED["H"][1].items()},
    }
    printed |= {"25": "21"}
    row = {aql: cells.split()[LETTERS.index("H")] for aql, cells in ACCEPTANCE_NUMBERS.items()}
    for aql, cell in row.items():
        expected = printed.get(aql, "v" if float(aql) < 0.25 else "^")
        assert cell == expected, aql


def test_every_column_counts_up_as_the_standard_does() -> None:
    order = ["0", "1", "2", "3", "5", "7", "10", "14", "21", "30", "44"]
    for aql, text in ACCEPTANCE_NUMBERS.items():
        cells = text.split()
        assert len(cells) == len(LETTERS) == 16
        numbers = [cell for cell in cells if cell not in "v^"]
        assert numbers == order[order.index(numbers[0]) :][: len(numbers)], aql
        if "0" in cells and cells[-2] != "0":
            after = cells.index("0") + 1
            assert cells[after : after + 2] in (["^", "v"], ["^", "^"]), aql


def test_each_number_stands_one_letter_higher_for_the_next_aql() -> None:
    columns = [text.split() for text in ACCEPTANCE_NUMBERS.values()]
    compared = 0
    for cells, following in itertools.pairwise(columns):
        for row in range(1, len(LETTERS)):
            if cells[row].isdigit() and following[row - 1].isdigit():
                assert cells[row] == following[row - 1]
                compared += 1
    assert compared > 140


@pytest.mark.parametrize("aql", AQLS)
def test_every_lot_has_a_plan_at_every_aql_that_is_offered(aql: str) -> None:
    plans = [sampling_plan(lot_size=size, aql=aql) for size in LOT.values()]
    for letter, size, plan in zip(LOT, LOT.values(), plans, strict=True):
        assert plan.reject == plan.accept + 1
        assert plan.sample_size == min(SAMPLE_SIZES[plan.letter], size)
        cell = ACCEPTANCE_NUMBERS[aql].split()[LETTERS.index(letter)]
        # An arrow down leads to a later letter, one up to an earlier one.
        step = LETTERS.index(plan.letter) - LETTERS.index(letter)
        assert (step > 0, step < 0) == (cell == "v", cell == "^")


@pytest.mark.parametrize(
    ("lot_size", "aql", "plan"),
    [
        # The example that reviewers are taught: nothing critical, 2.5 major, 4.0 minor.
        (5000, "2.5", ("L", 200, 10, 11)),
        (10_000, "4.0", ("L", 200, 14, 15)),
        # Arrows: down to a larger sample with a number, up to the last one.
        (40, "1.0", ("E", 13, 0, 1)),
        (600, "0.25", ("H", 50, 0, 1)),
        (20_000, "6.5", ("L", 200, 21, 22)),
        (5, "10", ("C", 5, 1, 2)),
        # From the last letter of level II down to R, and a sample as large as the lot.
        (600_000, "0.025", ("R", 2000, 1, 2)),
        (100, "0.10", ("K", 100, 0, 1)),
    ],
)
def test_a_lot_gets_the_plan_of_the_standard(
    lot_size: int, aql: str, plan: tuple[str, int, int, int]
) -> None:
    found = sampling_plan(lot_size=lot_size, aql=aql)
    assert (found.letter, found.sample_size, found.accept, found.reject) == plan
