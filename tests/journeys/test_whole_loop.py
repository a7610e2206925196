"""Wang and his car through the whole loop, from the first landing point to his release.

The cast: Guo at the gate, Sun who swabs, Ma the courier, Li and He at the laboratory, Chen who
drives, Song the head of site 1. Everything is said as facts; nothing is written beside them.
"""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pratique.custody.queries import balances, chain, whereabouts
from pratique.duties.queries import duties_of, open_duties
from pratique.feeds.risk_areas import read_list, shipped_files
from pratique.isolation.queries import readings
from pratique.journal.prove import prove
from pratique.pathway.queries import decision_story, decisions_of, outcomes_of
from pratique.pathway.tick import tick
from pratique.registry.lists import list_body
from pratique.registry.queries import rooms
from pratique.registry.risk_lists import parse_list
from pratique.standing.queries import codes_of
from tests.support import FIRST_MORNING, Speaker, fresh_id

CHENGDU_WUHOU = "510107"
_tubes = itertools.count(1)


class Loop:
    """What the journey has come to so far."""

    def __init__(self) -> None:
        self.gate = Speaker("post-01", ["gate_officer", "sampler"])
        self.courier = Speaker("courier-1", ["courier"])
        self.lab = Speaker("lab-1", ["laboratory"])
        self.second_reader = Speaker("lab-1", ["laboratory"])
        self.crew = Speaker("coach-01", ["crew"])
        self.dispatcher = Speaker(None, ["dispatcher"])
        self.site = Speaker("site-1", ["site_head"])
        self.everybody = [self.gate, self.courier, self.lab, self.second_reader, self.crew,
                          self.dispatcher, self.site]
        self.person, self.vehicle = fresh_id(), fresh_id()

    def to(self, moment: datetime) -> None:
        for speaker in self.everybody:
            speaker.now = moment

    @property
    def now(self) -> datetime:
        return self.gate.now

    def done(self, receipt):
        assert receipt.status == "applied", (receipt.status, receipt.code, receipt.text())
        return receipt

    def hand_over(self, giver, taker, subject, **more):
        holds_by = whereabouts([subject])[subject].holds_by
        offered = self.done(giver.say(
            "custody.offered", giver=giver.place, taker=taker.place,
            lines=[{"subject": subject, "holds_by": holds_by}],
            expires_at=self.now + timedelta(minutes=30), **more))
        self.done(taker.say("custody.answered", handover=offered.id, taker=taker.place,
                            accepted=[subject]))

    def test(self, taker, purpose: str, targets: dict, *, urgent: bool = False) -> None:
        """Collect a tube from Wang, carry it, test it, read it twice."""
        number = next(_tubes)
        tube, specimen = f"XJ{number:06}", fresh_id(self.now)
        self.done(taker.say("specimens.collected", specimen=specimen, tube=tube,
                            person=self.person, place=taker.place, purpose=purpose,
                            urgent=urgent))
        self.hand_over(taker, self.courier, specimen, bag="K-1")
        self.to(self.now + timedelta(minutes=40))
        self.hand_over(self.courier, self.lab, specimen, bag="K-1")
        self.to(self.now + timedelta(hours=2))
        run = fresh_id(self.now)
        self.done(self.lab.say(
            "specimens.run_imported", run=run, laboratory="lab-1", plate=f"P-{number}",
            instrument="cycler-1", assay="orf1ab-n", finished_at=self.now, wells=[
                {"well": "A01", "tube": tube, "targets": targets},
                {"well": "H10", "control": "extraction",
                 "targets": {"ORF1ab": None, "N": None, "IC": 25.0}},
                {"well": "H11", "control": "negative",
                 "targets": {"ORF1ab": None, "N": None, "IC": None}},
                {"well": "H12", "control": "positive",
                 "targets": {"ORF1ab": 28.0, "N": 27.0, "IC": 25.0}}]))
        self.done(self.second_reader.say("specimens.run_confirmed", run=run, laboratory="lab-1"))
        holds_by = whereabouts([specimen])[specimen].holds_by
        self.done(self.lab.say("specimens.discarded", place="lab-1", specimens=[specimen],
                               holds_by=[holds_by]))


NEGATIVE = {"ORF1ab": None, "N": None, "IC": 26.1}


LIST_OF_12_AUGUST, LIST_OF_20_AUGUST = (
    next(f for f in shipped_files() if f.stem.startswith(day)) for day in ("20220812", "20220820"))


def publish(file: Path, now: datetime) -> None:
    desk = Speaker("command", ["epidemiologist"], now=now)
    said = desk.say("registry.risk_list_published", **list_body(read_list(file).risk_list, "NHC"))
    assert said.status == "applied", said.text()


def publish_the_list_of_20_august(loop: Loop) -> None:
    publish(LIST_OF_20_AUGUST, loop.now)


def a_high_risk_place():
    """A place of the real list that was high risk that evening."""
    areas = parse_list(LIST_OF_20_AUGUST.read_bytes()).areas
    return next(a for a in areas if a.tier == "high" and not a.is_rest and a.division)


