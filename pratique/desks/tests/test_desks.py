"""From the swab to the answer of an objection, as the desks say it."""

import csv
import io
import re
from datetime import timedelta

import pytest

from pratique.custody.queries import handover, pending, whereabouts
from pratique.desks import counties, face, ledger, sheets
from pratique.desks.tests.conftest import NOON, arrive, resident_id
from pratique.duties.queries import findings, open_duties
from pratique.registry.reduce_screening import screen
from pratique.specimens.queries import of_person
from pratique.specimens.rules import tube_number
from pratique.standing.reduce_links import link_of, replace_link
from tests.support import Speaker


def swab(gate, *people):
    tubes = {f"tube-{p}": tube_number(n) for n, p in enumerate(people, 1)}
    return gate.send("/sampling/", do="collect", **tubes)


def offer_bag(gate, *people):
    specimens = [str(tube.specimen) for p in people for tube in of_person(p)]
    gate.send("/sampling/bag/", specimen=specimens, bag="K-0331", taker="courier-1")
    return pending(taker="courier-1")[0].handover


def test_a_landing_swab_is_urgent_and_closes_its_duty(desk):
    person = arrive()
    gate = desk("gate")
    assert "1 person to swab here" in gate.see("/sampling/")
    assert swab(gate, person).status_code == 302
    tube = of_person(person)[0]
    assert (tube.purpose, tube.urgent, tube.place) == ("landing", True, "post-01")
    assert "0 people to swab here" in gate.see("/sampling/")


def test_a_misread_label_and_a_tube_in_two_lines_are_refused_beside_the_line(desk):
    first, second = arrive(1), arrive(2)
    gate = desk("gate")
    page = gate.send("/sampling/", do="collect", **{f"tube-{first}": "PQ0000000019"})
    assert "check digit" in page.content.decode()
    same = {f"tube-{first}": "T-1", f"tube-{second}": "T-1"}
    assert "another line already" in gate.send("/sampling/", do="collect", **same).content.decode()
    assert of_person(first) == []


def test_bag_and_offer_are_one_step_and_the_courier_takes_all_but_one(desk):
    people = [arrive(n) for n in range(1, 4)]
    gate, courier = desk("gate"), desk("courier")
    swab(gate, *people)
    offered = offer_bag(gate, *people)
    lost = handover(offered).lines[0].subject
    address = f"/hand-over/{offered}/"
    assert "K-0331" in courier.see("/courier/") or address in courier.see("/courier/")
    courier.send(address, do="refuse", line=str(lost), reason="")
    assert "A refusal needs its reason" in courier.see(address)
    courier.send(address, do="refuse", line=str(lost), reason="not in the bag")
    courier.send(address, do="accept_all")
    assert {line.outcome for line in handover(offered).lines} == {"accepted", "refused"}
    assert whereabouts([lost])[lost].account == "post-01"
    assert "refused by Specimen courier 1: not in the bag" in gate.see("/unit/post-01/")


def test_a_giver_takes_an_unanswered_offer_back(desk):
    person = arrive()
    gate = desk("gate")
    gate.send("/gate/people/", person=str(person), taker="coach-01", do="offer")
    offered = whereabouts([person])[person].pending
    gate.send(f"/hand-over/{offered}/", do="withdraw", reason="wrong coach")
    assert whereabouts([person])[person].pending is None


def test_a_run_file_that_is_refused_says_why_and_keeps_the_form(desk):
    lab = desk("lab")
    file = io.BytesIO(b"name,result\nx,negative\n")
    file.name = "run.csv"
    answer = lab.send("/laboratory/", file=file, instrument="cycler-1", assay="orf1ab-n")
    assert answer.status_code == 422
    assert "has no column" in answer.content.decode()
    assert 'value="cycler-1"' in answer.content.decode()


