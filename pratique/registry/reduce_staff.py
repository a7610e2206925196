"""Staff: enrolled, given and relieved of roles, locked and unlocked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.ids import unit_subject
from pratique.kit.sql import in_transaction
from pratique.registry import rights, rules
from pratique.registry.reduce_units import known_units
from pratique.registry.rights import LAST_REGISTRAR, REGISTRAR, SYSTEM, Right

COUNTY = ""
REGISTRARS = unit_subject("registrars")  # locked by whatever could take away the last one

ENROL_STAFF = """
INSERT INTO registry_enrolment (staff, username, office, fact, enrolled_at, locked_at,
                                locked_reason)
SELECT *, NULL::timestamptz, ''
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::uuid[], %b::timestamptz[])
ON CONFLICT (staff) DO UPDATE SET username = excluded.username, office = excluded.office,
    fact = excluded.fact, enrolled_at = excluded.enrolled_at
"""
# The account keeps its password when its duties change; "!" is a password that nothing equals.
ACCOUNTS = """
INSERT INTO registry_staff (id, username, password, last_login, is_active)
SELECT staff, username, '!', NULL, true FROM unnest(%b::uuid[], %b::text[]) u(staff, username)
ON CONFLICT (id) DO UPDATE SET username = excluded.username
"""
GIVE = """
INSERT INTO registry_duty (staff, role, unit)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[]) ON CONFLICT DO NOTHING
"""
END = """
DELETE FROM registry_duty d USING unnest(%b::uuid[], %b::text[], %b::text[]) u(staff, role, unit)
WHERE d.staff = u.staff AND d.role = u.role AND d.unit = u.unit
"""
LOCK = """
UPDATE registry_enrolment e SET locked_at = u.at, locked_reason = u.reason
FROM unnest(%b::uuid[], %b::timestamptz[], %b::text[]) u(staff, at, reason)
WHERE e.staff = u.staff AND e.locked_at IS NULL
"""
UNLOCK = """
UPDATE registry_enrolment SET locked_at = NULL, locked_reason = '' WHERE staff = ANY(%b)
"""
SIGN_INS = "UPDATE registry_staff SET is_active = %s WHERE id = ANY(%b)"
ABOVE = """
WITH RECURSIVE up (unit, over) AS (
    SELECT code, parent FROM registry_unit WHERE code = ANY(%b)
    UNION SELECT up.unit, u.parent FROM up JOIN registry_unit u ON u.code = up.over)
SELECT unit, array_agg(over) FROM up WHERE over IS NOT NULL GROUP BY unit
"""
WAITED = "SELECT fact FROM journal_parked WHERE fact = ANY(%b)"
COUNTY_REGISTRARS = """
SELECT d.staff FROM registry_duty d JOIN registry_enrolment e ON e.staff = d.staff
WHERE d.role = %s AND d.unit = '' AND e.locked_at IS NULL
"""


def units_above(context: Context, codes: Iterable[str]) -> dict[str, frozenset[str]]:
    """The units above each of `codes`, up to the top."""
    context.cursor.execute(ABOVE, (sorted({code for code in codes if code}),))
    return {unit: frozenset(over) for unit, over in context.cursor.fetchall()}


def heard_before(context: Context, facts: list[Fact]) -> set[UUID]:
    """Facts that waited: their speaker's rights were looked at when they were first heard, and
    the batch that wakes them is somebody else's."""
    if SYSTEM in context.actor.roles:
        return {fact.id for fact in facts}
    context.cursor.execute(WAITED, ([fact.id for fact in facts],))
    return {fact for (fact,) in context.cursor.fetchall()}


@dataclass
class _Roll:
    """What is known of the staff whom some facts are about, kept up from fact to fact."""

    context: Context
    rights: dict[UUID, set[Right]]
    known: set[UUID]
    units: dict[str, tuple[str, bool]]
    above: dict[str, frozenset[str]]
    trusted: set[UUID]
    registrars: set[UUID]

    def check(self, fact: Fact, changed: Iterable[Right]) -> Verdict:
        """Whether the speaker may give and end these rights."""
        if fact.id in self.trusted:
            return None
        return rights.check_rights(self.context.speaker_of(fact), sorted(changed), self.above)

    def check_leaving(self, staff: UUID) -> Verdict:
        """Whether a registrar is left when this one no longer is; then it no longer counts."""
        if self.registrars == {staff}:
            return LAST_REGISTRAR
        self.registrars.discard(staff)
        return None


