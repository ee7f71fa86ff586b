"""Single sampling by attributes: ISO 2859-1:1999, general inspection level II, normal inspection.

Table 1 gives the code letter of a lot, Table 2-A the sample's size and the acceptance number Ac;
the rejection number is always Ac + 1. Where Table 2-A has an arrow instead of a number, the first
plan in the arrow's direction holds, with that plan's sample size.

Source: MIL-STD-105E (1989, public domain), tables I and II-A; ISO 2859-1:1999 took over both for
single sampling at normal inspection.
"""

from bisect import bisect_left
from dataclasses import dataclass

# Table 1, general inspection level II: the largest lot of each letter; above the last it is Q.
_LARGEST_LOT = {
    "A": 8,
    "B": 15,
    "C": 25,
    "D": 50,
    "E": 90,
    "F": 150,
    "G": 280,
    "H": 500,
    "J": 1_200,
    "K": 3_200,
    "L": 10_000,
    "M": 35_000,
    "N": 150_000,
    "P": 500_000,
}
# No lot has letter R at level II; an arrow leads there.
LETTERS = (*_LARGEST_LOT, "Q", "R")

# Table 2-A, column "sample size".
SAMPLE_SIZES = dict(
    zip(
        LETTERS,
        (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000),
        strict=True,
    )
)

# Table 2-A, the acceptance numbers of each AQL for letters A to R: v and ^ are the arrows. An arrow
# out of the table would lead nowhere, so in the first row none points up, in the last none down.
ACCEPTANCE_NUMBERS = {
    "0.010": "v v v v v v v v v v v v v v 0 ^",
    "0.015": "v v v v v v v v v v v v v 0 ^ ^",
    "0.025": "v v v v v v v v v v v v 0 ^ v 1",
    "0.040": "v v v v v v v v v v v 0 ^ v 1 2",
    "0.065": "v v v v v v v v v v 0 ^ v 1 2 3",
    "0.10": "v v v v v v v v v 0 ^ v 1 2 3 5",
    "0.15": "v v v v v v v v 0 ^ v 1 2 3 5 7",
    "0.25": "v v v v v v v 0 ^ v 1 2 3 5 7 10",
    "0.40": "v v v v v v 0 ^ v 1 2 3 5 7 10 14",
    "0.65": "v v v v v 0 ^ v 1 2 3 5 7 10 14 21",
    "1.0": "v v v v 0 ^ v 1 2 3 5 7 10 14 21 ^",
    "1.5": "v v v 0 ^ v 1 2 3 5 7 10 14 21 ^ ^",
    "2.5": "v v 0 ^ v 1 2 3 5 7 10 14 21 ^ ^ ^",
    "4.0": "v 0 ^ v 1 2 3 5 7 10 14 21 ^ ^ ^ ^",
    "6.5": "0 ^ v 1 2 3 5 7 10 14 21 ^ ^ ^ ^ ^",
    "10": "v v 1 2 3 5 7 10 14 21 ^ ^ ^ ^ ^ ^",
    "15": "v 1 2 3 5 7 10 14 21 ^ ^ ^ ^ ^ ^ ^",
    "25": "1 2 3 5 7 10 14 21 ^ ^ ^ ^ ^ ^ ^ ^",
    "40": "2 3 5 7 10 14 21 ^ ^ ^ ^ ^ ^ ^ ^ ^",
    "65": "3 5 7 10 14 21 ^ ^ ^ ^ ^ ^ ^ ^ ^ ^",
    "100": "5 7 10 14 21 ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^",
    "150": "7 10 14 21 30 ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^",
    "250": "10 14 21 30 44 ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^",
    "400": "14 21 30 44 ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^",
    "650": "21 30 44 ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^",
    "1000": "30 44 ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^",
}
# Up to 10 an AQL counts bad pictures per hundred; above it counts faults per hundred, of which a
# picture may have several. A reviewer calls a picture good or bad, so those are not offered.
AQLS = tuple(aql for aql in ACCEPTANCE_NUMBERS if float(aql) <= 10)


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """How many pictures of a lot to look at, and how many bad ones are too many."""

    letter: str
    sample_size: int
    accept: int
    reject: int


def sampling_plan(*, lot_size: int, aql: str) -> SamplingPlan:
    """The plan for a lot; where the sample would be larger than the lot, the whole lot is it.

    Args:
        lot_size: pictures in the lot, 2 or more.
        aql: acceptance quality limit in percent nonconforming, one of `AQLS`.

    Raises:
        ValueError: a lot of fewer than two, or an unknown AQL.
    """
    if lot_size < 2:
        raise ValueError(f"A lot has at least 2 pictures, not {lot_size}.")
    if aql not in AQLS:
        raise ValueError(f"The AQL is one of {', '.join(AQLS)}, not {aql!r}.")
    cells = ACCEPTANCE_NUMBERS[aql].split()
    row = bisect_left(tuple(_LARGEST_LOT.values()), lot_size)
    while cells[row] in "v^":
        row += 1 if cells[row] == "v" else -1
    letter, accept = LETTERS[row], int(cells[row])
    return SamplingPlan(letter, min(SAMPLE_SIZES[letter], lot_size), accept, accept + 1)
