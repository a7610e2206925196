"""How verbs speak: progress and remarks go to stderr, results to stdout (words or JSON)."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from pratique.cli.given import file_to_write
from pratique.cli.machine import Trouble
from pratique.cli.words import _

remarks = Console(stderr=True, highlight=False, soft_wrap=True)


def say(sentence: str) -> None:
    """A remark for the person at the terminal. Square brackets are text, not markup."""
    remarks.print(sentence, markup=False)


def progress() -> Progress:
    """A bar for long work: `with progress() as bar: task = bar.add_task("…", total=n)`.

    On a terminal it moves; elsewhere it is silent, and the verb's remarks must do.
    """
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), console=remarks, transient=True, disable=not sys.stderr.isatty(),
    )


SCREEN = "-"


def _screen_or_file(text: str) -> str:
    return text if text == SCREEN else str(file_to_write(text))


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`: the result as JSON on stdout; `--json FILE`: words on stdout, JSON in FILE."""
    parser.add_argument(
        "--json", nargs="?", const=SCREEN, metavar="FILE", default=None, type=_screen_or_file,
        help=_("give the result as JSON, on the screen or in FILE"),
    )


def result(
    options: argparse.Namespace, data: Mapping[str, Any], words: Iterable[str]
) -> None:
    """Give a verb's result in the form asked for. `data` must be what `json` can write.

    Raises Trouble when the file cannot be written; the words are given before that.
    """
    asked = getattr(options, "json", None)
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    if asked == SCREEN:
        print(text)
        return
    for line in words:
        print(line)
    if asked:
        write(Path(asked), text + "\n")


def write(file: Path, text: str) -> None:
    """Write a file, with the folders above it. Raises Trouble."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Trouble(_("“%(file)s” was not written: %(why)s") % {
            "file": file, "why": error.strerror or type(error).__name__}) from error
