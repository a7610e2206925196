"""The sentences that the app's scripts say, by code; written into each page in its language.

Each module here is one screen's (or one part's) and has a dictionary `SENTENCES`. A sentence for
counts comes in two, `code_one` and `code_other`.
"""

import importlib
import pkgutil
from functools import lru_cache
from typing import Any

from pratique.desks.sentences import KINDS


@lru_cache
def sentences() -> dict[str, Any]:
    """Every screen's sentences by code, not yet in a language. Raises where two share a code."""
    found: dict[str, Any] = {}
    for part in sorted(each.name for each in pkgutil.iter_modules(__path__)):
        told = importlib.import_module(f"{__name__}.{part}").SENTENCES
        if twice := found.keys() & told.keys():
            raise ValueError(f"said twice: {sorted(twice)}")
        found |= told
    return found


def spoken() -> dict[str, str]:
    """All sentences in the language that is active, with what each kind of fact is called."""
    kinds = {f"kind.{kind}": word for kind, word in KINDS.items()}
    return {code: str(sentence) for code, sentence in {**sentences(), **kinds}.items()}
