"""The drill's own books: where it has put each person, vehicle and tube, and by which fact.

They follow what happened in the played world, whether or not the system has heard of it yet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

OUTSIDE = "outside"
KINDS = ("person", "vehicle", "specimen")


@dataclass(slots=True)
class Held:
    """A subject's place. holds_by: the fact that put it there. after: its last vain offer."""

    kind: str
    account: str
    holds_by: UUID
    after: UUID | None = None


@dataclass(slots=True)
class Balance:
    """opening (0: a drill begins empty) + came_in - went_out = on_hand."""

    came_in: int = 0
    went_out: int = 0

    @property
    def on_hand(self) -> int:
        return self.came_in - self.went_out


@dataclass
class Books:
    subjects: dict[UUID, Held] = field(default_factory=dict)
    balances: dict[tuple[str, str], Balance] = field(default_factory=dict)
    flows: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def enter(self, subject: UUID, kind: str, account: str, fact: UUID) -> None:
        """A subject comes from outside. Raises ValueError for one that is inside already."""
        if subject in self.subjects:
            raise ValueError(f"{kind} {subject} is in the books already")
        self.subjects[subject] = Held(kind, OUTSIDE, fact)
        self.move(subject, account, fact)

    def move(self, subject: UUID, account: str, fact: UUID) -> None:
        held = self.subjects[subject]
        self._balance(held.account, held.kind).went_out += 1
        self._balance(account, held.kind).came_in += 1
        self.flows[held.account, account, held.kind] += 1
        held.account, held.holds_by, held.after = account, fact, None

    def _balance(self, account: str, kind: str) -> Balance:
        return self.balances.setdefault((account, kind), Balance())

    def on_hand(self, account: str, kind: str) -> list[UUID]:
        return [s for s, h in self.subjects.items() if h.account == account and h.kind == kind]

    def count(self, kind: str) -> int:
        return sum(1 for held in self.subjects.values() if held.kind == kind)


@dataclass(frozen=True, slots=True)
class Astray:
    """A subject that is not where the books have it. found: accounts that hold it, by the API."""

    subject: UUID
    kind: str
    expected: str
    found: tuple[str, ...]


def unaccounted(
    books: Books, holdings: Iterable[tuple[str, str, UUID]], strangers: bool = True
) -> list[Astray]:
    """Compare the books with what the API answers: (account, kind, subject) for every account.

    A subject outside is right when no account holds it, or when `outside` alone does. strangers:
    also report subjects inside that the drill never made.
    """
    found: dict[UUID, list[str]] = {}
    kinds: dict[UUID, str] = {}
    for account, kind, subject in holdings:
        found.setdefault(subject, []).append(account)
        kinds[subject] = kind
    astray = []
    for subject, held in books.subjects.items():
        there = found.pop(subject, [])
        right = there == [held.account] or (held.account == OUTSIDE and not there)
        if not right:
            astray.append(Astray(subject, held.kind, held.account, tuple(sorted(there))))
    if strangers:
        astray += [Astray(s, kinds[s], "", tuple(sorted(a))) for s, a in found.items()
                   if a != [OUTSIDE]]
    return astray


def by_kind(astray: Iterable[Astray]) -> Mapping[str, int]:
    counts = Counter(one.kind for one in astray)
    return {f"{kind}s": counts[kind] for kind in KINDS}