def _read_roll(context: Context, facts: list[Fact], changes: Iterable[Right]) -> _Roll:
    """Six statements, whatever the number of facts."""
    context.locks([REGISTRARS])
    cursor, staff = context.cursor, [fact.body.staff for fact in facts]
    held: dict[UUID, set[Right]] = defaultdict(set)
    cursor.execute("SELECT staff, role, unit FROM registry_duty WHERE staff = ANY(%b)", (staff,))
    for who, role, unit in cursor.fetchall():
        held[who].add((role, unit))
    cursor.execute("SELECT staff FROM registry_enrolment WHERE staff = ANY(%b)", (staff,))
    known = {who for (who,) in cursor.fetchall()}
    cursor.execute(COUNTY_REGISTRARS, (REGISTRAR,))
    registrars = {who for (who,) in cursor.fetchall()}
    units = {unit for __, unit in changes} | {unit for has in held.values() for __, unit in has}
    return _Roll(context, held, known, known_units(context, units), units_above(context, units),
                 heard_before(context, facts), registrars)


# Enrolling ----------------------------------------------------------------------------------------


def _rights_of(fact: Fact) -> set[Right]:
    return {(duty.role, duty.unit or COUNTY) for duty in fact.body.duties}


@reduces("registry.staff_enrolled")
def enrol_staff(facts: list[Fact], context: Context) -> list[Verdict]:
    """The latest enrolment of a person counts: it replaces the office and all duties."""
    roll = _read_roll(context, facts, {right for fact in facts for right in _rights_of(fact)})
    names = [f.body.username for f in facts]
    context.cursor.execute(
        "SELECT username, staff FROM registry_enrolment WHERE username = ANY(%b)", (names,))
    owners: dict[str, UUID] = dict(context.cursor.fetchall())
    verdicts = [_check_enrolment(f, roll, owners) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        _write_staff(context, good)
    return verdicts


def _check_enrolment(fact: Fact, roll: _Roll, owners: dict[str, UUID]) -> Verdict:
    body = fact.body
    refused = rules.check_staff(body) or rules.check_identity((fact.sealed or {}).get(body.staff))
    held, wanted = roll.rights[body.staff], _rights_of(fact)
    refused = refused or roll.check(fact, held | wanted) or _check_own(fact, roll, wanted - held)
    if refused:
        return refused
    if owners.setdefault(body.username, body.staff) != body.staff:
        return Disputed("username_taken", _("Somebody else has the user name “%(name)s”."),
                        "registry.username", {"name": body.username})
    for __, unit in wanted:
        if unit and unit not in roll.units:
            return Parked(on=unit_subject(unit))
    if (REGISTRAR, COUNTY) in held - wanted and (left := roll.check_leaving(body.staff)):
        return left
    roll.rights[body.staff] = wanted
    return None


def _check_own(fact: Fact, roll: _Roll, fresh: set[Right]) -> Verdict:
    speaker = roll.context.speaker_of(fact).staff
    if fresh and fact.id not in roll.trusted and speaker == fact.body.staff:
        return rules.bad("own_right", _("Nobody gives themselves a role; somebody else must."),
                         "registry.rights")
    return None


def _write_staff(context: Context, facts: list[Fact]) -> None:
    staff = [f.body.staff for f in facts]
    names = [f.body.username for f in facts]
    context.cursor.execute(ENROL_STAFF, (
        staff, names, [f.body.office for f in facts], [f.id for f in facts],
        [f.at for f in facts]))
    context.cursor.execute(ACCOUNTS, (staff, names))
    context.cursor.execute("DELETE FROM registry_duty WHERE staff = ANY(%b)", (staff,))
    _write(context, GIVE, [(f.body.staff, right) for f in facts for right in _rights_of(f)])
    context.happened(staff)


def _write(context: Context, statement: str, changes: Iterable[tuple[UUID, Right]]) -> None:
    rows = sorted(set(changes))
    context.cursor.execute(statement, (
        [staff for staff, __ in rows], [role for __, (role, _unit) in rows],
        [unit for __, (_role, unit) in rows]))


# Roles, one by one --------------------------------------------------------------------------------


def _right_of(fact: Fact) -> Right:
    return fact.body.role, fact.body.unit or COUNTY


@reduces("registry.role_given")
def give_roles(facts: list[Fact], context: Context) -> list[Verdict]:
    roll = _read_roll(context, facts, map(_right_of, facts))
    verdicts = [_check_giving(f, roll) for f in facts]
    _write(context, GIVE, [(f.body.staff, _right_of(f))
                           for f, v in zip(facts, verdicts, strict=True) if v is None])
    return verdicts


def _check_giving(fact: Fact, roll: _Roll) -> Verdict:
    body, right = fact.body, _right_of(fact)
    refused = (rules.check_reason(body.reason) or roll.check(fact, [right])
               or _check_own(fact, roll, {right}))
    if refused:
        return refused
    if right[1] and right[1] not in roll.units:
        return Parked(on=unit_subject(right[1]))
    if body.staff not in roll.known:
        return Parked(on=body.staff)
    held = roll.rights[body.staff]
    if len(held | {right}) > rules.DUTIES_MAX:
        return rules.TOO_MANY_DUTIES
    held.add(right)
    return None


@reduces("registry.role_ended")
def end_roles(facts: list[Fact], context: Context) -> list[Verdict]:
    roll = _read_roll(context, facts, map(_right_of, facts))
    verdicts = [_check_ending(f, roll) for f in facts]
    _write(context, END, [(f.body.staff, _right_of(f))
                          for f, v in zip(facts, verdicts, strict=True) if v is None])
    return verdicts


def _check_ending(fact: Fact, roll: _Roll) -> Verdict:
    body, right = fact.body, _right_of(fact)
    refused = rules.check_reason(body.reason) or roll.check(fact, [right])
    if refused:
        return refused
    if body.staff not in roll.known:
        return Parked(on=body.staff)
    held = roll.rights[body.staff]
    if right not in held:
        return Disputed("role_not_held", _("This role is not held there, or has been ended."),
                        "registry.role_ended")
    if right == (REGISTRAR, COUNTY) and (left := roll.check_leaving(body.staff)):
        return left
    held.discard(right)
    return None


# Locking ------------------------------------------------------------------------------------------


@reduces("registry.staff_locked")
def lock_staff(facts: list[Fact], context: Context) -> list[Verdict]:
    """Nobody signs in as these people; who was locked before keeps that time and reason."""
    roll = _read_roll(context, facts, ())
    verdicts = [_check_locking(f, roll) or roll.check_leaving(f.body.staff) for f in facts]
    good = {f.body.staff: f for f, v in zip(facts, verdicts, strict=True) if v is None}
    context.cursor.execute(LOCK, (
        list(good), [f.at for f in good.values()], [f.body.reason for f in good.values()]))
    context.cursor.execute(SIGN_INS, (False, list(good)))
    return verdicts


@reduces("registry.staff_unlocked")
def unlock_staff(facts: list[Fact], context: Context) -> list[Verdict]:
    roll = _read_roll(context, facts, ())
    verdicts = [_check_locking(f, roll) for f in facts]
    good = [f.body.staff for f, v in zip(facts, verdicts, strict=True) if v is None]
    context.cursor.execute(UNLOCK, (good,))
    context.cursor.execute(SIGN_INS, (True, good))
    return verdicts


def _check_locking(fact: Fact, roll: _Roll) -> Verdict:
    """Whoever locks or unlocks somebody may give and end each of their roles."""
    staff = fact.body.staff
    refused = rules.check_reason(fact.body.reason) or roll.check(fact, roll.rights[staff])
    return refused or (None if staff in roll.known else Parked(on=staff))


def set_password(staff: UUID, encoded: str) -> bool:
    """Give a sign-in account the password hash `encoded` (`make_password`); whether it is there.

    No fact: a password is nobody's business but its owner's.
    """
    with in_transaction() as cursor:
        cursor.execute(
            "UPDATE registry_staff SET password = %s WHERE id = %s", (encoded, staff))
        return cursor.rowcount == 1
