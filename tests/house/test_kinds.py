"""Every kind of fact: who may say it, whom it is about, which reducer hears it."""

import enum
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec import inspect as shape

from pratique.journal.kinds import ROLES, all_kinds, reducer_of
from tests.house.code import ROOT

# Rooms try the journal with kinds of their tests' own, declared where several rooms run together.
KINDS = sorted(
    (kind for kind in all_kinds().values() if not kind.name.startswith("test.")),
    key=lambda kind: kind.name)
BY_TYPE: dict[type, Any] = {
    shape.StrType: lambda t: "x" * max(t.min_length or 0, 1),
    shape.IntType: lambda t: max(t.ge or 0, (t.gt or 0) + 1, 1),
    shape.FloatType: lambda t: 36.5,
    shape.BoolType: lambda t: True,
    shape.UUIDType: lambda t: uuid4(),
    shape.DateTimeType: lambda t: datetime(2022, 8, 20, 6, tzinfo=UTC),
    shape.DateType: lambda t: date(2022, 8, 20),
    shape.LiteralType: lambda t: t.values[0],
    shape.NoneType: lambda t: None,
    shape.DictType: lambda t: {},
    shape.AnyType: lambda t: "x",
    shape.BytesType: lambda t: b"x",
}


def example(kind: shape.Type | type) -> Any:
    """A value of a type, every field filled, every list with one element."""
    if isinstance(kind, type) and not isinstance(kind, shape.Type):
        kind = shape.type_info(kind)
    if isinstance(kind, shape.Metadata):
        return example(kind.type)
    if isinstance(kind, shape.StructType):
        return kind.cls(**{field.name: example(field.type) for field in kind.fields})
    if isinstance(kind, shape.UnionType):
        return example(next(t for t in kind.types if not isinstance(t, shape.NoneType)))
    if isinstance(kind, shape.ListType | shape.VarTupleType | shape.SetType | shape.FrozenSetType):
        return [example(kind.item_type)]
    if isinstance(kind, shape.TupleType):
        return tuple(example(each) for each in kind.item_types)
    if isinstance(kind, shape.EnumType):
        return next(iter(kind.cls)) if issubclass(kind.cls, enum.Enum) else None
    return BY_TYPE[type(kind)](kind)


def test_there_are_kinds():
    assert KINDS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_says_who_may_say_it_and_has_its_reducer(kind):
    assert kind.roles, "name the duty roles"
    assert kind.roles <= set(ROLES)
    assert kind.schema.__doc__ or kind.schema.__struct_fields__
    assert reducer_of(kind.name), f"{kind.name} has no reducer"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_declared_and_reduced_in_its_own_room(kind):
    room = kind.name.partition(".")[0]
    assert kind.schema.__module__ == f"pratique.{room}.facts"
    reducer = reducer_of(kind.name)
    assert reducer is None or reducer.__module__.startswith(f"pratique.{room}.")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_body_travels_and_has_subjects(kind):
    body = example(kind.schema)
    again = kind.decoder.decode(msgspec.json.encode(body))
    assert again == body
    subjects = list(kind.subjects(body))
    assert subjects, "a fact is about somebody or something"
    assert all(isinstance(subject, UUID) for subject in subjects)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_described_to_readers(kind):
    assert f"`{kind.name}`" in (ROOT / "docs" / "reference" / "facts.md").read_text()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_unknown_field_is_refused(kind):
    body = {**msgspec.to_builtins(example(kind.schema)), "surprise": 1}
    with pytest.raises(msgspec.ValidationError, match="surprise"):
        kind.decoder.decode(msgspec.json.encode(body))
