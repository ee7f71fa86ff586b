"""Single sampling by attributes: ISO 2859-1:1999, general inspection level II, normal inspection.

Table 1 gives the code letter of a lot, Table 2-A the sample's size and the acceptance number Ac;
the rejection number is always Ac + 1. Where Table 2-A has an arrow instead of a number, the first
plan in the arrow's direction holds, with that plan's sample size.
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
LETTERS = (*_LARGEST_LOT, "Q")

# Table 2-A, column "sample size".
SAMPLE_SIZES = dict(
    zip(
        LETTERS,
        (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250),
        strict=True,
    )
)

# Table 2-A, Ac by AQL (percent nonconforming) for letters A to Q: v and ^ are the arrows.
_ACCEPT = {
    "0.25": "v v v v v v v 0 ^ v 1 2 3 5 7",
    "0.40": "v v v v v v 0 ^ v 1 2 3 5 7 10",
    "0.65": "v v v v v 0 ^ v 1 2 3 5 7 10 14",
    "1.0": "v v v v 0 ^ v 1 2 3 5 7 10 14 21",
    "1.5": "v v v 0 ^ v 1 2 3 5 7 10 14 21 ^",
    "2.5": "v v 0 ^ v 1 2 3 5 7 10 14 21 ^ ^",
    "4.0": "v 0 ^ v 1 2 3 5 7 10 14 21 ^ ^ ^",
    "6.5": "0 ^ v 1 2 3 5 7 10 14 21 ^ ^ ^ ^",
}
AQLS = tuple(_ACCEPT)


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
    if aql not in _ACCEPT:
        raise ValueError(f"The AQL is one of {', '.join(AQLS)}, not {aql!r}.")
    cells = _ACCEPT[aql].split()
    row = bisect_left(tuple(_LARGEST_LOT.values()), lot_size)
    while cells[row] in "v^":
        row += 1 if cells[row] == "v" else -1
    letter, accept = LETTERS[row], int(cells[row])
    return SamplingPlan(letter, min(SAMPLE_SIZES[letter], lot_size), accept, accept + 1)
