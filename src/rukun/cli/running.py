"""Running the command: what goes wrong becomes a sentence and an exit status, never a traceback."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence

#: Exit statuses: all went well; something failed while working; the input or the command line was wrong.
DONE, FAILED, BAD_INPUT = 0, 1, 2


def main() -> None:
    """Run the command with the arguments of the process and end it."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status. With RUKUN_DEBUG=1 set, errors show where they came from."""
    from rukun.cli.app import app

    debug = os.environ.get("RUKUN_DEBUG", "") not in ("", "0")
    with warnings.catch_warnings():
        if not debug:
            # what a user should know is said in notes; libraries' warnings are for developers
            warnings.simplefilter("ignore")
        try:
            app(args=list(arguments), prog_name="rukun")
        except SystemExit as end:  # the command line's own end: help, a usage error, an interruption
            status = end.code if isinstance(end.code, int) else DONE if end.code is None else FAILED
            return status if status in (DONE, FAILED, BAD_INPUT) else FAILED
        except Exception as error:
            if debug:
                raise
            return _explained(error)
    return DONE


def _explained(error: Exception) -> int:
    # heavy to import, and not needed for --help
    from rukun.core.forecast.interface import TooLittleData
    from rukun.io.problems import InputProblems

    if isinstance(error, InputProblems | TooLittleData):
        return _said(f"{error}\nNothing was written.", BAD_INPUT)
    if isinstance(error, MemoryError):
        return _said("The memory was not enough. Use fewer areas, longer periods or fewer models.", FAILED)
    if isinstance(error, OSError) and error.filename:
        return _said(f"{error.filename}: {error.strerror or error}", FAILED)
    what = str(error).strip().splitlines()
    return _said(
        f"Something went wrong that should not have: {what[0] if what else type(error).__name__}\n"
        "To see where, run the same command with RUKUN_DEBUG=1 before it.",
        FAILED,
    )


def _said(what: str, status: int) -> int:
    print(what, file=sys.stderr)
    return status
