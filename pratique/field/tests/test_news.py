"""What became of a device's facts comes back to the device that said them."""

import json
from datetime import timedelta

import pytest

from pratique.desks.tests.conftest import NOON, arrive, fill_county
from pratique.field import epoch, news
from pratique.field.tests.test_roll import GATE, done, enrolled, fetched, holds_by
from pratique.journal.fact import Envelope
from pratique.journal.queries import CAUSED, FATES
from pratique.kit.sql import in_transaction
from tests.support import Speaker, fresh_id

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def county(transactional_db, clock):
    fill_county()


def speaker_of(tablet, unit: str, *roles: str) -> Speaker:
    """Says facts as this tablet, which sends them itself."""
    return Speaker(unit, list(roles), now=NOON, device=tablet.id, staff=None)


def posted(tablet, token, *facts: Envelope) -> list[dict]:
    answer = tablet.post_facts(token, *facts)
    assert answer.status_code == 200, answer.content
    return answer.json()["receipts"]


def offered(subject, taker: str) -> Envelope:
    """An offer of the gate's that is not sent yet."""
    return GATE.fact("custody.offered", giver="post-01", taker=taker,
                     lines=[{"subject": subject, "holds_by": holds_by(subject)}],
                     expires_at=(NOON + timedelta(minutes=30)).isoformat())


def answered(crew: Speaker, handover: Envelope, *accepted) -> Envelope:
    return crew.fact("custody.answered", handover=handover.id, taker="coach-01",
                     accepted=list(accepted))


@pytest.fixture
def coach(county):
    tablet, token = enrolled("coach-01", "crew")
    return tablet, token, speaker_of(tablet, "coach-01", "crew")


def test_a_fact_that_waited_comes_back_applied_once(coach):
    tablet, token, crew = coach
    person = arrive(1)
    offer = offered(person, "coach-01")
    answer = answered(crew, offer, person)
    assert posted(tablet, token, answer)[0]["status"] == "parked"
    first = fetched(tablet, token)["news"]
    assert first["fates"] == [] and first["more"] is False and first["next"]
    done(GATE.send(offer).receipts[0])
    roll = fetched(tablet, token, first["next"])
    fate = roll["news"]["fates"][0]
    assert (fate["fact"], fate["seq"], fate["status"], fate["kind"]) == (
        str(answer.id), 1, "applied", "custody.answered")
    assert "code" not in fate
    assert [row["id"] for row in roll["persons"]] == [str(person)]
    assert fetched(tablet, token, roll["news"]["next"])["news"]["fates"] == []
    other, its_token = enrolled("coach-01", "crew")
    assert fetched(other, its_token)["news"]["fates"] == []


def test_a_fact_that_was_disputed_later_says_why_in_both_languages(coach):
    tablet, token, crew = coach
    person, stranger = arrive(1), arrive(2)
    offer = offered(person, "coach-01")
    assert posted(tablet, token, answered(crew, offer, stranger))[0]["status"] == "parked"
    done(GATE.send(offer).receipts[0])
    told = fetched(tablet, token)["news"]
    fate = told["fates"][0]
    assert (fate["status"], fate["code"]) == ("disputed", "not_offered") and fate["rule"]
    assert "hand-over" in fate["words"]["en"]["sentence"]
    assert "交接" in fate["words"]["zh-hans"]["sentence"]
    finding = next(one for one in told["findings"] if one["fact"] == fate["fact"])
    assert (finding["own"], finding["seq"], finding["code"]) == (True, 1, "not_offered")
    assert finding["opened_at"] and finding["words"]["zh-hans"]["title"]


def test_a_finding_that_was_closed_goes_away_by_itself(coach):
    tablet, token, crew = coach
    person, stranger = arrive(1), arrive(2)
    offer = offered(person, "coach-01")
    posted(tablet, token, answered(crew, offer, stranger))
    done(GATE.send(offer).receipts[0])
    found = fetched(tablet, token)["news"]["findings"][0]
    desk = Speaker("coach-01", ["crew", "leader"], now=NOON)
    done(desk.say("duties.finding_closed", finding=found["id"], outcome="looked into"))
    assert fetched(tablet, token)["news"]["findings"] == []


def test_a_refused_hand_over_is_told_to_the_giver_although_others_said_it(county):
    gate, token = enrolled("post-01", "gate_officer")
    person = arrive(1)
    offer = offered(person, "coach-01")
    done(GATE.send(offer).receipts[0])
    crew = Speaker("coach-01", ["crew"], now=NOON)
    done(crew.say("custody.answered", handover=offer.id, taker="coach-01",
                  refused=[{"subject": person, "reason": "no seat"}]))
    finding = fetched(gate, token)["news"]["findings"][0]
    assert (finding["code"], finding["own"], finding["seq"]) == ("handover_refused", False, None)
    assert finding["subject"] == str(person)
    assert "no seat" in finding["words"]["en"]["sentence"]
    assert "coach-01" not in finding["words"]["en"]["sentence"]  # a unit is named, not coded


def test_news_come_in_pages_and_none_is_left_out(coach, monkeypatch):
    tablet, token, crew = coach
    monkeypatch.setattr(news, "FATES_MAX", 2)
    offers, facts = [], []
    for number in range(1, 6):
        person = arrive(number)
        offers.append(offered(person, "coach-01"))
        facts.append(answered(crew, offers[-1], person))
    posted(tablet, token, *facts)
    done(GATE.send(*offers).receipts[0])
    seen, since = [], None
    for more in (True, True, False):
        told = fetched(tablet, token, since)["news"]
        assert told["more"] is more
        seen += [one["fact"] for one in told["fates"]]
        since = told["next"]
    assert sorted(seen) == sorted(str(fact.id) for fact in facts)
    assert len(seen) == len(set(seen)) == 5


def test_after_a_restore_everything_is_told_again(coach):
    tablet, token, crew = coach
    person = arrive(1)
    offer = offered(person, "coach-01")
    posted(tablet, token, answered(crew, offer, person))
    done(GATE.send(offer).receipts[0])
    before = fetched(tablet, token)
    assert fetched(tablet, token, before["news"]["next"])["news"]["fates"] == []
    epoch.renew(NOON)
    after = fetched(tablet, token, before["news"]["next"])
    assert after["epoch"] != before["epoch"] and len(after["news"]["fates"]) == 1


def test_facts_that_waited_and_open_findings_are_found_by_index(coach):
    tablet, _token, _crew = coach
    with in_transaction() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, values, index in (
            (FATES, (tablet.id, "0", 0, 10), "journal_fact_waited"),
            (CAUSED, (tablet.id, tablet.id, "coach-01", ["x"], 10), "journal_finding_open"),
        ):
            plan = cursor.execute(f"EXPLAIN {sql}", values).fetchall()
            told = "\n".join(row[0] for row in plan)
            assert index in told and "Seq Scan" not in told, told


def test_nobodys_name_stands_in_news(coach):
    tablet, token, crew = coach
    person = arrive(1)
    offer = offered(person, "coach-01")
    posted(tablet, token, answered(crew, offer, person, fresh_id(NOON)))
    done(GATE.send(offer).receipts[0])
    assert "张小" not in json.dumps(fetched(tablet, token)["news"], ensure_ascii=False)
