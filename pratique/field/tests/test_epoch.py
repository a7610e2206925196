"""The epoch and what is durable, as POST /api/v1/facts tells them."""

import time
from uuid import UUID

from pratique.api.watermark import MARKS
from pratique.desks.tests.conftest import NOON
from pratique.field import epoch
from pratique.field.tests.test_tokens import lane_count
from pratique.journal import log
from pratique.kit.sql import reading


def test_an_answer_tells_the_epoch_and_another_one_after_a_restore(tablet):
    token = tablet.token()
    first = tablet.post_facts(token, lane_count(tablet)).json()
    assert UUID(first["epoch"]) == epoch.current()
    assert tablet.post_facts(token, lane_count(tablet)).json()["epoch"] == first["epoch"]
    renewed = epoch.renew(NOON)
    assert tablet.post_facts(token, lane_count(tablet)).json()["epoch"] == str(renewed)
    assert renewed != UUID(first["epoch"])


def seal_all() -> None:
    """Seal until every fact has its place: transactions of other tests hold the log back."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        log.seal(NOON)
        with reading() as cursor:
            if log.head(cursor).size == cursor.execute(
                    "SELECT count(*) FROM journal_fact").fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("not everything was sealed in time")


def test_what_waits_for_the_sealer_is_heard_and_not_yet_durable(committed, clock):
    from pratique.desks.tests.conftest import fill_county
    from pratique.field.tests.conftest import Tablet, invite

    fill_county()
    tablet = Tablet()
    assert tablet.enrol(invite()).status_code == 200
    token = tablet.token()

    def posted(*seqs: int) -> tuple[int, int]:
        said = tablet.post_facts(token, *[lane_count(tablet, seq) for seq in seqs]).json()
        return said["watermark"]["heard_through"], said["durable_through"]

    assert posted(1, 2) == (2, 0)
    seal_all()
    assert posted() == (2, 2)
    assert posted(3, 5) == (3, 2)
    seal_all()
    assert posted(4) == (5, 3)  # 4 waits, and 5 behind it
    seal_all()
    assert posted() == (5, 5)


def test_the_watermark_is_read_by_its_key(tablet):
    with reading() as cursor:
        cursor.execute("SELECT set_config('enable_seqscan', 'off', true)")
        plan = "\n".join(row[0] for row in cursor.execute(
            f"EXPLAIN {MARKS}", (21, [tablet.id])).fetchall())
    assert "journal_device_pkey" in plan and "Seq Scan on journal" not in plan, plan
    assert "journal_batch" not in plan and "journal_fact" not in plan, plan
