"""The same decision in two languages: the device's JavaScript in Chromium against `evaluate`."""

import json
import random
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Error

from pratique.desks.tests.conftest import (  # noqa: F401 (clock: a fixture)
    NOON,
    clock,
    fill_county,
)
from pratique.field.packs import (
    atlas_data,
    moment,
    pack_data,
    packs_in_force,
    risk_lists,
    table_data,
)
from pratique.field.tests import tables, vectors
from pratique.field.tests.pages import call, keep, open_page
from pratique.kit.sql import reading
from pratique.protocol.pack import shipped
from pratique.protocol.schedule import day_start, local_date, midnight
from pratique.protocol.spec import LANGUAGES
from tests.support import Speaker, fresh_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
CASES_OF_A_CALL = 2_500
DECISIONS_A_SECOND_MIN = 2_000
ZONES = ("Asia/Shanghai", "America/New_York", "America/Sao_Paulo", "America/St_Johns",
         "Australia/Lord_Howe", "Asia/Beirut", "America/Havana", "Pacific/Apia", "Asia/Kathmandu",
         "Europe/London", "UTC")
EPOCH_DAY = date(1970, 1, 1)
# Answers a case as vectors.answer does; `seconds` is the time for the decisions alone.
DECIDER = """
const [{readPack, decide, historyOf, mayTurnBack}, {readAtlas}, {word, sentence}] =
  await Promise.all(["decide", "atlas", "words"].map(at));
const read = (datas, reader) => Object.fromEntries(
  Object.entries(datas).map(([name, data]) => [name, reader(data)]));
const packs = read(argument.packs, readPack);
const atlases = read(argument.atlases, readAtlas);
const spoken = (pack, history, {decision, standing}) => ({
  tiers: history.stays.map((stay) => stay.tier), decision, standing,
  sentences: argument.languages.map(
    (language) => sentence(pack.data, standing.reason, standing.params, language)),
  words: argument.languages.flatMap((language) => [
    standing.word, `measure.${decision.measure}`, `transfer.${decision.transfer}`,
    standing.label ?? ""].map((key) => word(pack.data, key, language))),
  may_turn_back: mayTurnBack(pack, decision.measure),
});
return (cases) => {
  const began = performance.now();
  const decided = cases.map(({pack, atlas, arrival, orders}) => {
    const history = historyOf(atlases[atlas], arrival);
    return [packs[pack], history, decide(packs[pack], history, orders)];
  });
  const seconds = (performance.now() - began) / 1000;
  return {answers: decided.map((each) => spoken(...each)), seconds};
};
"""


@pytest.fixture
def core(live_server, page):
    open_page(page, live_server)
    return page


def decider(core, packs=None):
    """What decides cases in the page; `packs` in the place of those of the vectors."""
    named = packs or {name: pack_data(pack) for name, pack in vectors.packs().items()}
    maps = {name: atlas_data(one) for name, one in vectors.atlases().items()}
    return keep(core, DECIDER, {"packs": named, "atlases": maps, "languages": LANGUAGES})


def told(case) -> dict:
    return {"pack": case.pack, "atlas": case.atlas, "arrival": case.arrival,
            "orders": case.orders}


def differences(decide, cases) -> tuple[list[str], float]:
    """What the device answers otherwise than the server, and how many it decides in a second."""
    found, seconds, count, rest = [], 0.0, 0, iter(cases)
    while some := list(islice(rest, CASES_OF_A_CALL)):
        said = decide.evaluate("(decide, cases) => decide(cases)", [told(case) for case in some])
        seconds, count = seconds + said["seconds"], count + len(some)
        for case, answer in zip(some, said["answers"], strict=True):
            found += [f"{case.pack} {name}: {answer.get(name)} is not {wanted}; {told(case)}"
                      for name, wanted in case.answer.items() if answer.get(name) != wanted]
    return found, count / seconds


def test_a_device_decides_thousands_of_arrivals_as_the_server_does(
    core, request, record_property
):
    count = request.config.getoption("--vectors")
    found, rate = differences(decider(core), vectors.cases(count))
    record_property("arrivals_compared", count)
    record_property("decisions_a_second", round(rate))
    print(f"{count} arrivals compared, {rate:.0f} decisions a second")
    assert not found, f"{len(found)} differences\n" + "\n".join(found[:5])
    assert rate > DECISIONS_A_SECOND_MIN


def plant_cell(pack):
    pack["table"]["rows"][0]["tests"][0] = {"is": "low"}


def plant_day(pack):
    pack["plans"]["high"]["stages"][0]["last_day"] += 1


def plant_word(pack):
    pack["words"]["zh-hans"]["reason.none-inside"] += "。"


def plant_zone(pack):
    pack["zone"] = "Asia/Tokyo"


def plant_landing_exempt(pack):
    pack["landing_exempt"] = []


