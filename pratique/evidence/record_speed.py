"""How fast `record` is, beside the plain multi-row INSERT of the same journal rows.

Both on one server, one connection, durable, taken in turn; the ratio of each pair, and of all
pairs the median. The baseline gets the very rows that `record` has just written, under new ids.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connections

from pratique.evidence.figures import Figure, median, seconds, spread
from pratique.evidence.ledger_kinds import LedgerWorkload
from pratique.evidence.workload import EVERYBODY, Workload, open_county
from pratique.feeds.risk_areas import read_list, shipped_files
from pratique.journal import record as recording
from pratique.journal.record import record
from pratique.kit.ids import new_id
from pratique.kit.sql import in_transaction, reading
from pratique.registry.lists import list_body

ROUNDS = {1: 150, 100: 25, 10_000: 7}
GOALS = {1: 0.50, 100: 0.40, 10_000: 0.35}
COLUMNS = ("id", "kind", "subject", "at", "recorded_at", "by", "place", "device", "seq", "body",
           "digest", "leaf", "box", "outcome", "batch")
TYPES = ("uuid", "text", "uuid", "timestamptz", "timestamptz", "uuid", "text", "uuid", "bigint",
         "text", "bytea", "bytea", "bytea", "smallint", "uuid")
_TAKEN = ", ".join("body::jsonb" if c == "body" else f'"{c}"' for c in COLUMNS)
_NAMED = ", ".join(f'"{c}"' for c in COLUMNS)
INSERT = (
    f"INSERT INTO bench_fact (number, {_NAMED}) "
    f"SELECT nextval('bench_number'), {_TAKEN} "
    f"FROM unnest({', '.join(f'%b::{t}[]' for t in TYPES)}) u({_NAMED})"
)


def make_baseline() -> None:
    """The same table with the same indexes, a sequence of its own, no custody behind it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bench_fact (LIKE journal_fact INCLUDING ALL)")
        cursor.execute("CREATE SEQUENCE bench_number AS bigint")
        cursor.execute("GRANT SELECT, INSERT ON bench_fact TO pratique_app")
        cursor.execute("GRANT USAGE ON SEQUENCE bench_number TO pratique_app")


def rows_of(batch: UUID, workload: Workload) -> list[list]:
    """The columns of the batch's journal rows, ids renewed so that they can be inserted again."""
    with reading() as cursor:
        cursor.execute(f"SELECT {_NAMED} FROM journal_fact WHERE batch = %s ORDER BY number",
                       (batch,))
        columns = [list(column) for column in zip(*cursor.fetchall(), strict=True)]
    columns[0] = [new_id(workload.now) for __ in columns[0]]
    return columns


def insert(columns: list[list]) -> None:
    with in_transaction() as cursor:
        cursor.execute(INSERT, columns)


def say(facts: list[bytes], workload: Workload) -> UUID:
    batch = record(facts, actor=EVERYBODY, now=workload.now, source="bench")
    counts = batch.counts()
    assert counts["applied"] == counts["in"], counts
    return batch.id


@contextmanager
def without_pathway() -> Iterator[None]:
    """`record` as far as the journal, custody and stations go, evaluation left out."""
    hooks = recording._after[:]
    recording._after.clear()
    try:
        yield
    finally:
        recording._after[:] = hooks


def pairs(
    size: int, rounds: int, workload: Workload, make: Callable[[int], list[bytes]]
) -> tuple[list[float], list[float]]:
    """(ratios plain / record, facts a second of record) of `rounds` pairs taken in turn."""
    ratios, rates = [], []
    for __ in range(rounds):
        facts = make(size)
        batch: list[UUID] = []
        ours = seconds(lambda f=facts, b=batch: b.append(say(f, workload)))
        columns = rows_of(batch[0], workload)
        plain = seconds(lambda c=columns: insert(c))
        ratios.append(plain / ours)
        rates.append(size / ours)
    return ratios, rates


def figures(rounds: dict[int, int] | None = None) -> Iterator[Figure]:
    """The ratios at 1, 100 and 10,000 facts; the county's own kinds beside; with the pathway."""
    rounds = rounds or ROUNDS
    open_county()
    make_baseline()
    ledger, county = LedgerWorkload(), Workload()
    with without_pathway():
        for workload in (ledger, county):
            for __ in range(3):  # warm up: tables, plans, caches
                say(workload.arrivals(5_000), workload)
                say(workload.mixed(1_000), workload)
        for size in sorted(rounds, reverse=True):
            yield from _one_size(size, rounds[size], ledger, "", GOALS[size])
            yield from _one_size(size, rounds[size], county, " and the stations' tables", None)
    yield from with_pathway(county, rounds.get(10_000, 3))


def _one_size(
    size: int, rounds: int, workload: Workload, more: str, goal: float | None
) -> Iterator[Figure]:
    for __ in range(3):
        say(workload.mixed(size), workload)
    ratios, rates = pairs(size, rounds, workload, workload.mixed)
    yield Figure(f"record({size:,}){more} / plain INSERT of the same rows", median(ratios), goal,
                 note=spread(ratios))
    yield Figure(f"record({size:,}){more}, facts a second", median(rates))


def with_pathway(workload: Workload, rounds: int) -> Iterator[Figure]:
    adopt_rules(workload)
    say(workload.mixed(10_000), workload)
    ratios, rates = pairs(10_000, rounds, workload, workload.mixed)
    yield Figure("record(10,000) with decision, duties, standing / plain INSERT", median(ratios),
                 0.12, note=spread(ratios))
    yield Figure("record(10,000) with decision, duties, standing, facts a second", median(rates))


def adopt_rules(workload: Workload) -> None:
    """Put the Shanxi pack, an order and the morning's list in force: everybody is decided."""
    order = new_id(workload.now)
    morning = next(f for f in shipped_files() if f.stem.startswith("20220819"))
    for kind, body in (
        ("registry.risk_list_published", list_body(read_list(morning).risk_list, "NHC")),
        ("pathway.order_issued", {
            "order": order, "pack": "shanxi-2022-08-20", "area": "141123", "authority": "bench",
            "legal_basis": "bench", "since": "2022-08-19T00:00:00Z",
            "until": "2022-11-20T00:00:00Z"}),
        ("pathway.pack_adopted", {"pack": "shanxi-2022-08-20", "version": "1",
                                  "in_force_from": "2022-08-19T00:00:00Z"})):
        __, data = workload.fact(kind, "command", body)
        say([data], workload)


def against_the_orm(rounds: int = 5, size: int = 1_000) -> Iterator[Figure]:
    """`record` beside the same facts said one by one through the ORM, in turn."""
    from pratique.evidence.row_by_row import RowByRow

    ours, theirs = LedgerWorkload(), LedgerWorkload()
    orm = RowByRow()
    ratios = []
    with without_pathway():
        say(ours.arrivals(size), ours)
        for data in theirs.arrivals(size // 5):
            orm.say(data, theirs.now)
        for number in range(rounds + 1):
            facts = ours.mixed(size)
            fast = seconds(lambda f=facts: say(f, ours)) / size
            some = theirs.mixed(size // 5)
            slow = seconds(lambda f=some: orm.say_all(f, theirs.now)) / (size // 5)
            if number:  # the first round warms up
                ratios.append(slow / fast)
    yield Figure("row by row through the ORM / record(1,000), time a fact", median(ratios), 60,
                 note=spread(ratios))
