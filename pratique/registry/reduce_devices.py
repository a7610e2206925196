"""Devices: enrolled, enrolled anew, revoked."""

from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.kit.arrays import texts
from pratique.kit.ids import unit_subject
from pratique.registry import rights, rules
from pratique.registry.reduce_staff import COUNTY, heard_before, units_above
from pratique.registry.reduce_units import known_units
from pratique.registry.rights import OFFICE, Right

ENROL_DEVICES = """
INSERT INTO registry_device (device, unit, roles, label, token_sha256, public_key, enrolled_at,
                             revoked_at, revoked_reason)
SELECT device, unit, ARRAY(SELECT jsonb_array_elements_text(roles::jsonb)), label, token, key, at,
       NULL, ''
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
            %b::timestamptz[]) u(device, unit, roles, label, token, key, at)
ON CONFLICT (device) DO UPDATE SET unit = excluded.unit, roles = excluded.roles,
    label = excluded.label, token_sha256 = excluded.token_sha256, public_key = excluded.public_key,
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


class _Secrets:
    """Whose tokens and keys there are. A device may not take another's, nor another its name."""

    def __init__(self, context: Context, facts: list[Fact]) -> None:
        bodies = [f.body for f in facts]
        context.cursor.execute(
            "SELECT device, token_sha256, public_key FROM registry_device WHERE device = ANY(%b) "
            "OR token_sha256 = ANY(%b) OR public_key = ANY(%b)",
            ([b.device for b in bodies], texts(b.token_sha256 for b in bodies),
             texts(b.public_key for b in bodies)))
        rows = context.cursor.fetchall()
        self.owners = {secret: device for device, *its in rows for secret in its if secret}
        self.keys: dict[UUID, str | None] = {device: key for device, __, key in rows}

    def check(self, body: Any) -> Verdict:
        secret = body.token_sha256 or body.public_key
        if self.owners.setdefault(secret, body.device) != body.device:
            return Disputed("token_in_use", _("Another device has this token or key."),
                            "registry.device_token", owner=body.unit)
        # Whoever holds an invitation and knows a device's id would otherwise speak in its name.
        if body.public_key and self.keys.get(body.device, body.public_key) != body.public_key:
            return Disputed("device_in_use", _("A device with this id is enrolled already, and "
                                               "this is not its key."),
                            "registry.device_key", owner=body.unit)
        self.keys[body.device] = body.public_key
        return None


def _known_devices(context: Context, facts: list[Fact]) -> Known:
    context.cursor.execute("SELECT device, unit, roles FROM registry_device "
                           "WHERE device = ANY(%b)", ([f.body.device for f in facts],))
    return {device: (unit, roles) for device, unit, roles in context.cursor.fetchall()}


@reduces("registry.device_enrolled")
def enrol_devices(facts: list[Fact], context: Context) -> list[Verdict]:
    """The latest enrolment of a device counts; a revoked one speaks again."""
    before = _known_devices(context, facts)
    reach = _Reach(context, facts, before, [f.body.unit for f in facts])
    secrets = _Secrets(context, facts)
    verdicts = [_check_enrolling(f, reach, before, secrets) for f in facts]
    good = [f for f, v in zip(facts, verdicts, strict=True) if v is None]
    if good:
        bodies = [f.body for f in good]
        context.cursor.execute(ENROL_DEVICES, (
            [b.device for b in bodies], [b.unit for b in bodies],
            [_json.encode(b.roles).decode() for b in bodies], [b.label for b in bodies],
            texts(b.token_sha256 for b in bodies), texts(b.public_key for b in bodies),
            [f.at for f in good]))
        context.happened(b.device for b in bodies)
    return verdicts


def _check_enrolling(
    fact: Fact, reach: _Reach, before: Known, secrets: _Secrets
) -> Verdict:
    body = fact.body
    refused = rules.check_device(body) or reach.check(fact, body.unit, body.roles)
    if not refused and body.device in before:
        refused = reach.check(fact, *before[body.device])
    if refused:
        return refused
    if body.unit not in reach.units:
        return Parked(on=unit_subject(body.unit))
    return secrets.check(body)


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


@reduces("registry.device_heard_out")
def hear_devices_out(facts: list[Fact], context: Context) -> list[Verdict]:
    """Whether the speaker answers for what the device said: for each of the roles that it has."""
    known = _known_devices(context, facts)
    reach = _Reach(context, facts, known, [])
    return [_check_hearing_out(f, reach, known) for f in facts]


def _check_hearing_out(fact: Fact, reach: _Reach, known: Known) -> Verdict:
    refused = rules.check_reason(fact.body.reason)
    if refused:
        return refused
    if not fact.body.facts:
        return rules.bad("no_facts_named", _("Name at least one fact."), "registry.heard_out")
    if fact.body.device not in known:
        return Parked(on=fact.body.device)
    return reach.check(fact, *known[fact.body.device])
