"""Devices that were not heard, or whose facts are missing, for longer than the packs allow.

Looked for at each tick and said as facts of the system's own, so that the unit's leader sees a
finding; it closes by itself when the device is heard again with nothing missing, or is revoked.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from pratique.duties.reduce_silent import HEARD_AGAIN, REVOKED, SILENT
from pratique.journal.fact import Actor, Envelope
from pratique.journal.record import record
from pratique.kit.ids import new_id
from pratique.kit.sql import in_transaction, reading
from pratique.pathway.queries import device_limits

FOUND_OF_A_TICK_MAX = 500
_encode = msgspec.json.Encoder().encode

_HOLES = ("int8multirange(int8range(least(1, lower(j.received)), upper(j.received))) - j.received")
# Since when facts are missing: since the lowest missing number is the one that it is now.
NOTE_GAPS = f"""
WITH seen AS (
    SELECT j.device, (SELECT lower(h) FROM unnest({_HOLES}) h ORDER BY h LIMIT 1) AS missing
    FROM journal_device j JOIN registry_device d ON d.device = j.device
    WHERE d.public_key IS NOT NULL AND d.revoked_at IS NULL
)
INSERT INTO field_heard AS k (device, gap_first, gap_since)
SELECT s.device, s.missing, CASE WHEN s.missing IS NOT NULL THEN %s::timestamptz END
FROM seen s LEFT JOIN field_heard h ON h.device = s.device
WHERE h.gap_first IS DISTINCT FROM s.missing
ON CONFLICT (device) DO UPDATE SET gap_first = excluded.gap_first, gap_since = excluded.gap_since
"""
_HEARD = """
FROM registry_device d LEFT JOIN journal_device j ON j.device = d.device
LEFT JOIN field_heard k ON k.device = d.device
CROSS JOIN LATERAL (SELECT greatest(d.enrolled_at, j.heard_at, k.heard_at) AS at) heard
"""
SILENT_NOW = f"""
SELECT d.device, d.unit, d.label, late.since,
       coalesce((SELECT sum(upper(h) - lower(h)) FROM unnest({_HOLES}) h), 0)::bigint
{_HEARD}
CROSS JOIN LATERAL (
    SELECT least(CASE WHEN heard.at <= %(since)s THEN heard.at END,
                 CASE WHEN k.gap_since <= %(since)s THEN k.gap_since END)) late(since)
WHERE d.public_key IS NOT NULL AND d.revoked_at IS NULL AND late.since IS NOT NULL
  AND NOT EXISTS (SELECT FROM journal_finding n WHERE n.subject = d.device
                  AND n.code = '{SILENT}' AND (n.closed_at IS NULL OR n.opened_at > late.since))
ORDER BY late.since, d.device LIMIT %(limit)s
"""
SILENT_NO_MORE = f"""
SELECT n.id, d.revoked_at IS NOT NULL
FROM journal_finding n JOIN (SELECT d.device, d.public_key, d.revoked_at, heard.at, k.gap_since
                             {_HEARD}) d ON d.device = n.subject
WHERE n.closed_at IS NULL AND n.code = '{SILENT}'
  AND (d.revoked_at IS NOT NULL OR d.public_key IS NULL
       OR d.at > %(since)s AND d.gap_since IS NULL)
ORDER BY n.id LIMIT %(limit)s
"""


def find_silent(now: datetime) -> int:
    """Say which devices are silent too long, and close what is so no more; how many of both."""
    hours = device_limits(now).silent_hours_max
    asked = {"since": now - timedelta(hours=hours), "limit": FOUND_OF_A_TICK_MAX}
    with in_transaction() as cursor:
        cursor.execute(NOTE_GAPS, (now,))
    with reading() as cursor:
        silent = cursor.execute(SILENT_NOW, asked).fetchall()
        settled = cursor.execute(SILENT_NO_MORE, asked).fetchall()
    facts = [
        _said(now, "duties.device_silent_found", {
            "device": device, "unit": unit, "label": label, "since": since, "missing": missing,
            "limit_hours": hours})
        for device, unit, label, since, missing in silent
    ] + [
        _said(now, "duties.finding_closed", {
            "finding": finding, "outcome": REVOKED if is_revoked else HEARD_AGAIN})
        for finding, is_revoked in settled
    ]
    if not facts:
        return 0
    return record(facts, actor=Actor.system(), now=now, source="tick").counts()["applied"]


def _said(now: datetime, kind: str, body: dict[str, Any]) -> Envelope:
    return Envelope(id=new_id(now), kind=kind, at=now, body=msgspec.Raw(_encode(body)))
