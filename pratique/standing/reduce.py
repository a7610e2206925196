"""Standings follow from outcomes. Nobody can type a colour: no kind of fact carries one."""

from collections.abc import Sequence

import msgspec

from pratique.journal.context import Context
from pratique.kit.arrays import Array, bigints, blobs, booleans, documents, moments, texts, uuids
from pratique.pathway.reduce import Evaluated, after_evaluation, digest_of
from pratique.registry.merged import HUMAN

_encode = msgspec.json.Encoder(order="sorted").encode
LATEST = f"""
{HUMAN}
SELECT a.root, s.turn, s.digest FROM asked a
JOIN LATERAL (SELECT turn, digest FROM standing_standing s WHERE s.person = a.root
              ORDER BY turn DESC LIMIT 1) s ON true
"""
STAND = """
INSERT INTO standing_standing (person, turn, episode, batch, recorded_at, pack, version, colour,
    word, shape, label, label_from, reason, params, row, evidence, since, until, "order",
    restrictive, digest)
SELECT person, turn, episode, %s, %s, pack, version, colour, word, shape, label, label_from,
       reason, params::jsonb, row, evidence::uuid[], since, until, "order", restrictive, digest
FROM unnest(%b::uuid[], %b::bigint[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],
            %b::text[], %b::text[], %b::timestamptz[], %b::text[], %b::text[], %b::text[],
            %b::text[], %b::timestamptz[], %b::timestamptz[], %b::uuid[], %b::boolean[],
            %b::bytea[])
     u(person, turn, episode, pack, version, colour, word, shape, label, label_from, reason,
       params, row, evidence, since, until, "order", restrictive, digest)
"""


def look_at_standings(context: Context, persons: Array) -> None:
    context.ask(LATEST, LATEST, (persons,))


@after_evaluation(ahead=look_at_standings)
def stand(context: Context, evaluated: Sequence[Evaluated]) -> None:
    """Write the standings that differ from the person's last one."""
    latest = {row[0]: row[1:] for row in context.answer(LATEST) or ()}
    rows = []
    for one in evaluated:
        turn, before = latest.get(one.known.history.person, (0, b""))
        digest = digest_of((one.known.history.episode, one.outcome.standing))
        if digest != before:
            rows.append((one.known, one.outcome.standing, turn + 1, digest))
    if not rows:
        return
    standings = [s for __, s, *__ in rows]
    context.cursor.execute(STAND, (
        context.batch, context.now, uuids(k.history.person for k, *__ in rows),
        bigints(turn for __, __, turn, __ in rows),
        uuids(k.history.episode for k, *__ in rows), texts(k.pack.id for k, *__ in rows),
        texts(k.version for k, *__ in rows), texts(s.colour for s in standings),
        texts(s.word for s in standings), texts(s.shape for s in standings),
        texts(s.label for s in standings), moments(s.label_from for s in standings),
        texts(s.reason for s in standings),
        documents(_encode(dict(s.params)) for s in standings),
        texts(s.row for s in standings),
        documents(("{" + ",".join(map(str, s.evidence)) + "}").encode() for s in standings),
        moments(s.since for s in standings), moments(s.until for s in standings),
        uuids(s.order for s in standings), booleans(s.restrictive for s in standings),
        blobs(digest for *__, digest in rows)))
