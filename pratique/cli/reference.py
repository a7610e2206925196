"""docs/reference/facts.md, made from the code: every kind of fact, who may say it, its fields."""

import inspect
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from pratique.journal.fact import Envelope
from pratique.journal.kinds import ROLES, Kind, all_kinds

HEAD = """\
# Kinds of fact

Made from the code by `pratique docs`; a test fails when it is out of date. What travels is the
envelope; its `body` is one of the kinds below. Bodies carry nothing personal: names, documents,
phones and addresses ride in `sealed`, under the id of the person whom they are about.

"""


def facts_page() -> str:
    """The whole page, ending in a line break."""
    kinds = {
        name: kind for name, kind in all_kinds().items()
        if ".tests." not in kind.schema.__module__  # a test's own kinds
    }
    rooms: dict[str, list[Kind]] = {}
    for name in sorted(kinds):
        rooms.setdefault(name.partition(".")[0], []).append(kinds[name])
    lines = [HEAD + "## Envelope", "", *_described(Envelope), *_fields(Envelope)]
    parts: dict[str, type] = {}
    for room, members in rooms.items():
        lines += ["", f"## {room}"]
        for kind in members:
            lines += _kind(kind)
            parts |= _parts(kind.schema)
    lines += ["", "## Parts of bodies"]
    for name in sorted(parts):
        lines += ["", f"### {name}", "", *_described(parts[name]), *_fields(parts[name])]
    return "\n".join(lines) + "\n"


def _kind(kind: Kind) -> Iterator[str]:
    yield ""
    yield f"### `{kind.name}`"
    yield ""
    yield from _described(kind.schema)
    yield f"Said by: {', '.join(sorted(kind.roles))}. " + (
        "A sealed part may ride along." if kind.sealed else "No sealed part.")
    yield ""
    yield from _fields(kind.schema)


def _described(struct: type) -> Iterator[str]:
    own = struct.__dict__.get("__doc__")
    if own:
        yield inspect.cleandoc(own)
        yield ""


def _fields(struct: type) -> Iterator[str]:
    fields = msgspec.structs.fields(struct)
    if not fields:
        yield "No fields."
        return
    yield "| field | type | when left out |"
    yield "|---|---|---|"
    for field in fields:
        yield f"| `{field.encode_name}` | {_said(field.type)} | {_default(field)} |"


def _default(field: Any) -> str:
    if field.required:
        return "must be there"
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    if isinstance(value, msgspec.Raw):
        return f"`{bytes(value).decode()}`"
    return f"`{msgspec.json.encode(value).decode()}`"


_PLAIN: dict[Any, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false",
    UUID: "UUID", datetime: "time with zone", type(None): "null", Any: "anything",
    msgspec.Raw: "JSON", bytes: "base64",
}


def _said(kind: Any) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_said(each) for each in arguments)
    if origin is Literal:
        words = ROLES if arguments == (ROLES,) else arguments
        return "a duty role" if words == ROLES else ", ".join(f"`{word}`" for word in words)
    if origin is list:
        return f"list of {_said(arguments[0])}"
    if origin is dict:
        return f"{_said(arguments[1])} by {_said(arguments[0])}"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return str(kind)


def _parts(struct: type) -> dict[str, type]:
    """The structs that a body is made of, by name, at any depth."""
    found: dict[str, type] = {}
    for field in msgspec.structs.fields(struct):
        for each in _structs_in(field.type):
            found[each.__name__] = each
            found |= _parts(each)
    return found


def _structs_in(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for each in typing.get_args(kind):
        yield from _structs_in(each)
