"""Devices that come back together with days of backlog: all of it arrives once, others work on.

At full size by `pratique evidence field --only backlog`.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pratique.evidence.field_backlog import Size, measure

SMALL = Size(devices=12, facts=60, back_within_seconds=1, live_seconds=4)


@pytest.mark.browser
def test_devices_with_days_of_backlog_come_back_and_all_of_it_arrives_once():
    # In a thread of its own: another test's browser may be at work in this one.
    with ThreadPoolExecutor(1) as own:
        told = own.submit(measure, SMALL).result()
    assert told["done"] == SMALL.devices and told["facts"] == SMALL.devices * SMALL.facts
    assert (told["lost"], told["doubled"], told["refused"]) == (0, 0, {})
    assert told["calls"] >= SMALL.devices and told["failed"] == 0
    assert told["too_early"] == 0  # nobody called before the moment that it was told
    assert told["live"] > 0
