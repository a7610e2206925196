"""record(): the one way in. One fact or ten thousand take the same road, in one transaction.

    read → open (duplicates, locks) → rounds of reducers → journal rows, pathway → receipts

A batch is cut into rounds so that in one round no two facts share a subject; in each round the
facts of one kind go to their room's reducer together. A fact that waits for another is parked and
gets its turn, in this batch or a later one, when that other one has been applied.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections
from django.db.utils import DatabaseError
from django.utils.translation import gettext_lazy as _

from pratique.journal import store, vault
from pratique.journal.context import Context
from pratique.journal.fact import (
    Actor,
    Batch,
    Disputed,
    Fact,
    Parked,
    Quarantined,
    Receipt,
    Status,
    Verdict,
)
from pratique.journal.kinds import ahead_of, reducer_of
from pratique.journal.reading import Reading, Unread, read_all, weigh
from pratique.kit.arrays import Array
from pratique.kit.collection import paused
from pratique.kit.ids import new_id
from pratique.kit.sql import CONNECTION, MANY_ROWS, in_transaction, look_keys_up

FACTS_OF_A_CALL_MAX = 10_000
ATTEMPTS_MAX = 5
PAUSE_SECONDS = 0.01
ROUNDS_MAX = 2_000

# So many journal rows are made and sent at a time: the server writes some while the next are made.
ROWS_SENT_MAX = 2_500

Hook = Callable[[Context], Callable[[], None] | None]
_after: list[Hook] = []
_opening: list[Callable[[Context, Array], None]] = []

# Two batches met: nothing of ours was done, so the whole batch is tried again.
_MET = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


def after_reduction(hook: Hook) -> Hook:
    """Called once a batch, when its facts are applied: the pathway's place to evaluate.

    A hook may ask for what it reads and answer with the rest of its work. That is called when the
    batch's journal rows have been made, which is done while the server looks.
    """
    _after.append(hook)
    return hook


def with_opening(hook: Callable[[Context, Array], None]) -> Callable[[Context, Array], None]:
    """Called once a batch with its subjects: what every batch reads of a room, asked for by
    `context.ask` together with the opening instead of after its answer."""
    _opening.append(hook)
    return hook


def record(
    facts: Iterable[Any], *, actor: Actor, now: datetime, source: str, alias: str = CONNECTION
) -> Batch:
    """Record facts; answer a receipt for each, in the order given.

    facts: bytes of JSON, dicts or Envelopes; at most FACTS_OF_A_CALL_MAX (ValueError beyond).
    now: when the server heard them, aware. source: the door, for the batch's row.
    A duplicate id with the same content changes nothing; with other content it is quarantined.
    """
    given = list(facts)
    if len(given) > FACTS_OF_A_CALL_MAX:
        raise ValueError(f"at most {FACTS_OF_A_CALL_MAX} facts a call")
    with paused(len(given)):
        return record_read(lambda: read_all(given, actor, vault.county_keys()), actor=actor,
                           now=now, source=source, alias=alias)


def record_read(
    read: Callable[[], Reading], *, actor: Actor, now: datetime, source: str,
    speakers: Mapping[UUID, Actor] | None = None, alias: str = CONNECTION,
) -> Batch:
    """`record` for a door that reads its facts itself, and keeps some aside.

    read: called once an attempt. speakers: where several speak in one batch, who said which fact.
    """
    batch = new_id(now)
    careful = False
    is_outermost = not connections[alias].in_atomic_block
    for attempt in range(ATTEMPTS_MAX):
        reading = read()
        try:
            with in_transaction(alias) as cursor:
                recording = Recording(Context(cursor, now, batch, actor, speakers or {}),
                                      reading, source, careful=careful)
                if careful:  # every statement is answered before the next, to know who failed
                    return recording.run()
                with cursor.connection.pipeline():
                    answer = recording.run()
                    # The last of what the facts were made of goes while the server is at work.
                    del reading, recording
                    if is_outermost:  # in the same breath as the last statements
                        cursor.connection.commit()
                    return answer
        except (psycopg.Error, DatabaseError) as error:
            cause = error if isinstance(error, psycopg.Error) else error.__cause__
            last = attempt == ATTEMPTS_MAX - 1
            if last or not _can_be_tried_again(cause, alias):
                raise
            careful = careful or not _have_met(cause)
            time.sleep(PAUSE_SECONDS * attempt)
    raise AssertionError("unreachable")


def _have_met(cause: BaseException | None) -> bool:
    """Two batches met; so did two that brought the same new subject (journal_open)."""
    return isinstance(cause, _MET) or (
        isinstance(cause, psycopg.errors.UniqueViolation)
        and cause.diag.table_name == "journal_subject")


def _can_be_tried_again(cause: BaseException | None, alias: str) -> bool:
    errors = psycopg.errors
    refused = (errors.IntegrityError, errors.DataError, errors.RaiseException,
               errors.PipelineAborted, *_MET)
    broken = connections[alias].connection is None or connections[alias].connection.broken
    return isinstance(cause, refused) and not broken


class Recording:
    """One attempt at one batch, inside its transaction."""

    def __init__(
        self, context: Context, reading: Reading, source: str, *, careful: bool
    ) -> None:
        self.context = context
        self.reading = reading
        self.source = source
        # careful: a law of the database refused something; find the fact by halves.
        self.careful = careful
        self.verdicts: dict[UUID, Verdict] = {}  # of those that were not simply applied
        self.order: list[Fact] = []  # as applied or disputed: the order of their numbers
        self.kept = 0  # how many of them have their row already
        self.waiting: dict[UUID, list[Fact]] = defaultdict(list)
        self.later: set[UUID] = set()  # facts that were parked by an earlier batch
        self.looked: set[UUID] = set()  # ids on which parked facts were looked for
        self.waited_for: set[UUID] | None = set()  # what parked facts wait for; None: a lot
        self.duplicates: set[int] = set()
        self.reused: set[int] = set()
        self.refused: dict[int, tuple[UUID, bytes]] = {}  # heard before, and refused then
        self.why: dict[tuple[UUID, bytes], Quarantined] = {}
        self.plain: dict[UUID, bytes] = {}
        self.rounds: list[list[Fact]] = []
        self.ahead: dict[str, list[Fact]] | None = None  # the round that was looked at ahead

    def run(self) -> Batch:
        fresh = self._open()
        self._apply(fresh)
        begun = [hook(self.context) for hook in _after]
        self._keep()
        for go_on in begun:
            if go_on is not None:
                go_on()
        answer = Batch(self.context.batch, self._receipts())
        self._close(answer)
        return answer

    # ── open ──────────────────────────────────────────────────────────────────────────────────
    def _open(self) -> list[Fact]:
        """Lock what the facts are about; tell fresh facts from duplicates."""
        named = self.reading.named
        if not named:
            return []
        context = self.context
        subjects, sealed, mentions = self.reading.subjects()
        keys = vault.county_keys()
        if len(named) >= MANY_ROWS:
            look_keys_up(context.cursor)
        self.plain, wrapped = vault.offer_keys(keys, subjects, sealed)
        sent = store.open_batch(context, named, subjects, wrapped)
        for hook in _opening:
            hook(context, sent)
        facts = [f for f in self.read_facts if isinstance(f, Fact)]
        self.rounds = [facts] if mentions == len(subjects) else rounds_of(facts)
        self._look_ahead(self.rounds[0] if facts else [])
        context.opened = frozenset(subjects)
        context.locked.update(context.opened)
        for first in (self.ahead or {}).values():
            weigh(first, keys)  # while the server locks and looks
            break
        opened = store.opened(context)
        self.waited_for = opened.waited_for
        if sealed and opened.keys:
            vault.settle_keys(context.cursor, keys, self.plain, opened.keys)
        fresh = self._fresh(facts, opened)
        if len(fresh) != len(facts):
            self.rounds = rounds_of(fresh)
            self.ahead = None
        if self.waited_for != set():
            self._wake_parked({f.id for f in fresh} | context.locked)
        return fresh

    @property
    def read_facts(self) -> list[Fact | Unread]:
        return self.reading.facts()

    def _fresh(self, facts: list[Fact], opened: store.Opened) -> list[Fact]:
        """The facts that were not heard before; the others are marked by their position."""
        digests, aside = opened.digests, opened.aside
        if not digests and not aside and len({f.id.int for f in facts}) == len(self.read_facts):
            return facts
        keys = vault.county_keys()
        weigh(facts, keys)
        fresh: list[Fact] = []
        for position, fact in enumerate(self.read_facts):
            if fact.id is None:
                continue
            digest = fact.digest if isinstance(fact, Fact) else fact.digest_with(keys)
            seen = digests.get(fact.id)
            if seen == digest:
                self.duplicates.add(position)
            elif (fact.id, digest) in aside:
                self.refused[position] = (fact.id, digest)
            elif isinstance(fact, Fact) and seen is None:
                digests[fact.id] = digest
                fresh.append(fact)
            else:
                aside.add((fact.id, digest))
                if isinstance(fact, Fact):
                    self.reused.add(position)
        return fresh

    def _wake_parked(self, wanted: set[UUID]) -> None:
        """Facts parked by earlier batches on any of `wanted` join this batch's waiting facts.

        So do those that wait for them in turn; their subjects are locked too.
        """
        wanted = wanted - self.looked
        if self.waited_for is not None:
            wanted &= self.waited_for
        while wanted:
            self.looked |= wanted
            parked = [(on, f) for on, f in store.parked_on(self.context.cursor, wanted)
                      if f.id not in self.later]
            if not parked:
                return
            self.context.locks(s for __, fact in parked for s in fact.subjects)
            for on, fact in parked:
                self.later.add(fact.id)
                self.waiting[on].append(fact)
            wanted = {fact.id for __, fact in parked} - self.looked

    # ── apply ─────────────────────────────────────────────────────────────────────────────────
    def _apply(self, fresh: list[Fact]) -> None:
        queue = self.rounds if fresh else []
        count = 0
        while queue:
            count += 1
            if count > ROUNDS_MAX + len(fresh):
                raise RuntimeError("a batch that does not come to an end")
            group = queue.pop(0)
            by_kind = self.ahead if self.ahead is not None else self._look_ahead(group)
            self.ahead = None
            for kind, facts in by_kind.items():
                self._reduce(kind, facts)
            woken = self._woken()
            if woken:
                queue[:0] = rounds_of(woken)

    def _look_ahead(self, group: list[Fact]) -> dict[str, list[Fact]]:
        """The round's facts by kind, and what their reducers will read on its way."""
        self.context.forget_ahead()
        by_kind: dict[str, list[Fact]] = {}
        for fact in group:
            by_kind.setdefault(fact.kind, []).append(fact)
        for kind, facts in by_kind.items():
            if (ahead := ahead_of(kind)) is not None:
                ahead(facts, self.context)
        self.ahead = by_kind
        return by_kind

    def _reduce(self, kind: str, facts: list[Fact]) -> None:
        verdicts = self._verdicts(kind, facts)
        if not any(verdicts):
            assert len(verdicts) == len(facts)
            self.order += facts
            self.context.announced += [f.id for f in facts]
            if self.verdicts:
                for fact in facts:
                    self.verdicts.pop(fact.id, None)
            return
        for fact, verdict in zip(facts, verdicts, strict=True):
            self._take(fact, verdict)

    def _take(self, fact: Fact, verdict: Verdict) -> None:
        if verdict is None:
            self.verdicts.pop(fact.id, None)
            self.order.append(fact)
            self.context.announced.append(fact.id)
            return
        self.verdicts[fact.id] = verdict
        if isinstance(verdict, Parked):
            self.waiting[verdict.on].append(fact)
        elif isinstance(verdict, Disputed):
            self.order.append(fact)
            self.context.find(fact, verdict.code, verdict.rule, _plain(verdict.params),
                              owner=verdict.owner)
        elif fact.id in self.later:  # its sender has gone; a person is told instead
            self.order.append(fact)
            self.context.find(fact, verdict.code, verdict.rule, _plain(verdict.params))

    def _verdicts(self, kind: str, facts: list[Fact]) -> list[Verdict]:
        reducer = reducer_of(kind)
        assert reducer is not None
        if not self.careful:
            return reducer(facts, self.context)
        return _by_halves(reducer, facts, self.context)

    def _woken(self) -> list[Fact]:
        """Waiting facts whose turn has come, oldest first."""
        announced, self.context.announced = self.context.announced, []
        if self.waited_for != set():
            self._wake_parked(set(announced))
        if not self.waiting:
            return []
        woken = [f for on in dict.fromkeys(announced) for f in self.waiting.pop(on, ())]
        return sorted(woken, key=lambda f: f.id)

    # ── close ─────────────────────────────────────────────────────────────────────────────────
    def _keep(self) -> None:
        """The journal rows of a large batch; those of a small one go with its own row."""
        if self.later or len(self.order) < MANY_ROWS:
            return
        for begin in range(0, len(self.order), ROWS_SENT_MAX):
            store.keep(self.context, self._rows(self.order[begin:begin + ROWS_SENT_MAX]))
        self.kept = len(self.order)

    def _close(self, answer: Batch) -> None:
        later = self.later
        parked = [(on, f) for on, facts in self.waiting.items() for f in facts]
        still = [f for __, f in parked if f.id not in later]
        counts = answer.counts()
        # Where earlier facts got their turn in between, the order of application is numbered
        # as it was; else the rows are in that order already and draw their numbers themselves.
        numbers: dict[UUID, int] = {}
        rest = self.order[self.kept:]
        if later:
            taken = store.take_numbers(self.context.cursor, len(rest))
            numbers = dict(zip([f.id for f in rest], taken, strict=True))
            rest = [f for f in rest if f.id not in later]
        store.close_batch(
            self.context, self.source, counts, rows=self._rows(rest, still, numbers),
            kept=self.order[:self.kept], heard=self.read_facts)
        store.park(self.context, [(f, on, self.verdicts[f.id]) for on, f in parked
                                  if f.id not in later or f.id in self.verdicts])
        if later:
            store.settle_later(self.context, [
                (f, numbers[f.id], self.verdicts.get(f.id)) for f in self.order if f.id in later])
        if counts["quarantined"]:
            store.quarantine(self.context, [
                self._unread(p, f) for p, f in enumerate(self.read_facts)
                if not self._kept(p, f)])
        store.open_findings(self.context)

    def _rows(
        self, numbered: list[Fact], still: Sequence[Fact] = (),
        numbers: Mapping[UUID, int] | None = None,
    ) -> store.Rows:
        """numbered: applied or disputed, in this order; still: those that go on waiting."""
        facts = [*numbered, *still]
        weigh(facts, vault.county_keys())
        outcomes = [0] * len(numbered)
        if self.verdicts:
            outcomes = [2 if isinstance(self.verdicts.get(f.id), Disputed) else 0
                        for f in numbered]
        return store.Rows(
            facts, outcomes + [1] * len(still),
            [self._box(f) if f.sealed else None for f in facts],
            [numbers.get(f.id) for f in facts] if numbers else [None] * len(facts))

    def _box(self, fact: Fact) -> bytes | None:
        return vault.box_of(fact, self.plain)

    def _kept(self, position: int, fact: Fact | Unread) -> bool:
        if position in self.duplicates or position in self.refused:
            return True
        if isinstance(fact, Unread) or position in self.reused:
            return False
        return not isinstance(self.verdicts.get(fact.id), Quarantined)

    def _unread(self, position: int, fact: Fact | Unread) -> Unread:
        if isinstance(fact, Unread):
            return fact
        weigh([fact], vault.county_keys())
        verdict = _REUSED if position in self.reused else self.verdicts[fact.id]
        assert isinstance(verdict, Quarantined)
        return Unread(fact.id, fact.kind, store.whole(fact), verdict, fact.place, fact.device,
                      fact.seq, fact.digest)

    def _receipts(self) -> list[Receipt]:
        if not self.verdicts and len(self.order) == len(self.read_facts) and not self.later:
            return [Receipt(f.id, "applied") for f in self.read_facts]
        if self.refused:
            self.why = store.refused_before(self.context.cursor, set(self.refused.values()))
        return [self._receipt(p, f) for p, f in enumerate(self.read_facts)]

    def _receipt(self, position: int, fact: Fact | Unread) -> Receipt:
        if position in self.duplicates:
            return Receipt(fact.id, "duplicate")
        if position in self.refused:
            why = self.why.get(self.refused[position])
            return (Receipt(fact.id, "duplicate", why.code, why.sentence, why.rule, why.params)
                    if why else Receipt(fact.id, "duplicate"))
        if isinstance(fact, Unread):
            verdict: Verdict = fact.verdict
        elif position in self.reused:
            verdict = _REUSED
        else:
            verdict = self.verdicts.get(fact.id)
        if verdict is None:
            return Receipt(fact.id, "applied")
        if isinstance(verdict, Parked):
            return Receipt(fact.id, "parked", verdict.code, _PARKED, verdict.rule,
                           {"on": str(verdict.on)})
        status: Status = "disputed" if isinstance(verdict, Disputed) else "quarantined"
        return Receipt(fact.id, status, verdict.code, verdict.sentence, verdict.rule,
                       verdict.params)


