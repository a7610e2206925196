"""The registry's laws under attack: raw SQL as the application's own role."""

import psycopg
import pytest

from pratique.kit.sql import in_transaction
from pratique.registry import queries
from pratique.registry.reduce_screening import screen
from tests.support import fresh_id

from .conftest import broken_laws
from .said import meet_person, merge
from .test_lists_recorded import publish

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("attack", "law"),
    [
        ("UPDATE registry_risklist SET source = 'rumour'", "append_only|permission denied"),
        ("DELETE FROM registry_riskmembership", "append_only|permission denied"),
        ("UPDATE registry_riskarea SET tier = 'low'", "append_only|permission denied"),
        ("DELETE FROM registry_distinct", "append_only|permission denied"),
        ("UPDATE registry_division SET name = 'x' WHERE code = '14'", "permission denied"),
        ("DELETE FROM registry_division", "permission denied"),
        ("INSERT INTO registry_riskvalidity (area, key, valid_from, valid_until) "
         "SELECT a.area, v.key, v.valid_from + interval '1 s', NULL FROM registry_riskvalidity v "
         "JOIN registry_riskarea a ON a.area <> v.area LIMIT 1", "registry_riskvalidity_one_tier"),
        ("UPDATE registry_riskvalidity SET valid_until = valid_from",
         "registry_risk_validity_order"),
        ("INSERT INTO registry_merge (fact, kept, merged, reason, at, kept_taken, undone_reason) "
         "SELECT gen_random_uuid(), kept, merged, 'x', at, false, '' FROM registry_merge",
         "registry_merge_once"),
        ("UPDATE registry_merge SET kept = merged", "registry_merge_two"),
        ("UPDATE registry_merge SET kept = gen_random_uuid()", "registry_merge_kept_known"),
        ("UPDATE registry_unit SET division = '999999'", "registry_unit_division_known"),
        ("UPDATE registry_unit SET capacity = -1", "registry_unit_capacity"),
        ("INSERT INTO registry_room (site, room, beds, floor, features, opened_by) "
         "VALUES ('site-9', '1', 1, '', '{}', gen_random_uuid())", "registry_room_site_known"),
        ("INSERT INTO registry_duty (staff, role, unit) "
         "VALUES (gen_random_uuid(), 'leader', '')", "registry_duty_staff_known"),
        ("INSERT INTO registry_candidate (first, second, score, strong, reasons, fact, found_at) "
         "SELECT second, first, score, strong, reasons, fact, found_at FROM registry_candidate",
         "registry_candidate_order"),
        ("TRUNCATE registry_person", "permission denied"),
    ],
)
def test_the_database_refuses(attack, law, gate, registrar, epidemiologist):
    people = [meet_person(gate) for _ in range(4)]
    screen(now=gate.now)
    merge(registrar, *people[:2])
    registrar.say("registry.not_duplicate", first=people[2], second=people[3], reason="x")
    if "_risk" in attack:
        publish(epidemiologist, 8)
    with pytest.raises(psycopg.Error, match=law), in_transaction() as cursor:
        cursor.execute(attack)


@pytest.mark.parametrize(
    ("damage", "law"),
    [
        ("UPDATE registry_person SET root = gen_random_uuid()", "registry.roots"),
        ("UPDATE registry_person SET root = person", "registry.merges"),
        ("DELETE FROM registry_trace", "registry.screening"),
        ("DELETE FROM registry_riskvalidity WHERE key LIKE '6101%'", "registry.risk_ranges"),
        ("DELETE FROM registry_zone", "registry.work_list"),
        ("UPDATE registry_unit SET kind = 'crew'", "registry.accounts"),
        ("UPDATE registry_unit SET closed_at = opened_at", "registry.closed_units"),
        ("UPDATE registry_duty SET unit = 'post-99'", "registry.duties"),
    ],
)
def test_prove_sees_what_no_constraint_can_hold(
    damage, law, gate, county, registrar, epidemiologist
):
    people = [meet_person(gate, account="post-01") for _ in range(2)]
    screen(now=gate.now)
    merge(registrar, *people)
    county.say("registry.staff_enrolled", staff=fresh_id(), username="ren", office="x",
               duties=[{"role": "registrar"}])
    if "_risk" in damage or "_zone" in damage:
        publish(epidemiologist, 8)
        assert broken_laws() == []
    with in_transaction() as cursor:
        cursor.execute(damage)
    assert law in [name for name, __ in broken_laws()]


def test_an_erased_person_is_no_longer_found_by_name(gate):
    person = meet_person(gate)
    screen(now=gate.now)
    with in_transaction() as cursor:
        cursor.execute("UPDATE journal_subject SET wrapped_key = NULL WHERE id = %s", (person,))
        cursor.execute("INSERT INTO registry_unscreened (fact, person) "
                       "SELECT first_fact, person FROM registry_person")
    assert queries.identities([person]) == {}
    assert screen(now=gate.now) == (1, 0)
    assert queries.persons_by_name("王小明") == []
    assert broken_laws() == []
