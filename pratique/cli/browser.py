"""The browser that looks at the pages in tests: Chromium and a Chinese font from the system."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk", "fontconfig")
# Without these Chromium knocks at its maker's hosts at every start.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]


def find() -> str | None:
    """The path of a Chromium, or None."""
    if named := os.environ.get("PRATIQUE_CHROMIUM"):
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


def has_chinese_font() -> bool:
    try:
        done = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return bool(done.stdout.strip())


def ready() -> bool:
    return find() is not None and has_chinese_font()


def install() -> bool:
    """Install both where apt-get and its rights are there; answer whether they are there now."""
    if ready():
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *PACKAGES],
    ):
        if subprocess.run(command, env=environment, check=False).returncode:
            return False
    return ready()
