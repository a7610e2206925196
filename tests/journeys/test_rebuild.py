"""What facts mean can be worked out again from the facts alone, and comes out the same."""

import pytest

from pratique.cli.verbs.rebuild import rebuild_and_compare
from pratique.feeds.county import read_county
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.journal.vault import county_keys
from pratique.kit.sql import reading
from tests.journeys import test_whole_loop as story
from tests.support import FIRST_MORNING


@pytest.mark.committed
def test_every_derived_table_comes_out_the_same_from_the_journal(committed):
    record(read_county().facts(county_keys()), actor=Actor.system(), now=FIRST_MORNING,
           source="seed")
    story.test_from_the_first_landing_point_to_release(None)
    story.test_a_positive_holds_everybody_where_they_are_and_calls_command(None)
    with reading() as cursor:
        cursor.execute("SELECT current_schema()")
        (county,) = cursor.fetchone()
    compared = rebuild_and_compare(county)
    assert {c.table: c.examples for c in compared if c.differences} == {}
    by_name = {c.table: c.rows for c in compared}
    assert by_name["custody_entry"] > 20
    assert by_name["duties_duty"] > 20
