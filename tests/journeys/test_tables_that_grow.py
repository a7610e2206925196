"""A county works for months: no batch and no page reads its tables from end to end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from pratique.custody import queries as custody
from pratique.custody.reduce import open_accounts
from pratique.evidence.record_speed import adopt_rules, say, without_pathway
from pratique.evidence.workload import Workload, open_county
from pratique.journal.context import Context
from pratique.journal.fact import Actor
from pratique.kit.sql import in_transaction, one_row, reading
from pratique.transfer.queries import expected_at, trip_balance
from tests.support import Speaker, fresh_id

pytestmark = pytest.mark.committed
ARRIVED, LARGE, COACH = 20_000, 1_500, 38
# What is read to know who is the same human being, and where.
PEOPLE = {"registry_person", "registry_merge", "custody_entry", "custody_holding"}
# Rows that a statement read from the table itself, in this transaction.
SCANNED = """
SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables
WHERE seq_tup_read > %s AND schemaname = current_schema()
"""

# Rows that a statement read of a table, in whichever way.
READ_OF = """
SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
WHERE schemaname = current_schema() AND relname = %s
"""
A_DAY_MAX = 4_000
"""Rows that a page may read: the last days'. Three weeks have some 30,000 entries."""
BY_THE_ENTRIES = """
SELECT account, kind, coalesce(sum(change) FILTER (WHERE at < %(since)s), 0)::bigint AS opening,
       count(*) FILTER (WHERE change > 0 AND at >= %(since)s) AS came_in,
       count(*) FILTER (WHERE change < 0 AND at >= %(since)s) AS went_out
FROM (SELECT taker AS account, kind, at, 1 AS change FROM custody_entry
      UNION ALL SELECT giver, kind, at, -1 FROM custody_entry) legs
WHERE at < %(until)s GROUP BY account, kind
HAVING coalesce(sum(change) FILTER (WHERE at < %(since)s), 0) <> 0
    OR count(*) FILTER (WHERE at >= %(since)s) > 0
ORDER BY account, kind
"""


def scanned(workload: Workload, facts: list[bytes], more_than: int) -> dict[str, int]:
    with transaction.atomic():
        say(facts, workload)
        with reading() as cursor:
            cursor.execute(SCANNED, (more_than,))
            return dict(cursor.fetchall())


def scanned_by_a_transfer(workload: Workload, more_than: int) -> dict[str, int]:
    """A place, a plan, a departure and an arrival of a full coach, in the county that has grown."""
    now, trip = workload.now, fresh_id(workload.now)
    post = workload.free[0][1]
    riders = [(p, entry) for p, at, entry in workload.free if at == post][:COACH]
    gate = Speaker(post, ["gate_officer"], now=now)
    crew = Speaker("coach-01", ["crew"], now=now)
    site = Speaker("site-1", ["site_head"], now=now)
    said = {"trip": trip, "vehicle": "coach-01"}
    with transaction.atomic():
        open_more_accounts(now)
        facts = [site.fact("transfer.place_confirmed", person=p, account="site-1")
                 for p, __ in riders]
        assert site.send(*facts).counts()["applied"] == len(riders)
        assert Speaker(None, ["dispatcher"], now=now).say(
            "transfer.trip_planned", **said, crew=[fresh_id(now)], origin=post,
            destination="site-1", passengers=[p for p, __ in riders],
            depart_at=now + timedelta(minutes=10),
            arrive_at=now + timedelta(minutes=50)).status == "applied"
        offer = gate.say(
            "custody.offered", giver=post, taker="coach-01", trip=trip,
            lines=[{"subject": p, "holds_by": entry} for p, entry in riders],
            expires_at=now + timedelta(minutes=30))
        assert crew.say("custody.answered", handover=offer.id, taker="coach-01",
                        accepted=[p for p, __ in riders]).status == "applied"
        assert crew.say("transfer.trip_departed", **said).status == "applied"
        assert crew.say("transfer.trip_arrived", **said).status == "applied"
        assert len(trip_balance(trip)) == len(expected_at("site-1")) == len(riders)
        with reading() as cursor:
            cursor.execute(SCANNED, (more_than,))
            return dict(cursor.fetchall())