def test_a_run_is_imported_and_another_person_confirms_it(desk):
    person = arrive()
    gate, courier, lab = desk("gate"), desk("courier"), desk("lab")
    swab(gate, person)
    courier.send(f"/hand-over/{offer_bag(gate, person)}/", do="accept_all")
    courier.send("/courier/", bag="K-0331", taker="lab-1")
    lab.send(f"/hand-over/{pending(taker='lab-1')[0].handover}/", do="accept_all")
    tube = of_person(person)[0]
    rows = ["plate,well,tube,control,ORF1ab,N,IC", f"P-1,A1,{tube.tube},,,,26.1",
            "P-1,H10,,extraction,,,25", "P-1,H11,,negative,,,", "P-1,H12,,positive,28,27,25"]
    file = io.BytesIO("\n".join(rows).encode())
    file.name = "run.csv"
    answer = lab.send("/laboratory/", file=file, instrument="cycler-1", assay="orf1ab-n")
    assert answer.status_code == 302, answer.content.decode()
    run = re.search(r"/laboratory/run/[0-9a-f-]+/", lab.see("/laboratory/"))[0]
    assert "I am the second reader" not in lab.see(run)
    second = desk("lab2")
    assert "I am the second reader" in second.see(run)
    second.send(run)
    assert of_person(person)[0].result == "negative"


def test_a_finding_is_closed_with_what_came_of_it(desk):
    person = arrive()
    gate = desk("gate")
    gate.send("/gate/people/", person=str(person), taker="coach-01", do="offer")
    desk("crew").send(f"/hand-over/{whereabouts([person])[person].pending}/", do="refuse",
                      line=str(person), reason="no seat")
    found = findings()[0]
    gate.send(f"/finding/{found.id}/", outcome="")
    assert findings()[0].closed_at is None
    gate.send(f"/finding/{found.id}/", outcome="goes with the next coach")
    assert findings() == []
    assert "goes with the next coach" in gate.see(f"/finding/{found.id}/")


def test_the_board_filters_by_its_address_and_its_file_is_the_same_list(desk, clock):
    arrive(1)
    arrive(2, post="post-02")
    clock.forward(hours=2)
    leader = desk("leader")
    page = leader.see("/board/?unit=post-02&overdue=1")
    assert page.count("/duty/") == len(open_duties(clock.now(), unit="post-02", overdue=True))
    answer = leader.client.get("/board.csv?unit=post-02")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) - 1 == len(open_duties(clock.now(), unit="post-02"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "＝1", " =1"])
def test_no_cell_of_an_export_is_a_formula(cell):
    assert sheets.neutral(cell).startswith("'")


