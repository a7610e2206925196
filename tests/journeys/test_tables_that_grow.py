"""A county works for months: no batch, however large, reads its tables from end to end."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from pratique.custody.reduce import open_accounts
from pratique.evidence.record_speed import adopt_rules, say
from pratique.evidence.workload import Workload, open_county
from pratique.journal.context import Context
from pratique.journal.fact import Actor
from pratique.kit.sql import in_transaction, reading
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
