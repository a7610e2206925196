"""Wang was registered at two gates as two people. Merged, he goes through the loop as one.

What was said of either record counts for him: history, decision, duties, code and release follow
the record under which he goes on. Undone, each record has its own again.
"""

from datetime import UTC, datetime, timedelta

from pratique.checkpoint.queries import all_episodes, episodes, persons_at_post
from pratique.custody.queries import whereabouts
from pratique.duties.queries import duties_of, findings, open_duties
from pratique.journal.prove import prove
from pratique.pathway.queries import decision_story, decisions_of, open_episodes, outcomes_of
from pratique.pathway.tick import tick
from pratique.standing.queries import code_story, codes_of
from tests.journeys import test_whole_loop as story
from tests.journeys.test_whole_loop import NEGATIVE, Loop
from tests.support import Speaker, fresh_id

MIDNIGHT = datetime(2022, 8, 20, 16, 0, tzinfo=UTC)  # in the county; the list of 20 August is out


class Twice(Loop):
    """Wang at post-01, and twenty minutes later at post-02 under another id."""

    def __init__(self, **said) -> None:
        super().__init__()
        self.other_gate = Speaker("post-02", ["gate_officer", "sampler"])
        self.registrar = Speaker("command", ["registrar"])
        self.township = Speaker("town-141123100", ["township_clerk"])
        self.everybody += [self.other_gate, self.registrar, self.township]
        self.to(MIDNIGHT)
        story.publish_the_list_of_20_august(self)
        place = story.a_high_risk_place()
        self.stay = {"division": place.division, "area": place.key, **said}
        story.arrive(self, **self.stay)
        self.first = episodes([self.person])[self.person].id
        self.to(self.now + timedelta(minutes=20))
        self.merged = fresh_id(self.now)
        self.second = self.arrives_at_the_other_gate().id

    def arrives_at_the_other_gate(self):
        stay = {"since": self.now - timedelta(days=4), "until": self.now, **self.stay}
        return self.done(self.other_gate.send(self.other_gate.fact(
            "checkpoint.person_arrived", person=self.merged, post="post-02", resident=True,
            from_outside_province=True, destination="town-141123100", stays=[stay],
            sealed={self.merged: {"name": "王小明", "document_kind": "passport",
                                  "document": "E12345678"}})).receipts[0])

    def merge(self):
        return self.done(self.registrar.say(
            "registry.persons_merged", kept=self.person, merged=self.merged, reason="one passport"))

    def undo(self, merge) -> None:
        self.done(self.registrar.say(
            "registry.merge_undone", kept=self.person, merged=self.merged, merge=merge.id,
            reason="two brothers"))


def open_keys(*persons) -> list[str]:
    """The keys of these people's open duties, one for each row."""
    now = MIDNIGHT + timedelta(hours=12)
    return sorted(d.key for d in duties_of(persons, now) if d.closed_at is None)


def laws_hold(loop: Loop) -> None:
    tick(loop.now)
    broken = [(c.law.name, c.examples) for c in prove() if c.violations]
    assert broken == []


def test_registered_at_two_gates_and_merged_he_is_tested_isolated_and_released_as_one(county):
    loop = Twice()
    tick(loop.now)
    assert [f.code for f in findings(code="same_person_twice")] == ["same_person_twice"]
    twice = open_keys(loop.person, loop.merged)
    merge = loop.merge()
    assert findings(code="same_person_twice") == []
    both = [loop.person, loop.merged]
    assert {d.episode for d in decisions_of(both).values()} == {loop.second}
    codes = codes_of(both, loop.now)
    assert codes[loop.person] == codes[loop.merged] and codes[loop.person].colour == "red"
    assert sorted([*open_keys(loop.person)] * 2) == twice, "what was owed twice is owed once"
    assert open_keys(loop.person) == open_keys(loop.merged)
    assert {d.person for d in open_duties(loop.now)} == {loop.person}
    (state,) = open_episodes(account="post-01")
    assert (state.person, state.episode, state.colour) == (loop.person, loop.second, "red")
    assert open_episodes(account="outside") == []
    assert [p.person for p in persons_at_post("post-01", loop.now)] == [loop.person]
    laws_hold(loop)

    loop.test(loop.gate, "landing", NEGATIVE, urgent=True)
    assert "swab:landing" not in open_keys(loop.person)
    story.travel_to_the_site(loop)
    assert story.release(loop).code == "release_too_early"
    story.live_through_isolation(loop)
    loop.done(story.release(loop))
    assert whereabouts([loop.person])[loop.person].account == "outside"
    assert [e.outcome for e in all_episodes(loop.person)] == ["released", "released"]
    assert [d for d in duties_of(both, loop.now) if d.closed_at is None] == []
    assert codes_of([loop.merged], loop.now)[loop.merged].colour == "green"
    assert {d.episode for d in decision_story(loop.person)} == {loop.first, loop.second}
    laws_hold(loop)

    loop.undo(merge)
    assert whereabouts([loop.merged])[loop.merged].account == "post-02", "to be looked for there"
    assert {e.id for e in all_episodes(loop.merged)} == {loop.second}
    laws_hold(loop)


