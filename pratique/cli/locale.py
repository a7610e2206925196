"""Translations: each room keeps its own Chinese; this puts them together.

`pratique/locale_parts/<room>.po` -> `pratique/locale/zh_Hans/LC_MESSAGES/django.po` and `.mo`,
neither of them in version control. Needs no gettext tools on the machine.
"""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parent.parent
PARTS = PACKAGE / "locale_parts"
TARGET = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES"
METADATA = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "zh_Hans",
    "Plural-Forms": "nplurals=1; plural=0;",
}
MARKERS = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy",
                     "pgettext", "pgettext_lazy"})
CONTEXT_FIRST = frozenset({"pgettext", "pgettext_lazy"})
Key = tuple[str | None, str]


class Contradiction(ValueError):
    """Two parts translate one sentence differently."""


def build() -> bool:
    """Merge and compile when a part is another than in the result; answer whether that was done.

    Several processes may do it at once: each writes its own file and renames it into place. The
    result bears the time of its newest part, so that one saved meanwhile is not overlooked.
    """
    newest = max((part.stat().st_mtime_ns for part in (PARTS, *PARTS.glob("*.po"))), default=0)
    compiled = TARGET / "django.mo"
    if compiled.exists() and compiled.stat().st_mtime_ns == newest:
        return False
    merged = merge()
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, save in (("django.po", merged.save), ("django.mo", merged.save_as_mofile)):
        draft = TARGET / f".{name}.{os.getpid()}"
        save(str(draft))
        os.utime(draft, ns=(newest, newest))
        draft.replace(TARGET / name)
    return True


def merge() -> polib.POFile:
    """All parts as one catalogue. Raises Contradiction."""
    merged = polib.POFile()
    merged.metadata = dict(METADATA)
    seen: dict[Key, tuple[str, polib.POEntry]] = {}
    for part in sorted(PARTS.glob("*.po")):
        for entry in polib.pofile(str(part)):
            if entry.obsolete:
                continue
            key = (entry.msgctxt, entry.msgid)
            first = seen.setdefault(key, (part.name, entry))
            if first[1] is entry:
                merged.append(entry)
            elif said(first[1]) != said(entry):
                raise Contradiction(
                    f"{entry.msgid!r}: {first[0]} says {said(first[1])!r}, "
                    f"{part.name} says {said(entry)!r}"
                )
    return merged


def said(entry: polib.POEntry) -> str:
    """The translation; for a sentence with a plural, Chinese has one form."""
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def missing() -> list[str]:
    """`file:line sentence` for every marked sentence without a Chinese translation."""
    known = {(e.msgctxt, e.msgid) for e in merge() if said(e) and "fuzzy" not in e.flags}
    return sorted(
        f"{file.relative_to(PACKAGE.parent)}:{line} {key[1]!r}"
        for file, line, key in marked()
        if key not in known
    )


def marked() -> Iterator[tuple[Path, int, Key]]:
    """Every sentence marked for translation in the code, the templates and the field app."""
    for file in sorted(PACKAGE.rglob("*")):
        if not file.is_file() or {"locale", "tests", "vendor"} & set(file.parts):
            continue
        if file.suffix == ".py":
            found = _in_python(file.read_text(encoding="utf-8"))
        elif file.suffix in (".html", ".txt", ".svg") and "templates" in file.parts:
            found = _in_template(file.read_text(encoding="utf-8"))
        elif file.suffix in (".js", ".mjs"):
            found = _in_javascript(file)
        else:
            continue
        for line, key in found:
            yield file, line, key


def _in_python(text: str) -> Iterator[tuple[int, Key]]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        words = [a.value for a in node.args
                 if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in CONTEXT_FIRST and len(words) >= 2:
            yield node.lineno, (words[0], words[1])
        elif name in MARKERS - CONTEXT_FIRST and words:
            yield node.lineno, (None, words[0])


def _in_template(text: str) -> Iterator[tuple[int, Key]]:
    """Django turns a template into text in which every sentence is a call of Python's form."""
    from django.utils.translation.template import templatize

    code = templatize(text)
    for start in re.finditer(r"\b(?:n?p?gettext|_)\(", code):
        line = code.count("\n", 0, start.start()) + 1
        yield from ((line, key) for _line, key in _in_python(_call(code[start.start() :])))


def _call(text: str) -> str:
    """The shortest beginning of `text` that is a whole Python expression."""
    for end in re.finditer(r"\)", text):
        try:
            ast.parse(text[: end.end()])
            return text[: end.end()]
        except SyntaxError:
            continue
    return ""


def _in_javascript(file: Path) -> Iterator[tuple[int, Key]]:
    from babel.messages.extract import extract_from_file

    keywords: dict = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "_": None}
    for number, message, _comments, context in extract_from_file(
        "javascript", file, keywords=keywords
    ):
        first = message[0] if isinstance(message, tuple) else message
        yield number, (context, first)
