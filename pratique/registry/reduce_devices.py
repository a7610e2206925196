"""Devices: enrolled, enrolled anew, revoked."""

from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.ids import unit_subject
from pratique.registry import rights, rules
from pratique.registry.reduce_staff import COUNTY, heard_before, units_above
from pratique.registry.reduce_units import known_units
from pratique.registry.rights import OFFICE, Right

ENROL_DEVICES = """
INSERT INTO registry_device (device, unit, roles, label, token_sha256, enrolled_at, revoked_at,
                             revoked_reason)
SELECT device, unit, ARRAY(SELECT jsonb_array_elements_text(roles::jsonb)), label, token, at,
       NULL, ''
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[])
     u(device, unit, roles, label, token, at)
ON CONFLICT (device) DO UPDATE SET unit = excluded.unit, roles = excluded.roles,
    label = excluded.label, token_sha256 = excluded.token_sha256,
    enrolled_at = excluded.enrolled_at, revoked_at = NULL, revoked_reason = ''
"""
WORKING = "gate_officer"  # any role that whoever keeps a unit gives there
_json = msgspec.json.Encoder(order="sorted")
Known = dict[UUID, tuple[str, list[str]]]
"""{device: (unit, roles)} of the devices that there are."""


class _Reach:
    """Whether the speaker may give and take the rights of these devices."""

    def __init__(
        self, context: Context, facts: list[Fact], devices: Known, more: list[str]
    ) -> None:
        units = [*more, *(unit for unit, __ in devices.values())]
        self.speaker_of = context.speaker_of
        self.units = known_units(context, units)
        self.above = units_above(context, units)
        self.trusted = heard_before(context, facts)

    def check(self, fact: Fact, unit: str, roles: list[str]) -> Verdict:
        if fact.id in self.trusted:
            return None
        kind = self.units.get(unit, ("", False))[0]
        # Whoever speaks for an office speaks for the whole county.
        where = COUNTY if kind == OFFICE else unit
        wanted: list[Right] = [(role, where) for role in roles]
        return rights.check_rights(self.speaker_of(fact), wanted, self.above)


def _known_devices(context: Context, facts: list[Fact]) -> Known:
    context.cursor.execute("SELECT device, unit, roles FROM registry_device "
                           "WHERE device = ANY(%b)", ([f.body.device for f in facts],))
    return {device: (unit, roles) for device, unit, roles in context.cursor.fetchall()}


@reduces("registry.device_enrolled")
def enrol_devices(facts: list[Fact], context: Context) -> list[Verdict]:
    """The latest enrolment of a device counts; a revoked one speaks again."""
    before = _known_devices(context, facts)
    reach = _Reach(context, facts, before, [f.body.unit for f in facts])
    context.cursor.execute(
        "SELECT token_sha256, device FROM registry_device WHERE token_sha256 = ANY(%b)",
        ([f.body.token_sha256 for f in facts],))
    tokens: dict[str, UUID] = dict(context.cursor.fetchall())
    verdicts = [_check_enrolling(f, reach, before, tokens) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        bodies = [f.body for f in good]
        context.cursor.execute(ENROL_DEVICES, (
            [b.device for b in bodies], [b.unit for b in bodies],
            [_json.encode(b.roles).decode() for b in bodies], [b.label for b in bodies],
            [b.token_sha256 for b in bodies], [f.at for f in good]))
        context.happened(b.device for b in bodies)
    return verdicts


def _check_enrolling(
    fact: Fact, reach: _Reach, before: Known, tokens: dict[str, UUID]
) -> Verdict:
    body = fact.body
    refused = rules.check_device(body) or reach.check(fact, body.unit, body.roles)
    if not refused and body.device in before:
        refused = reach.check(fact, *before[body.device])
    if refused:
        return refused
    if body.unit not in reach.units:
        return Parked(on=unit_subject(body.unit))
    if tokens.setdefault(body.token_sha256, body.device) != body.device:
        return Disputed("token_in_use", _("Another device has this token."),
                        "registry.device_token", owner=body.unit)
    return None


@reduces("registry.device_revoked")
def revoke_devices(facts: list[Fact], context: Context) -> list[Verdict]:
    known = _known_devices(context, facts)
    reach = _Reach(context, facts, known, [])
    verdicts = [_check_revoking(f, reach, known) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    context.cursor.execute(
        "UPDATE registry_device d SET revoked_at = u.at, revoked_reason = u.reason "
        "FROM unnest(%b::uuid[], %b::timestamptz[], %b::text[]) u(device, at, reason) "
        "WHERE d.device = u.device AND d.revoked_at IS NULL",
        ([f.body.device for f in good], [f.at for f in good], [f.body.reason for f in good]))
    return verdicts


def _check_revoking(fact: Fact, reach: _Reach, known: Known) -> Verdict:
    """A stolen device is stopped by whoever keeps its unit, whatever its roles are."""
    refused = rules.check_reason(fact.body.reason)
    if refused:
        return refused
    if fact.body.device not in known:
        return Parked(on=fact.body.device)
    return reach.check(fact, known[fact.body.device][0], [WORKING])