def test_a_merge_that_is_undone_gives_each_record_its_own_again(county):
    loop = Twice()
    both = [loop.person, loop.merged]
    before = {p: open_keys(p) for p in both}
    undone = loop.merge()
    loop.undo(undone)
    decided = decisions_of(both)
    assert {p: d.episode for p, d in decided.items()} == {
        loop.person: loop.first, loop.merged: loop.second}
    assert {p: open_keys(p) for p in both} == before
    owed = {d.person: d.unit for d in open_duties(loop.now) if d.kind == "swab"}
    assert owed == {loop.person: "post-01", loop.merged: "post-02"}
    codes = codes_of(both, loop.now)
    assert {p: c.episode for p, c in codes.items()} == {
        loop.person: loop.first, loop.merged: loop.second}
    assert {d.episode for d in decision_story(loop.merged)} == {loop.second}
    assert {s.person: s.episode for s in open_episodes()} == {
        loop.person: loop.first, loop.merged: loop.second}
    laws_hold(loop)


def test_a_release_that_names_the_other_record_of_the_arrival_is_the_same_release(county):
    loop = Twice()
    loop.merge()
    said = {"person": loop.person, "account": "post-01",
            "holds_by": whereabouts([loop.person])[loop.person].holds_by}
    for episode in (loop.first, loop.second):
        refused = loop.gate.say("pathway.released", episode=episode, **said)
        assert refused.code == "release_too_early"


def test_who_takes_the_place_of_the_merged_record_is_on_the_lists_of_that_place(county):
    loop = Twice()
    announced = fresh_id(loop.now)
    loop.done(loop.registrar.say("checkpoint.expected", person=announced, post="post-01"))
    loop.done(loop.registrar.say("registry.persons_merged", kept=announced, merged=loop.person,
                                 reason="the announced one"))
    assert whereabouts([announced])[announced].account == "post-01"
    assert [p.person for p in persons_at_post("post-01", loop.now)] == [announced]
    (state,) = open_episodes(account="post-01")
    assert (state.person, state.episode) == (announced, loop.first)
    assert decisions_of([announced])[announced].measure == "central_isolation"
    assert codes_of([announced], loop.now)[announced].colour == "red"
    refused = loop.gate.say("checkpoint.person_passed", person=announced, post="post-01",
                            holds_by=state.holds_by)
    assert refused.code == "measure_applies"
    laws_hold(loop)


def test_what_was_said_of_the_merged_record_counts(county):
    """A fever read under it, a home found unfit, an objection made: none is lost by the merge."""
    loop = Twice(area="none")
    loop.to(loop.now + timedelta(hours=10))
    place = whereabouts([loop.merged])[loop.merged]
    offered = loop.done(loop.other_gate.say(
        "custody.offered", giver="post-02", taker="town-141123100",
        lines=[{"subject": loop.merged, "holds_by": place.holds_by}],
        expires_at=loop.now + timedelta(minutes=30)))
    loop.done(loop.township.say("custody.answered", handover=offered.id, taker="town-141123100",
                                accepted=[loop.merged]))
    loop.done(loop.township.say("transfer.place_confirmed", person=loop.merged,
                                account="town-141123100", home_fit=False))
    loop.done(loop.township.say(
        "isolation.round_done", account="town-141123100", slot="morning", day="2022-08-21",
        readings=[{"person": loop.merged, "temperature_c": 39.1}]))
    objected = loop.done(loop.township.say(
        "pathway.objected", person=loop.merged, episode=loop.second))
    duty = f"objection:{objected.id}"
    assert duty in open_keys(loop.merged)
    alone = outcomes_of([loop.merged], loop.now)[loop.merged]
    loop.merge()
    whole = outcomes_of([loop.person, loop.merged], loop.now)
    assert whole[loop.person] == whole[loop.merged]
    assert whole[loop.person].decision.measure == alone.decision.measure
    assert duty in open_keys(loop.person)
    leader = Speaker("command", ["leader"], now=loop.now)
    loop.done(leader.say("pathway.objection_answered", person=loop.merged, episode=loop.second,
                         objection=objected.id, upheld=False, reason="the fever"))
    assert duty not in open_keys(loop.person)
    laws_hold(loop)


def test_a_room_of_the_merged_record_is_free_when_nobody_of_that_name_is_held_there(county):
    loop = Twice()
    loop.person, loop.merged = loop.merged, loop.person  # who is at the site will be merged
    first, person = loop.merged, loop.person
    loop.person = first
    loop.test(loop.gate, "landing", NEGATIVE, urgent=True)
    story.travel_to_the_site(loop)
    loop.person = person
    loop.merge()
    (account,) = {whereabouts([person])[person].account}
    assert account == "post-02", "held already at the other gate, where he was accepted"
    laws_hold(loop)


def test_an_arrival_under_the_merged_id_is_an_arrival_of_the_same_person(county):
    loop = Twice()
    loop.merge()
    loop.test(loop.gate, "landing", NEGATIVE, urgent=True)
    story.travel_to_the_site(loop)
    story.live_through_isolation(loop)
    loop.done(story.release(loop))
    loop.to(loop.now + timedelta(days=30))
    again = loop.arrives_at_the_other_gate()
    both = [loop.person, loop.merged]
    assert {d.episode for d in decisions_of(both).values()} == {again.id}
    (state,) = open_episodes(account="post-02")
    assert (state.episode, state.person) == (again.id, loop.merged)
    owed = [d for d in duties_of(both, loop.now) if d.closed_at is None]
    assert {d.episode for d in owed} == {again.id}
    assert code_story(loop.merged)[-1].episode == again.id
    laws_hold(loop)
