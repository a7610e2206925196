"""What is given on a command line, looked at before anything is done: argparse's types."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from pratique.cli.words import _

PORT_MAX = 65_535


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number between `least` and `most`."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(
                _("“%(text)s” is no whole number from %(least)s to %(most)s")
                % {"text": text, "least": least, "most": most})
        return number

    return read


def number(least: float, most: float) -> Callable[[str], float]:
    """A number between `least` and `most`, fractions included."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = None
        if found is None or not least <= found <= most:
            raise argparse.ArgumentTypeError(
                _("“%(text)s” is no number from %(least)s to %(most)s")
                % {"text": text, "least": f"{least:g}", "most": f"{most:g}"})
        return found

    return read


port = whole(0, PORT_MAX)


def file_to_write(text: str) -> Path:
    """A file that can be written: told now, and not when long work is done."""
    file = Path(text)
    if not text or file.is_dir():
        raise argparse.ArgumentTypeError(
            _("“%(file)s” is a folder; name a file in it") % {"file": text or "."})
    above = next(each for each in file.absolute().parents if each.exists())
    if not above.is_dir():
        raise argparse.ArgumentTypeError(
            _("“%(file)s” cannot be written: “%(above)s” is no folder")
            % {"file": text, "above": above})
    if not os.access(file if file.exists() else above, os.W_OK):
        raise argparse.ArgumentTypeError(
            _("“%(file)s” cannot be written: it is not allowed there") % {"file": text})
    return file