def arrive(loop: Loop, **stay) -> None:
    person, vehicle = loop.person, loop.vehicle
    week_ago = loop.now - timedelta(days=4)
    loop.done(loop.gate.say("checkpoint.vehicle_arrived", vehicle=vehicle, post="post-01",
                            plate="晋J8K213", lane="1", occupants=1))
    loop.done(loop.gate.send(loop.gate.fact(
        "checkpoint.person_arrived", person=person, post="post-01", vehicle=vehicle,
        resident=True, from_outside_province=True, destination="town-141123100",
        stays=[{"since": week_ago, "until": loop.now, **stay}], phone_verified=True,
        sealed={person: {"name": "王小明", "document_kind": "passport", "document": "E12345678",
                         "phone": "13800138000"}})).receipts[0])


def test_from_the_first_landing_point_to_release(county):
    loop = Loop()
    loop.to(datetime(2022, 8, 20, 16, 0, tzinfo=UTC))  # midnight in the county, the list is out
    publish_the_list_of_20_august(loop)
    place = a_high_risk_place()
    arrive(loop, division=place.division, area=place.key)

    decision = decisions_of([loop.person])[loop.person]
    assert (decision.measure, decision.row) == ("central_isolation", "high")
    code = codes_of([loop.person], loop.now)[loop.person]
    assert (code.colour, code.shape, code.restrictive) == ("red", "square", True)
    assert code.until == datetime(2022, 8, 28, 16, 0, tzinfo=UTC) + timedelta(hours=24)
    owed = {d.kind: d.unit for d in open_duties(loop.now)}
    assert owed["swab"] == "post-01"

    loop.test(loop.gate, "landing", NEGATIVE, urgent=True)
    loop.done(loop.gate.say(
        "checkpoint.vehicle_cleared", vehicle=loop.vehicle, post="post-01",
        holds_by=whereabouts([loop.vehicle])[loop.vehicle].holds_by, reason="parked_by_owner"))
    travel_to_the_site(loop)
    early = release(loop)
    assert (early.status, early.code) == ("quarantined", "release_too_early")

    live_through_isolation(loop)
    done = release(loop)
    assert done.status == "applied", done.text()
    assert whereabouts([loop.person])[loop.person].account == "outside"
    assert [step.taker for step in chain(loop.person)] == [
        "post-01", "coach-01", "site-1", "outside"]
    assert not [d for d in duties_of([loop.person], loop.now) if d.closed_at is None]
    assert codes_of([loop.person], loop.now)[loop.person].colour == "green"
    tick(loop.now)
    for checked in prove():
        assert not checked.violations, checked
    for balance in balances(FIRST_MORNING, loop.now + timedelta(seconds=1)):
        if balance.account != "outside":
            assert balance.on_hand == 0, balance


def travel_to_the_site(loop: Loop) -> None:
    """A room is confirmed, a trip planned in daylight; both ends sign."""
    loop.to(datetime(2022, 8, 21, 1, 0, tzinfo=UTC))
    loop.done(loop.site.say("transfer.place_confirmed", person=loop.person, account="site-1",
                            room=first_room()))
    trip = fresh_id(loop.now)
    loop.done(loop.dispatcher.say("transfer.vehicle_disinfected", vehicle="coach-01"))
    loop.done(loop.dispatcher.say(
        "transfer.trip_planned", trip=trip, vehicle="coach-01", crew=[loop.crew.staff],
        origin="post-01", destination="site-1", passengers=[loop.person],
        depart_at=loop.now + timedelta(minutes=10), arrive_at=loop.now + timedelta(minutes=50)))
    loop.hand_over(loop.gate, loop.crew, loop.person, trip=trip)
    loop.to(loop.now + timedelta(minutes=10))
    loop.done(loop.crew.say("transfer.trip_departed", trip=trip, vehicle="coach-01"))
    loop.to(loop.now + timedelta(minutes=40))
    loop.done(loop.crew.say("transfer.trip_arrived", trip=trip, vehicle="coach-01"))
    loop.hand_over(loop.crew, loop.site, loop.person, trip=trip)
    loop.done(loop.site.say("isolation.room_given", person=loop.person, site="site-1",
                            room=first_room()))


def first_room() -> str:
    return rooms("site-1")[0][0]


def live_through_isolation(loop: Loop) -> None:
    """Seven days: two rounds a day, a test on days 1, 2, 3, 5 and 7."""
    for day in range(1, 8):
        morning = datetime(2022, 8, 21, 0, 30, tzinfo=UTC) + timedelta(days=day)
        for slot, moment in (("morning", morning), ("evening", morning + timedelta(hours=9))):
            loop.to(moment)
            loop.done(loop.site.say(
                "isolation.round_done", account="site-1", slot=slot,
                day=f"{(morning + timedelta(hours=8)).date()}",
                readings=[{"person": loop.person, "temperature_c": 36.5}]))
            if slot == "morning" and day in (1, 2, 3, 5, 7):
                loop.test(loop.site, f"day-{day}", NEGATIVE)
    assert len(readings([loop.person])[loop.person]) == 14
    loop.to(datetime(2022, 8, 28, 16, 20, tzinfo=UTC))
    outcome = outcomes_of([loop.person], loop.now)[loop.person]
    assert outcome.release.allowed, outcome.release.missing


