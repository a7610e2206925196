"""S-FEEL unary tests: the small language in the cells of a decision table.

The subset of DMN 1.3 (chapter 9, S-FEEL, and 7.3.4, unary tests) that epidemiologists write:

    -                    anything, a missing value too
    "high"               one word            "high","medium"     one of these words
    true    7    -3.5    a value             >= 7   < 3   = 5    a comparison
    [1..3]  (1..3]       a range, ends in or out; ]1..3[ is DMN's other way of writing (1..3)
    not("high")          none of these

Three-valued: a missing value (None) makes a test unknown (None), except for `-`. So a rule can
never hold, nor be ruled out, because something was not asked.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

Value = str | int | float | bool | None
CELL_LENGTH_MAX = 500
KINDS = ("text", "number", "boolean")

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?)(?!\w)
    | (?P<word>not|true|false)\b
    | (?P<dots>\.\.)
    | (?P<compare><=|>=|<|>|=)
    | (?P<mark>[\[\]\(\),])
    | (?P<dash>-)
    )""",
    re.VERBOSE,
)


class FeelError(ValueError):
    """A cell that is not a unary test: `code` for machines, the sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Anything:
    """`-`: holds for every value and for a missing one."""

    def holds(self, value: Value) -> bool | None:
        """True, always."""
        return True


@dataclass(frozen=True, slots=True)
class Equals:
    """A literal: holds for that value."""

    wanted: str | float | bool

    def holds(self, value: Value) -> bool | None:
        """True, False, or None for a missing value."""
        return None if value is None else value == self.wanted


@dataclass(frozen=True, slots=True)
class Compares:
    """`>= 7`: holds for numbers on that side."""

    sign: str
    bound: float

    def holds(self, value: Value) -> bool | None:
        """True, False, or None for a missing value."""
        if value is None:
            return None
        return _COMPARISONS[self.sign](value, self.bound)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Between:
    """`[1..3)`: holds for numbers in the range; `low_in` and `high_in` say if an end belongs."""

    low: float
    high: float
    low_in: bool
    high_in: bool

    def holds(self, value: Value) -> bool | None:
        """True, False, or None for a missing value."""
        if value is None:
            return None
        above = value >= self.low if self.low_in else value > self.low  # type: ignore[operator]
        below = value <= self.high if self.high_in else value < self.high  # type: ignore[operator]
        return above and below


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Several tests with commas: holds if one does (Kleene's or)."""

    tests: tuple[Test, ...]

    def holds(self, value: Value) -> bool | None:
        """True if one holds, None if none holds and one is unknown, else False."""
        answers = [test.holds(value) for test in self.tests]
        if True in answers:
            return True
        return None if None in answers else False


@dataclass(frozen=True, slots=True)
class Not:
    """`not(...)`: holds if what is inside does not; unknown stays unknown."""

    inner: AnyOf

    def holds(self, value: Value) -> bool | None:
        """The opposite of what is inside, None staying None."""
        answer = self.inner.holds(value)
        return None if answer is None else not answer


Test = Anything | Equals | Compares | Between | AnyOf | Not


def parse(cell: str, kind: str) -> Test:
    """The test that a cell says, for an input of `kind` (text, number or boolean).

    Raises FeelError with one of the codes empty_cell, long_cell, curly_quotes, not_a_test,
    wrong_kind, impossible_range.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of input: {kind}")
    stripped = cell.strip()
    if not stripped:
        raise FeelError("empty_cell", "the cell is empty; write - if the value does not matter")
    if len(stripped) > CELL_LENGTH_MAX:
        raise FeelError("long_cell", f"the cell has more than {CELL_LENGTH_MAX} characters")
    if re.search("[\u201c\u201d\u2018\u2019\uff02]", stripped):
        raise FeelError("curly_quotes", f'write straight quotation marks (") in {stripped}')
    if stripped == "-":
        return Anything()
    return _Parser(stripped, kind).whole()


def bounds(test: Test) -> set[float]:
    """The numbers at which a test may change its answer (for checking by regions)."""
    match test:
        case Equals(wanted) if not isinstance(wanted, (str, bool)):
            return {wanted}
        case Compares(_, bound):
            return {bound}
        case Between(low, high, _, _):
            return {low, high}
        case AnyOf(tests):
            return set().union(*(bounds(inner) for inner in tests))
        case Not(inner):
            return bounds(inner)
    return set()


def literals(test: Test) -> set[str]:
    """The words that a test names (to find words that no input can take)."""
    match test:
        case Equals(wanted) if isinstance(wanted, str):
            return {wanted}
        case AnyOf(tests):
            return set().union(*(literals(inner) for inner in tests))
        case Not(inner):
            return literals(inner)
    return set()


class _Parser:
    """Recursive descent over the tokens of one cell."""

    def __init__(self, cell: str, kind: str) -> None:
        self.cell = cell
        self.kind = kind
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        position = 0
        while position < len(self.cell):
            match = _TOKEN.match(self.cell, position)
            if match is None or match.lastgroup is None:
                rest = self.cell[position:].strip()
                hint = '; a word stands in quotation marks: "high"' if rest[:1].isalpha() else ""
                raise FeelError("not_a_test", f"cannot read {rest!r} in {self.cell!r}{hint}")
            found.append((match.lastgroup, match.group(match.lastgroup)))
            position = match.end()
        return found

    def whole(self) -> Test:
        test: Test
        if self._peek() == ("word", "not"):
            self.at += 1
            self._expect("(")
            test = Not(self._list())
            self._expect(")")
        else:
            several = self._list()
            test = several.tests[0] if len(several.tests) == 1 else several
        if self.at != len(self.tokens):
            raise self._broken()
        return test

    def _list(self) -> AnyOf:
        tests = [self._one()]
        while self._peek() == ("mark", ","):
            self.at += 1
            tests.append(self._one())
        return AnyOf(tuple(tests))

    def _one(self) -> Test:
        group, text = self._next()
        if group == "text":
            self._must_be("text", text)
            return Equals(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if group == "word" and text in ("true", "false"):
            self._must_be("boolean", text)
            return Equals(text == "true")
        if group == "number":
            self._must_be("number", text)
            return Equals(_number(text))
        if group == "compare":
            self._must_be("number", text)
            return Compares(text, self._bound())
        if group == "mark" and text in "[](":
            self._must_be("number", "a range")
            return self._range(text)
        self.at -= 1
        raise self._broken()

    def _range(self, opening: str) -> Between:
        low = self._bound()
        if self._next() != ("dots", ".."):
            raise self._broken()
        high = self._bound()
        group, closing = self._next()
        if group != "mark" or closing not in "[])":
            raise self._broken()
        low_in, high_in = opening == "[", closing == "]"
        if low > high or (low == high and not (low_in and high_in)):
            raise FeelError("impossible_range", f"no number lies in {self.cell!r}")
        return Between(low, high, low_in, high_in)

    def _bound(self) -> float:
        group, text = self._next()
        if group != "number":
            self.at -= 1
            raise self._broken()
        return _number(text)

    def _must_be(self, kind: str, text: str) -> None:
        if kind != self.kind:
            raise FeelError("wrong_kind", f"{text} is a test on a {kind}, the input is {self.kind}")

    def _peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self.at += 1
        return token if token is not None else ("end", "")

    def _expect(self, mark: str) -> None:
        if self._next() != ("mark", mark):
            self.at -= 1
            raise self._broken()

    def _broken(self) -> FeelError:
        here = self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"
        return FeelError("not_a_test", f"cannot read {self.cell!r}: did not expect {here}")


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)
