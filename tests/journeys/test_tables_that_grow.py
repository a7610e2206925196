"""A county works for months: no batch, however large, reads its tables from end to end."""

import pytest
from django.db import transaction

from pratique.evidence.record_speed import adopt_rules, say
from pratique.evidence.workload import Workload, open_county
from pratique.kit.sql import reading

pytestmark = pytest.mark.committed
ARRIVED, LARGE = 20_000, 1_500
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
