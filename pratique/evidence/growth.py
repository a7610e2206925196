"""What a fact costs when the journal has grown: 5,000,000 facts beside 100,000.

The journal is filled with rows of the size that `record` writes, by one INSERT … SELECT, with ids
in the order of time, as devices make them.
"""

from collections.abc import Callable, Iterator

from django.db import connections

from pratique.evidence.figures import Figure, median, seconds, spread
from pratique.evidence.record_speed import say, without_pathway
from pratique.evidence.workload import Workload

FILL = """
INSERT INTO {table} (id, number, kind, subject, at, recorded_at, by, place, device, seq, body,
                     digest, leaf, box, outcome, batch)
SELECT (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7'
        || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
       nextval('journal_number'), 'custody.offered', md5(n::text)::uuid, t, t, NULL, 'post-01',
       NULL, NULL, jsonb_build_object('giver', 'post-01', 'taker', 'town-141123100', 'lines',
       jsonb_build_array(jsonb_build_object('subject', md5(n::text), 'holds_by', md5(n::text)))),
       decode(md5(n::text), 'hex'), decode(md5(n::text) || md5(n::text), 'hex'), NULL, 0,
       md5((n / 1000)::text)::uuid
FROM (SELECT n, timestamptz '2022-07-01' + n * interval '0.7 second' AS t
      FROM generate_series({first}, {last}) n) u
"""
SIZE = 1_000
ROUNDS = 15
FREE = 5_000  # people whom the hand-overs can move
SMALL, LARGE = 100_000, 5_000_000
STEP = 500_000


def fill(first: int, last: int, progress: Callable[[int], None]) -> None:
    """Rows `first` to `last` into the journal, in steps; the planner is told afterwards."""
    with connections["owner"].cursor() as cursor:
        for begin in range(first, last + 1, STEP):
            cursor.execute(FILL.format(table="journal_fact", first=begin,
                                       last=min(begin + STEP - 1, last)))
            progress(min(begin + STEP - 1, last))
        cursor.execute("VACUUM ANALYZE journal_fact")


def cost(workload: Workload) -> list[float]:
    """Seconds a fact, of batches of 1,000."""
    for __ in range(3):
        say(workload.mixed(SIZE), workload)
    spans = []
    for __ in range(ROUNDS):
        facts = workload.mixed(SIZE)
        spans.append(seconds(lambda f=facts: say(f, workload)) / SIZE)
    return spans


def figures(progress: Callable[[int], None], large: int = LARGE) -> Iterator[Figure]:
    """The ratio of a fact's cost at `large` facts to that at 100,000."""
    workload = Workload()
    with without_pathway():
        fill(1, SMALL, progress)
        say(workload.arrivals(FREE), workload)
        small = cost(workload)
        fill(SMALL + 1, large, progress)
        big = cost(workload)
    yield Figure(f"cost of a fact with {large:,} in the journal / with {SMALL:,}",
                 median(big) / median(small), 1.2, "at most", note=spread(big))
