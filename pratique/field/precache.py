"""What the app consists of: its files by name and content, so that a device keeps all of them or
none of a version.

Made once a process, as the desks' style sheet is: a new version comes with a new process.
"""

import hashlib
import json
import mimetypes
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import override

from pratique.desks import times
from pratique.desks.gate_form import HOME_PROVINCE
from pratique.field import counties_file, words
from pratique.field.words.gate import choices

SCREEN = re.compile(r'name: "(\w+)".*import\("\./([\w/]+\.js)"\)')
FIRST = "zh-hans"
LANGUAGES = (FIRST, "en")
OTHER = {"zh-hans": ("en", "English"), "en": ("zh-hans", "中文")}
FOLDER = Path(__file__).parent / "static"
WORKER = "field/sw.js"
# The tokens and the base of all pages are the desks'; one file of colours for the house.
SHARED = ("desks/css/00-tokens.css", "desks/css/10-base.css")
LEFT_OUT = (WORKER,)
# Of what others wrote (pratique/cli/packages.py) the modules are kept. The reader of square codes
# is a third of the app's size; the page fetches it where the browser has none (screen/reader.js).
VENDOR = "field/vendor/"
STYLES = ("field/css/field.css", *sorted(
    f"field/css/screens/{file.name}" for file in (FOLDER / "field/css/screens").glob("*.css")))
SCREENS = sorted(f"field/screens/{file.name}" for file in (
    FOLDER.parent / "templates/field/screens").glob("*.html"))


# What a module names in full; what it fetches when it is needed (`import(…)`) is none of it.
IMPORT = re.compile(r"""^(?:import|export) (?:[^;"]*? from )?"(\.[^"]+)";""", re.MULTILINE)


@lru_cache
def first_modules() -> tuple[str, ...]:
    """The modules that app.js needs before it begins, in the order in which they are met: the page
    names them, so that they are asked for at once and not wave after wave."""
    return _needed_by("app.js")[1:]


def modules_of() -> dict[str, list[str]]:
    """Screen -> addresses of the modules that it needs beside those of the app's beginning."""
    first = {*first_modules(), "field/app.js"}
    listed = (FOLDER / "field/screen/screens.js").read_text()
    return {screen: [static(name) for name in _needed_by(f"screen/{file}") if name not in first]
            for screen, file in SCREEN.findall(listed)}


def _needed_by(begin: str) -> tuple[str, ...]:
    """A module and all that it imports, in the order in which they are met."""
    root = FOLDER / "field"
    met, waiting = dict[str, bool](), [root / begin]
    while waiting:
        file = waiting.pop(0)
        name = f"field/{file.relative_to(root)}"
        if name in met:
            continue
        met[name] = True
        waiting += [(file.parent / told).resolve() for told in IMPORT.findall(file.read_text())]
    return tuple(met)


@lru_cache
def page(language: str) -> bytes:
    """The app's page in a language. It depends on nobody, so that its digest can be told."""
    with override(language):
        return render_to_string("field/app.html", {
            "language": language, "other": OTHER[language], "county": times.county(),
            "zone": settings.COUNTY_ZONE, "province": HOME_PROVINCE, "words": words.spoken(),
            "styles": [*SHARED, *STYLES], "modules": first_modules(), "modules_of": modules_of(),
            "screens": SCREENS,
            **choices(),
        }).encode()


def names() -> list[str]:
    """The static files that the app needs, by their names below /static/."""
    own = sorted(str(file.relative_to(FOLDER)) for file in (FOLDER / "field").rglob("*")
                 if file.is_file())
    return [*SHARED, *(name for name in own if name not in LEFT_OUT and not _is_apart(name))]


def _is_apart(name: str) -> bool:
    return name.startswith(VENDOR) and not name.endswith(".js")


@lru_cache
def manifest() -> dict[str, str]:
    """Address -> SHA-256 of what stands there, for pages and files."""
    pages = {reverse(f"field_{language}"): page(language) for language in LANGUAGES}
    found = {static(name): Path(str(finders.find(name))).read_bytes() for name in names()}
    made = {reverse("field_counties"): counties_file.content()}
    return {address: hashlib.sha256(content).hexdigest()
            for address, content in {**pages, **made, **found}.items()}


@lru_cache
def packed() -> bytes:
    """All files but the pages in one answer, for a device that has none yet: a hundred heads less.
    Address -> [type, text]; the worker believes each by its digest. A page comes by itself,
    for its head says what may run in it."""
    texts = {static(name): (mimetypes.guess_type(name)[0] or "application/octet-stream",
                            Path(str(finders.find(name))).read_text(encoding="utf-8"))
             for name in names()}
    texts[reverse("field_counties")] = ("application/json", counties_file.content().decode())
    return json.dumps(texts, ensure_ascii=False).encode()


def version() -> str:
    """Changes with any file."""
    return hashlib.sha256(json.dumps(manifest()).encode()).hexdigest()[:16]


@lru_cache
def worker() -> bytes:
    """The worker's code behind the list of files; other files make another worker."""
    told = json.dumps({"version": version(), "files": manifest(), "first": FIRST})
    return f"self.PRECACHE = {told};\n".encode() + (FOLDER / WORKER).read_bytes()
