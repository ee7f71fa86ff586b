"""`python -m inference.plates plates …`: the plates' commands alone.

A machine that bakes has Mitsuba and a GPU, but not the engine's own libraries, which
`python -m inference` loads.
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from inference.errors import InferenceError
from inference.plates import plates_cli


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m inference", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="show the log")
    plates_cli.add_commands(parser.add_subparsers(dest="command", required=True))
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO if args.verbose else logging.ERROR)
    try:
        return plates_cli.run(args)
    except InferenceError as error:
        logging.getLogger(__name__).info("the cause:", exc_info=error)
        sys.stderr.write(f"{error}\n")
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'A file'}: {error.strerror or error}.\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