def open_more_accounts(now: datetime) -> None:
    with in_transaction() as cursor:
        open_accounts(Context(cursor, now, fresh_id(now), Actor.system()), [
            ("coach-01", "crew", COACH), ("site-1", "isolation_site", 2 * COACH)])


def rows_read(read: Callable[[], object], table: str) -> int:
    """How many rows of a table a page's statement reads."""
    with transaction.atomic(), reading() as cursor:
        cursor.execute(READ_OF, (table,))
        before = one_row(cursor)[0]
        assert read()
        cursor.execute(READ_OF, (table,))
        return one_row(cursor)[0] - before


def test_a_large_batch_and_a_single_fact_look_rows_up_by_their_keys(committed):
    open_county()
    workload = Workload()
    adopt_rules(workload)
    for __ in range(ARRIVED // 10_000):
        say(workload.arrivals(10_000), workload)
    for __ in range(4):
        say(workload.mixed(LARGE), workload)
    owner = committed("owner")
    owner.autocommit = True
    owner.execute("ANALYZE")
    # The list of a day, the accounts and the packs are read whole: they do not grow by people.
    assert scanned(workload, workload.mixed(LARGE), more_than=5_000) == {}
    assert scanned(workload, workload.mixed(3), more_than=5_000) == {}
    assert not PEOPLE & scanned_by_a_transfer(workload, more_than=5_000).keys()


@pytest.fixture
def weeks(committed) -> Workload:
    """A county that has worked for three weeks."""
    open_county()
    workload = Workload()
    with without_pathway():
        for __ in range(21):
            say(workload.arrivals(1_000), workload)
            say(workload.mixed(600), workload)
            workload.now += timedelta(days=1)
        say(workload.mixed(300), workload)
    owner = committed("owner")
    owner.autocommit = True
    owner.execute("VACUUM ANALYZE")
    return workload


def test_the_pages_of_the_ledger_read_their_day_and_what_waits(weeks):
    today, soon = weeks.now - timedelta(hours=12), weeks.now + timedelta(minutes=1)
    reads: dict[str, Callable[[], object]] = {
        "balance": lambda: custody.balances(today, soon, "outside"),
        "balances": lambda: custody.balances(today, soon),
        "unit": lambda: custody.balances(today, soon, "post-01"),
        "roads": lambda: custody.flows(today, soon),
        "moves": lambda: custody.entries(today, soon, kind="person", giver_kinds=["outside"],
                                         taker_kinds=["checkpoint"]),
        "on offer": lambda: custody.offered_between(weeks.now),
        "offers": custody.pending,
        "overdue": lambda: custody.pending(expired_at=weeks.now),
    }
    assert {name: rows for name, read in reads.items()
            if (rows := rows_read(read, "custody_entry")) > A_DAY_MAX} == {}
    assert {name: rows for name in ("on offer", "offers", "overdue")
            if (rows := rows_read(reads[name], "custody_holding")) > A_DAY_MAX} == {}


def test_a_balance_counted_back_from_what_is_held_is_that_of_the_entries(weeks):
    days = [weeks.now - timedelta(days=n) for n in (0, 1, 7, 30)]
    for until in days[:3]:
        for since in days[1:]:
            with reading() as cursor:
                cursor.execute(BY_THE_ENTRIES, {"since": since, "until": max(since, until)})
                told = [tuple(row) for row in cursor.fetchall()]
            assert told == [(b.account, b.kind, b.opening, b.came_in, b.went_out)
                            for b in custody.balances(since, until)]
            for one in ("outside", "post-01", "town-141123101"):
                assert [row for row in told if row[0] == one] == [
                    (b.account, b.kind, b.opening, b.came_in, b.went_out)
                    for b in custody.balances(since, until, one)]
