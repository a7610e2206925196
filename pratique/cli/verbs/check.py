"""`pratique check`: what can be told about the code without running it."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pratique.cli import locale, machine, packages
from pratique.cli.show import say
from pratique.cli.words import _

help = _("check the code: style, types, layers, migrations, translations")
NEEDS = "nothing"  # what is wrong with the code must not keep the other checks from looking


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(options: argparse.Namespace) -> int:
    """Prints a line for each check; 1 if one of them finds something."""
    checks: dict[str, Callable[[], str]] = {
        "ruff": lambda: tool(machine.module("ruff", "check", "--quiet", ".")),
        "mypy": lambda: tool(machine.module("mypy", "--no-error-summary", "pratique")),
        "tsc": types,
        "layers": lambda: tool([str(Path(sys.executable).with_name("lint-imports"))]),
        "migrations": lambda: in_django(missing_migrations),
        "translations": lambda: in_django(lambda: "\n".join(locale.missing())),
    }
    wrong = 0
    for name, check in checks.items():
        complaint = check()
        print(f"{name:<13}{'ok' if not complaint else 'wrong'}", flush=True)
        if complaint:
            wrong += 1
            print(complaint, flush=True)
    return 1 if wrong else 0


def tool(command: list[str]) -> str:
    """Run a tool in the project; what it says when it is not content, else nothing."""
    done = subprocess.run(
        command, cwd=machine.ROOT, env=machine.child_environment(), text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    return done.stdout.strip() or f"exit {done.returncode}" if done.returncode else ""


def types() -> str:
    """The types of the field app's modules. Says so where TypeScript is not installed."""
    command = packages.tsc()
    if command is None:
        say(_("NO TYPESCRIPT: the types of the field app are not checked. `./run test` installs "
              "it."))
        return ""
    # A worker's world is another than a page's, so its types are read apart.
    found = (tool([*command, "--noEmit", "--pretty", "false", "-p", f"pratique/field/{name}.json"])
             for name in ("tsconfig", "tsconfig.worker"))
    return "\n".join(filter(None, found))


def in_django(check: Callable[[], str]) -> str:
    """What `check` says once the application is loaded, or why it cannot be loaded."""
    try:
        machine.set_up_django()
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def missing_migrations() -> str:
    """Changes of models that no migration makes yet, one a line. Needs no database."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState
    from django.utils import translation

    loader = MigrationLoader(None, ignore_no_migrations=True)
    with translation.override(None):  # names are compared as they were written
        before, now = loader.project_state(), ProjectState.from_apps(apps)
        found = MigrationAutodetector(before, now).changes(graph=loader.graph)
    return "\n".join(
        f"{app}: {operation.describe()}"
        for app, migrations in found.items()
        for migration in migrations
        for operation in migration.operations
    )
