"""What facts mean can be worked out again from the facts alone, and comes out the same."""

import pytest

from pratique.cli.verbs.rebuild import rebuild_and_compare
from pratique.feeds.county import read_county
from pratique.journal.fact import Actor
from pratique.journal.record import record
from pratique.journal.vault import county_keys
from pratique.kit.sql import reading
from tests.journeys import test_merged as merged
from tests.journeys import test_merged_riders as riders
from tests.journeys import test_whole_loop as story
from tests.support import FIRST_MORNING

STORIES = {
    "one person through the loop, another held": (
        story.test_from_the_first_landing_point_to_release,
        story.test_a_positive_holds_everybody_where_they_are_and_calls_command),
    "two records of one person": (
        merged.test_registered_at_two_gates_and_merged_he_is_tested_isolated_and_released_as_one,),
    "two records of one passenger": (riders.merged_at_every_step,),
}


@pytest.mark.committed
@pytest.mark.parametrize("stories", STORIES.values(), ids=STORIES.keys())
def test_every_derived_table_comes_out_the_same_from_the_journal(committed, stories):
    record(read_county().facts(county_keys()), actor=Actor.system(), now=FIRST_MORNING,
           source="seed")
    for each in stories:
        each(None)
    with reading() as cursor:
        cursor.execute("SELECT current_schema()")
        (county,) = cursor.fetchone()
    compared = rebuild_and_compare(county)
    assert {c.table: c.examples for c in compared if c.differences} == {}
    by_name = {c.table: c.rows for c in compared}
    assert by_name["custody_entry"] > 20
    assert by_name["duties_duty"] > 10