def test_an_unchanged_board_costs_nothing(desk):
    gate = desk("gate")
    first = gate.client.get("/board/?part=1")
    again = gate.client.get("/board/?part=1", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    arrive()
    assert gate.client.get("/board/?part=1",
                           headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_first_page_balances_and_each_figure_leads_to_rows(desk):
    arrive(1)
    arrive(2)
    page = desk("leader").see("/")
    assert "2 people in the loop." in page
    assert "Balanced." in page
    for address in re.findall(r'class="figure[^"]*" href="([^"]+)"', page):
        assert desk("leader").see(address)


def test_an_empty_first_page_says_how_to_see_a_full_one(desk):
    leader = desk("leader")
    assert "./run drill --serve" in leader.see("/")
    arrive()
    assert "./run drill --serve" not in leader.see("/")


def test_opening_a_record_is_kept_and_told(desk):
    person = arrive()
    desk("gate").see(f"/person/{person}/")
    assert [look.page for look in ledger.looks(person)] == ["person"]
    assert "post-01" in str(ledger.looks(person))


def test_search_finds_by_document_phone_pinyin_and_plate(desk):
    person = arrive(1)
    screen(now=NOON)
    gate = desk("gate")
    for text in (resident_id(1), "13900000001", "张小二", "zhang xiao er", "zhangxiaoer"):
        answer = gate.client.get("/find/", {"q": text})
        assert answer.get("Location") == f"/person/{person}/", text
    assert gate.client.get("/find/", {"q": "post-02"})["Location"] == "/unit/post-02/"


def test_the_travellers_page_needs_its_link_and_nothing_else(desk, client):
    person = arrive()
    token = link_of(person, NOON)
    page = client.get(f"/c/{token}/", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "You may always" in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert client.get("/c/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert link_of(person, NOON) == token
    assert replace_link(person, NOON) != token
    assert client.get(f"/c/{token}/").status_code == 404


def test_an_objection_is_recorded_in_the_persons_words_and_answered_by_somebody(desk, client):
    person = arrive()
    address = f"/c/{link_of(person, NOON)}/"
    client.post(address, {"text": "I was never there."})
    page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "You objected" in page
    supervisor = desk("leader")
    form = dict(re.findall(r'name="(person|episode|objection)" value="([^"]+)"',
                           supervisor.see("/supervision/")))
    supervisor.send("/supervision/", do="uphold", reason="checked with the hotel", **form)
    page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "You were right." in page
    assert "checked with the hotel" in page


def test_a_plan_that_breaks_a_safety_rule_stays_in_the_form_with_its_reasons(desk):
    person = arrive(1)
    dispatcher = desk("dispatcher")
    crew = desk("crew").staff.pk
    answer = dispatcher.send(
        "/transfer/", do="plan", person=str(person), vehicle="coach-01", driver=str(crew),
        destination="site-1", depart_at="2022-08-21T01:30", arrive_at="2022-08-21T03:00")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "transfer." in page
    assert 'value="2022-08-21T01:30"' in page


def test_people_ride_by_an_accepted_offer_and_a_round_is_said_of_each(desk, clock):
    people = [arrive(n) for n in (1, 2)]
    gate, crew, site = desk("gate"), desk("crew"), desk("site")
    gate.send("/gate/people/", person=[str(p) for p in people], taker="coach-01", do="offer")
    crew.send(f"/hand-over/{whereabouts(people)[people[0]].pending}/", do="accept_all")
    assert "2 people aboard" in crew.see("/transfer/")
    coach = Speaker("coach-01", ["crew"], now=clock.now())
    offered = coach.say("custody.offered", giver="coach-01", taker="site-1", lines=[
        {"subject": p, "holds_by": whereabouts([p])[p].holds_by} for p in people],
        expires_at=NOON + timedelta(hours=1))
    site.send(f"/hand-over/{offered.id}/", do="accept_all")
    assert "2 without a room" in site.see("/site/")
    site.send("/site/", do="room", person=str(people[0]), room="201")
    site.send("/site/?slot=evening", do="round", slot="evening",
              **{f"t-{people[0]}": "36,6", f"t-{people[1]}": "", f"n-{people[1]}": "on"})
    page = site.see("/site/?slot=evening")
    assert "36.6" in page
    assert f'name="t-{people[1]}"' in page, "who gave no answer is asked again"
    assert "2 heads" in site.see("/unit/site-1/heads/")


def test_counties_are_found_by_characters_pinyin_and_initials():
    for typed in ("崖州", "yazhou", "三亚崖州"):
        assert counties.search(typed)[0].code == "460205", typed
    assert counties.county_named("海南省 三亚市 崖州区").code == "460205"
    assert counties.county_named("朝阳区") is None, "several are called so"


def test_the_style_sheet_stays_small_and_is_kept_by_its_digest(client):
    assert len(face.bundle("css").content) < 30_000
    assert "immutable" in client.get(face.address("css"))["Cache-Control"]
    assert client.get("/face/000000000000.css")["Cache-Control"] == "no-cache"


def test_pages_carry_no_script_and_no_style_of_their_own(desk):
    gate = desk("gate")
    for address in ("/", "/gate/", "/board/", "/sampling/", "/help/"):
        page = gate.see(address)
        assert "style=" not in page
        assert re.findall(r"<script(?![^>]* src=)", page) == []
        assert not re.search(r"\son[a-z]+=", page)


def test_the_clock_is_the_countys(desk, clock):
    clock.forward(minutes=7)
    assert (NOON + timedelta(hours=8, minutes=7)).strftime("%H:%M") in desk("gate").see("/help/")
