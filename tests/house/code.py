"""What the house tests read: the project's own files, and Python code as trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pratique"
DOORS = ("feeds", "api", "desks", "field", "cli", "evidence")
LEFT_OUT = {"var", "__pycache__", "locale", "node_modules", "vendor"}
HIDDEN_BUT_OURS = {".ci", ".gitignore"}


def files(*suffixes: str, below: Path = ROOT) -> Iterator[Path]:
    """Files of the project (not what setup makes), of these suffixes or all."""
    for path in sorted(below.iterdir()):
        hidden = path.name.startswith(".") and path.name not in HIDDEN_BUT_OURS
        if hidden or path.name in LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir():
            yield from files(*suffixes, below=path)
        elif not suffixes or path.suffix in suffixes:
            yield path


def python(*, tests: bool = True, migrations: bool = True) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file with its tree."""
    for path in files(".py"):
        inside = path.relative_to(ROOT).parts
        if not tests and ("tests" in inside or path.name == "conftest.py"):
            continue
        if not migrations and "migrations" in inside:
            continue
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def none_of(found: list[str]) -> None:
    """Fail, one finding a line, unless there are none."""
    assert not found, "\n" + "\n".join(found)


def room(path: Path) -> str:
    """The room that a file of the package belongs to."""
    inside = path.relative_to(ROOT).parts
    return inside[1] if inside[0] == "pratique" and len(inside) > 2 else ""


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """(dotted text of what is called, the call) for each call in the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def spoken(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants that are not docstrings."""
    documented = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                documented.add(id(first.value))
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documented:
            yield node


def imported(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """(module, node) for each import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node