_INT = attrgetter("int")  # UUIDs sort by it in C, by their own comparison in Python
_PARKED = _("Kept. It will be applied when the fact that it follows (%(on)s) has come.")
_REUSED = Quarantined(
    "id_reused", _("Another fact has been recorded under this id; this one is kept aside."),
    "journal.same_id_same_fact")


def rounds_of(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Cut facts into rounds: in a round no two share a subject, and a subject's order is kept."""
    depth: dict[int, int] = {}  # by the UUID's integer: hashed in C
    rounds: list[list[Fact]] = []
    for fact in facts:
        subjects = [s.int for s in fact.subjects]
        turn = max([depth.get(s, 0) for s in subjects], default=0)
        for subject in subjects:
            depth[subject] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(fact)
    return rounds


def _by_halves(reducer: Callable, facts: list[Fact], context: Context) -> list[Verdict]:
    """Reduce under a savepoint; where a law of the database refuses, halve until it is one fact."""
    before = (set(context.touched), list(context.announced), list(context.findings),
              {name: set(said) for name, said in context.notes.items()})
    context.cursor.execute("SAVEPOINT reduction")
    try:
        verdicts = reducer(facts, context)
        context.cursor.execute("RELEASE SAVEPOINT reduction")
        return verdicts
    except (psycopg.errors.IntegrityError, psycopg.errors.DataError,
            psycopg.errors.RaiseException) as error:
        context.cursor.execute("ROLLBACK TO SAVEPOINT reduction")
        context.cursor.execute("RELEASE SAVEPOINT reduction")
        context.touched, context.announced, context.findings, context.notes = before
        context.cache.clear()
        if len(facts) == 1:
            law = error.diag.constraint_name or error.diag.sqlstate or "database"
            return [Quarantined("law_refused", _("A law of the database refuses this: %(law)s."),
                                f"database.{law}", {"law": law})]
    middle = len(facts) // 2
    return [*_by_halves(reducer, facts[:middle], context),
            *_by_halves(reducer, facts[middle:], context)]


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters as JSON can keep them; lazy strings as their English original."""
    return {k: v if isinstance(v, int | float | bool | None.__class__ | list) else str(v)
            for k, v in params.items()}
