"""The checkout: no machine's paths, no registry's host, everything translated and documented."""

import ast
import os
import re
import subprocess
import sys

import pytest

from pratique.cli import locale
from pratique.cli.main import verb_names
from pratique.cli.verbs.check import missing_migrations
from tests.house.code import PACKAGE, ROOT, calls, files, none_of, python

# Taken apart, so that this file does not name what it looks for.
HOSTS = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"),
    ("yarnpkg", "com"), ("deb", "debian", "org"), ("proxy", "golang", "org"), ("crates", "io"),
    ("jsdelivr", "net"), ("unpkg", "com"), ("cdnjs", "cloudflare", "com"),
)]
PATHS = ["/" + name + "/" for name in ("work", "root", "tmp")]
FORBIDDEN = re.compile(
    "|".join([*map(re.escape, HOSTS), r"(?<![\w.\-/}])(" + "|".join(PATHS) + ")"])
)


def test_no_registry_host_and_no_machine_path():
    found = []
    for path in files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}:{number} {match[0]}"
                  for number, line in enumerate(lines, start=1)
                  if (match := FORBIDDEN.search(line))]
    none_of(found)


def test_nothing_that_setup_makes_is_in_version_control():
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout of git")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wrong = re.compile(r"\.mo$|\.pyc$|^var/|^\.venv/|^pratique/locale/|keys\.json$|\.(otf|ttf)$")
    assert [name for name in listed if wrong.search(name)] == []


def test_every_marked_sentence_has_its_chinese():
    none_of(locale.missing())


def test_translations_keep_the_parameters():
    found = []
    for entry in locale.merge():
        wanted = sorted(re.findall(r"%\((\w+)\)[sd]", entry.msgid))
        if sorted(re.findall(r"%\((\w+)\)[sd]", locale.said(entry))) != wanted:
            found.append(entry.msgid)
    none_of(found)


def test_every_model_has_its_migration():
    assert missing_migrations() == ""


@pytest.mark.parametrize("verb", verb_names())
def test_every_verb_explains_itself(verb):
    done = subprocess.run(
        [sys.executable, "-m", "pratique", verb, "--help"], cwd=ROOT, capture_output=True,
        text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    assert f"pratique {verb}" in done.stdout


def test_every_variable_of_the_environment_is_documented():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    named = {
        node.args[0].value
        for path, tree in python(tests=False)
        if path.is_relative_to(PACKAGE)
        for called, node in calls(tree)
        if called in ("os.environ.get", "os.getenv") and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert sorted(name for name in named if f"`{name}`" not in page) == []


def test_every_package_is_locked_by_its_hash():
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.\-]+)(?:\[[\w,]+\])?==", lock, re.MULTILINE)
    wanted = [re.split(r"[\[<>=]", line)[0].strip()
              for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
              if line and not line.startswith("#")]
    assert [name for name in wanted if name not in pinned] == []
    assert lock.count("--hash=sha256:") >= len(pinned)