PLANTS = (plant_cell, plant_day, plant_word, plant_zone, plant_landing_exempt)


def test_a_planted_difference_is_seen(core):
    name = "shanxi-2022-08-20"
    some = [case for case in vectors.cases(1_000) if case.pack == name]
    for plant in PLANTS:
        data = deepcopy(pack_data(vectors.packs()[name]))
        plant(data)
        found, __ = differences(decider(core, {name: data}), some)
        assert found, plant.__name__


def test_every_combination_of_every_table_has_the_same_answer(core):
    asked = [(name, table_data(table), tables.questions(table))
             for name, table in tables.some_tables()]
    assert len(asked) > 100 and sum(len(questions) for *__, questions in asked) > 10_000
    for name, data, questions in asked:
        answers = call(core, """
            const {readTable, decideTable} = await at("table");
            const table = readTable(argument.data);
            return argument.asked.map((values) => {
              const {row, possible, missing, reason} = decideTable(table, values);
              return {row: row?.name ?? null, possible: possible.map(({name}) => name), missing,
                      reason};
            });""", {"data": data, "asked": [values for values, __ in questions]})
        wrong = [(values, answer, wanted)
                 for (values, wanted), answer in zip(questions, answers, strict=True)
                 if answer != wanted]
        assert not wrong, f"{name}: {len(wrong)} differ, {wrong[0]}"


def test_local_days_begin_when_they_do_on_the_server(core):
    for zone in ZONES:
        days, moments = days_and_moments(zone)
        clocks = ZoneInfo(zone)
        said = call(core, """
            const {Zone, dayStart} = await at("schedule");
            const zone = new Zone(argument.zone);
            const plan = {count: "exact_hours", anchor_day: 1};
            return {begins: argument.days.map((day) => zone.midnight(day)),
                    days: argument.moments.map((at) => zone.day(at)),
                    exact: argument.moments.map((at) => dayStart(at, 7, plan, zone))};
            """, {"zone": zone, "days": [(day - EPOCH_DAY).days for day in days],
                  "moments": [moment(at) for at in moments]})
        assert said == {
            "begins": [moment(midnight(day, clocks)) for day in days],
            "days": [(local_date(at, clocks) - EPOCH_DAY).days for at in moments],
            "exact": [moment(day_start(at, 7, 1, "exact_hours", clocks)) for at in moments],
        }, zone


def days_and_moments(zone: str) -> tuple[list[date], list[datetime]]:
    """Days from 2000 to 2026, of one year all, and moments at and around their beginnings."""
    chance = random.Random(zone)
    days = [EPOCH_DAY + timedelta(days=chance.randint(10_957, 20_700)) for __ in range(500)]
    days += [date(2011, 12, 29) + timedelta(days=n) for n in range(4)]
    days += [date(2018, 1, 1) + timedelta(days=n) for n in range(366)]
    moments = [
        midnight(day, ZoneInfo(zone)) + timedelta(milliseconds=chance.choice(
            (-1, 0, 1, 60_000, chance.randint(-90_000_000, 90_000_000)))) for day in days]
    # Every half hour of a year: whenever clocks changed, one of them is the very moment.
    new_year = datetime(2018, 1, 1, tzinfo=UTC)
    return days, moments + [new_year + timedelta(minutes=30 * n) for n in range(365 * 48)]


def test_the_places_to_tick_are_those_of_the_list_in_force(core):
    risk = vectors.atlases()["ten"]
    asked = [(unit, stamp + timedelta(minutes=minutes)) for number, unit in
             enumerate(sorted(risk.places)) for stamp in risk.stamps[number % 3::3]
             for minutes in (-1, 0)]
    answers = call(core, """
        const {readAtlas, unitAt} = await at("atlas");
        const atlas = readAtlas(argument.data);
        const told = ({key, text, tier}) => [key, text, tier];
        return argument.asked.map(([unit, at]) => {
          const found = unitAt(atlas, unit, at);
          return found && [found.places.map(told), found.rest && told(found.rest)];
        });""", {"data": atlas_data(risk), "asked": [[unit, moment(at)] for unit, at in asked]})

    def plain(area):
        return area and [area.key, area.text, area.tier]

    for (unit, at), answer in zip(asked, answers, strict=True):
        found = risk.unit_at(unit, at)
        assert answer == (found and [[plain(area) for area in found.places.values()],
                                     plain(found.rest)])


def test_a_pack_that_is_not_here_or_not_yet_in_force_decides_nothing(core):
    data = {"adopted": [{"since": 1_000, "pack": "one", "version": "1"},
                        {"since": 2_000, "pack": "gone", "version": "1"},
                        {"since": 3_000, "pack": "one", "version": "2"}],
            "packs": {"one": pack_data(shipped()["ebola-us-2014"])}, "orders": []}
    assert call(core, """
        const {readPacks, packAt} = await at("packs");
        const packs = readPacks(argument);
        return [999, 1000, 2000, 3000].map((at) => packAt(packs, at)?.data.id ?? null);
        """, data) == [None, "ebola-us-2014", None, "ebola-us-2014"]