def release(loop: Loop):
    return loop.site.say(
        "pathway.released", person=loop.person, account="site-1",
        episode=decisions_of([loop.person])[loop.person].episode,
        holds_by=whereabouts([loop.person])[loop.person].holds_by)


def test_a_person_without_risk_from_inside_the_province_simply_goes_on(county):
    loop = Loop()
    person = loop.person
    loop.done(loop.gate.say(
        "checkpoint.person_arrived", person=person, post="post-01", resident=True,
        from_outside_province=False, destination="town-141123100",
        stays=[{"division": "140105", "area": "none", "since": loop.now - timedelta(days=7),
                "until": loop.now}]))
    assert decisions_of([person])[person].measure == "none"
    holds_by = whereabouts([person])[person].holds_by
    loop.done(loop.gate.say("checkpoint.person_passed", person=person, post="post-01",
                            holds_by=holds_by))
    assert whereabouts([person])[person].account == "outside"


def test_a_person_under_a_measure_may_not_simply_go_on(county):
    loop = Loop()
    arrive(loop, division=CHENGDU_WUHOU, area="none")
    holds_by = whereabouts([loop.person])[loop.person].holds_by
    refused = loop.gate.say("checkpoint.person_passed", person=loop.person, post="post-01",
                            holds_by=holds_by)
    assert (refused.status, refused.code) == ("quarantined", "measure_applies")


def turn_back(loop: Loop):
    return loop.gate.say(
        "checkpoint.person_turned_back", person=loop.person, post="post-01", reason="no papers",
        holds_by=whereabouts([loop.person])[loop.person].holds_by)


def test_who_would_be_isolated_or_is_held_or_unknown_is_not_turned_back_at_the_gate(county):
    loop = Loop()
    loop.to(datetime(2022, 8, 20, 16, 0, tzinfo=UTC))
    publish_the_list_of_20_august(loop)
    place = a_high_risk_place()
    arrive(loop, division=place.division, area=place.key)
    refused = turn_back(loop)
    assert (refused.status, refused.code, refused.rule) == (
        "quarantined", "turn_back_not_allowed", "pathway.turn_back")
    assert whereabouts([loop.person])[loop.person].account == "post-01"

    positive = Loop()
    positive.to(loop.now)
    arrive(positive, division=CHENGDU_WUHOU, area="none")
    positive.test(positive.gate, "landing", {"ORF1ab": 24.0, "N": 23.1, "IC": 26.0}, urgent=True)
    assert turn_back(positive).params == {"measure": "hold"}

    silent = Loop()
    silent.to(loop.now)
    arrive(silent, division=place.division)
    assert decisions_of([silent.person])[silent.person].measure == "unknown"
    assert turn_back(silent).code == "turn_back_not_allowed"


def test_who_is_only_asked_to_watch_themselves_may_leave_again_at_the_gate(county):
    loop = Loop()
    arrive(loop, division=CHENGDU_WUHOU, area="none")
    assert decisions_of([loop.person])[loop.person].measure == "self_monitoring"
    assert turn_back(loop).status == "applied"
    assert whereabouts([loop.person])[loop.person].account == "outside"


def test_a_new_list_grades_exactly_those_anew_whom_it_touches(county):
    loop, other = Loop(), Loop()
    place = a_high_risk_place()
    arrive(loop, division=place.division, area=place.key)
    arrive(other, division="110101", area="none")
    assert decisions_of([loop.person])[loop.person].tier == "none"
    loop.to(datetime(2022, 8, 20, 15, 30, tzinfo=UTC))
    publish_the_list_of_20_august(loop)
    after = decisions_of([loop.person, other.person])
    assert (after[loop.person].tier, after[loop.person].turn) == ("high", 2)
    assert after[other.person].turn == 1
    story = decision_story(loop.person)
    assert [d.measure for d in story] == ["self_monitoring", "central_isolation"]


def test_a_positive_holds_everybody_where_they_are_and_calls_command(county):
    loop = Loop()
    arrive(loop, division=CHENGDU_WUHOU, area="none")
    loop.test(loop.gate, "landing", {"ORF1ab": 24.0, "N": 23.1, "IC": 26.0}, urgent=True)
    decision = decisions_of([loop.person])[loop.person]
    assert decision.measure == "hold"
    code = codes_of([loop.person], loop.now)[loop.person]
    assert (code.colour, code.restrictive) == ("red", True)
    assert "hold" in {d.kind for d in open_duties(loop.now, unit="command")}
    loop.test(loop.gate, "resample", NEGATIVE, urgent=True)
    assert decisions_of([loop.person])[loop.person].measure == "hold", "one negative is not enough"
