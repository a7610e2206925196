"""Measuring apart: a county of its own, in a temporary folder, durable, dropped afterwards."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pratique.cli import machine

DURABLE = {"PRATIQUE_COUNTY": "bench"}


def environment(var: Path) -> dict[str, str]:
    """This process's environment, but with data, keys and database in `var`."""
    known = {k: v for k, v in machine.child_environment().items()
             if k not in ("DATABASE_URL", "APP_DATABASE_URL", "PRATIQUE_EMBEDDED",
                          "PRATIQUE_KEY_FILE")}
    return {**known, **DURABLE, "PRATIQUE_VAR": str(var)}


def run_apart(words: Sequence[str], **settings: str) -> tuple[int, dict[str, Any]]:
    """Run a verb in a county of its own with `--json FILE`; its exit code and what it wrote."""
    with tempfile.TemporaryDirectory(prefix="pratique-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103  (the database's user walks through it)
        var = Path(folder) / "var"
        var.mkdir()
        told = Path(folder) / "result.json"
        done = subprocess.run(  # noqa: S603  (our own interpreter, our own module)
            [*machine.module("pratique"), *words, "--json", str(told)],
            env=environment(var) | settings, check=False)
        return done.returncode, json.loads(told.read_text()) if told.exists() else {}
