"""The command line's words, in the language of the terminal (LANG): Chinese or English.

Verbs speak before Django is set up, so this reads the same catalogue with Python's own gettext.
"""

import gettext
import os
from functools import lru_cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def language() -> str:
    """The Django name of the terminal's language."""
    for name in ("PRATIQUE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh-hans" if value.lower().startswith("zh") else "en"
    return "en"


@lru_cache
def _catalogue() -> gettext.NullTranslations:
    wanted = ["zh_Hans"] if language() == "zh-hans" else []
    return gettext.translation("django", str(LOCALE), wanted, fallback=True)


def _(sentence: str) -> str:
    """`sentence` in the terminal's language."""
    return _catalogue().gettext(sentence)