def test_data_of_a_form_that_the_app_does_not_know_is_never_decided_by(core):
    def unknown_test(pack):
        pack["table"]["rows"][0]["tests"][0] = {"like": "high"}

    def unknown_source(pack):
        pack["table"]["inputs"][0]["source"] = "horoscope"

    def unknown_count(pack):
        for plan in pack["plans"].values():
            plan["count"] = "moons"

    case = next(case for case in vectors.cases(1_000) if case.answer["decision"]["tests_on"])
    for plant in (unknown_test, unknown_source, unknown_count):
        data = deepcopy(pack_data(vectors.packs()[case.pack]))
        plant(data)
        with pytest.raises(Error, match="no such"):
            differences(decider(core, {case.pack: data}), [case])


def test_what_the_device_says_at_the_gate_is_what_the_county_records(core, clock):  # noqa: F811
    """Through the whole server: lists, packs and orders from the tables, arrivals as facts."""
    fill_county()
    with reading() as cursor:
        packs, risk = packs_in_force(cursor), risk_lists(cursor)
    gate, chance = Speaker("post-01", ["gate_officer"], now=NOON), random.Random(7)
    units = [unit for unit in sorted(risk["units"]) if unit.isdigit()]
    facts = []
    for number in range(60):
        unit = "141123" if number % 5 == 0 else chance.choice(units)
        key = f"{unit}/{chance.choice(risk['units'].get(unit, [['gone']]))[0]}"
        since = NOON - timedelta(days=chance.choice((1, 6, 9)), hours=1)
        person = fresh_id(NOON)
        facts.append(gate.fact(
            "checkpoint.person_arrived", person=person, post="post-01", resident=number % 2 == 0,
            from_outside_province=number % 3 > 0, destination="town-141123100",
            special=chance.choice(([], ["child"], ["pregnant"])), stays=[
                {"division": unit, "area": chance.choice((key, key, "none", None)),
                 "since": since.isoformat(), "until": (since + timedelta(days=1)).isoformat()}],
            sealed={person: {"name": "张小一", "phone": "13900000000"}}))
    assert gate.send(*facts).counts()["applied"] == len(facts)
    said = call(core, """
        const [{readPacks, packAt}, {readAtlas}, {decide, historyOf, readArrival}] =
          await Promise.all(["packs", "atlas", "decide"].map(at));
        const [packs, atlas] = [readPacks(argument.packs), readAtlas(argument.risk)];
        return argument.facts.map((fact) => {
          const arrival = readArrival(fact);
          const pack = packAt(packs, arrival.arrived_at);
          return decide(pack, historyOf(atlas, arrival), packs.data.orders);
        });""", {"packs": packs, "risk": risk, "facts": [as_sent(fact) for fact in facts]})
    recorded = recorded_of([fact.id for fact in facts])
    for fact, one in zip(facts, said, strict=True):
        decision, standing = recorded[fact.id]
        assert {name: one["decision"][name] for name in decision} == decision
        assert {name: one["standing"][name] for name in standing} == standing
    assert len({one["decision"]["measure"] for one in said}) >= 4


def as_sent(fact) -> dict:
    return {"id": str(fact.id), "kind": fact.kind, "at": fact.at.isoformat(), "place": fact.place,
            "body": json.loads(bytes(fact.body))}


def recorded_of(episodes) -> dict:
    """{episode: (decision, standing)} as the tables have them, in the device's shape."""
    decided = ("measure", "row", "tier", "landing_test", "transfer", "counted_from", "ends_at",
               "tests_on", "unknown_inputs")
    stands = ("colour", "word", "shape", "label", "label_from", "reason", "row", "since", "until",
              "order", "restrictive")

    def plain(value):
        if isinstance(value, datetime):
            return moment(value.astimezone(UTC))
        return [plain(one) for one in value] if isinstance(value, list) else value

    columns = [f"d.{name}" for name in decided]
    columns += [f's."{name}"' if name != "order" else 's."order"::text' for name in stands]
    with reading() as cursor:
        cursor.execute(
            f"SELECT d.episode, {', '.join(columns)} FROM pathway_decision d "
            "JOIN standing_standing s ON s.episode = d.episode WHERE d.episode = ANY(%s)",
            (list(episodes),))
        return {
            row[0]: (dict(zip(decided, map(plain, row[1:]), strict=False)),
                     dict(zip(stands, map(plain, row[1 + len(decided):]), strict=True)))
            for row in cursor.fetchall()
        }
