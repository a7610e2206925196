"""The journal's own statements. Each is one statement, whatever the number of facts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import msgspec
import psycopg
from django.utils.translation import gettext_lazy as _

from pratique.journal import vault
from pratique.journal.context import Context
from pratique.journal.fact import Disputed, Envelope, Fact, Parked, Quarantined, Verdict
from pratique.journal.reading import Unread, count_from, leaf_hash, read_envelope
from pratique.kit import seal
from pratique.kit.arrays import Array, bigints, blobs, documents, moments, smallints, texts, uuids
from pratique.kit.sql import ask, one_row

WAITED_FOR_FEW = 100
_REFUSED_BEFORE = _("Refused when it was first sent (%(code)s), and kept aside; that answer stays.")
_OPENING = "journal.opening"
_encoder = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a batch finds when it opens. waited_for None: too much to tell; ask for ids.

    aside: (fact id, digest) of what was quarantined before.
    """

    keys: dict[UUID, bytes | None]
    digests: dict[UUID, bytes]
    aside: set[tuple[UUID, bytes]]
    waited_for: set[UUID] | None


def open_batch(
    context: Context, facts: list[UUID], subjects: list[UUID], keys: list[bytes | None]
) -> Array:
    """Ask to lock the subjects, and for what the batch must know; `opened` has the answer.

    Answers the subjects as they were sent.
    """
    sent = uuids(subjects)
    context.ask(_OPENING, (
        "SELECT what, id, content FROM journal_open(%b::uuid[], %b::uuid[], %b::bytea[], %s)"),
        (uuids(facts), sent, blobs(keys), WAITED_FOR_FEW))
    return sent


def opened(context: Context) -> Opened:
    """The keys of known subjects, the digests of known facts, and what is waited for."""
    known: dict[UUID, bytes | None] = {}
    digests: dict[UUID, bytes] = {}
    aside: set[tuple[UUID, bytes]] = set()
    waited_for: set[UUID] = set()
    for what, id_, content in context.answer(_OPENING) or ():
        match what if isinstance(what, str) else what.decode():
            case "k":
                known[id_] = bytes(content) if content is not None else None
            case "f":
                digests[id_] = bytes(content)
            case "q":
                aside.add((id_, bytes(content)))
            case __:
                waited_for.add(id_)
    few = len(waited_for) <= WAITED_FOR_FEW
    return Opened(known, digests, aside, waited_for if few else None)


def refused_before(
    cursor: psycopg.Cursor, refused: Iterable[tuple[UUID, bytes]]
) -> dict[tuple[UUID, bytes], Quarantined]:
    """Why facts (id, digest) were quarantined when they were first sent."""
    asked = list(refused)
    cursor.execute(
        "SELECT fact, digest, code, rule FROM journal_quarantine "
        "WHERE (fact, digest) IN (SELECT * FROM unnest(%b::uuid[], %b::bytea[]))",
        (uuids(f for f, __ in asked), blobs(d for __, d in asked)))
    return {(fact, bytes(digest)): Quarantined(code, _REFUSED_BEFORE, rule, {"code": code})
            for fact, digest, code, rule in cursor.fetchall()}


PARKED_ON = """
SELECT p.waits_for, f.id, f.kind, f.at, f.by, f.place, f.device, f.seq, f.body, f.box IS NOT NULL,
       f.counted_at
FROM journal_parked p JOIN journal_fact f ON f.id = p.fact
WHERE p.waits_for = ANY(%b) ORDER BY f.id
"""


def parked_on(cursor: psycopg.Cursor, ids: Iterable[UUID]) -> list[tuple[UUID, Fact]]:
    """Facts that wait for any of `ids`, with what they wait for."""
    cursor.execute(PARKED_ON, (uuids(ids),))
    return facts_from_rows(cursor, cursor.fetchall())


def facts_from_rows(cursor: psycopg.Cursor, rows: Sequence[tuple]) -> list[tuple[Any, Fact]]:
    """Rows of (anything, id, kind, at, by, place, device, seq, body, sealed?, counted_at) as facts
    again."""
    sealed_ids = [row[1] for row in rows if row[9]]
    return facts_with_parts(rows, vault.open_boxes(cursor, sealed_ids) if sealed_ids else {})


def facts_with_parts(
    rows: Sequence[tuple], parts: dict[UUID, dict[UUID, vault.Personal]]
) -> list[tuple[Any, Fact]]:
    """The same, with the personal parts opened already."""
    keys = vault.county_keys()
    found = []
    for first, id_, kind, at, by, place, device, seq, body, __, counted_at in rows:
        envelope = Envelope(id=id_, kind=kind, at=at, by=by, place=place, device=device, seq=seq,
                            body=msgspec.Raw(_bytes(body)), sealed=parts.get(id_) or None)
        fact = read_envelope(envelope, None, keys)
        assert isinstance(fact, Fact), f"{id_} was recorded and cannot be read"
        found.append((first, fact if counted_at is None else count_from(fact, counted_at)))
    return found


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else _encoder.encode(body)


_ROWS = """
INSERT INTO journal_fact (id, number, kind, subject, at, recorded_at, by, place, device, seq,
                          body, digest, leaf, box, outcome, counted_at, batch)
SELECT id, {number}, kind, subject, at, %s, by, place,
       device, seq, body::jsonb, digest, leaf, box, outcome, counted_at, %s
FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::uuid[], %b::timestamptz[],
            %b::uuid[], %b::text[], %b::uuid[], %b::bigint[], %b::text[], %b::bytea[],
            %b::bytea[], %b::bytea[], %b::smallint[], %b::timestamptz[])
     u(id, number, kind, subject, at, by, place, device, seq, body, digest, leaf, box, outcome,
       counted_at)
"""
KEEP = _ROWS.format(number="nextval('journal_number')")
# A device says how many facts it has made. When those are here, what it makes afterwards happened
# after it said so: its next word takes the place of the last, and that one is kept as `after`.
_SAID_ALL = (
    "excluded.made_through IS NOT NULL "
    "AND d.received + excluded.received @> coalesce(d.made_through, upper(excluded.received) - 1)")
# first, last: facts of this batch whose rows were kept before, if there are any.
CLOSE = f"""
WITH heard AS (
    INSERT INTO journal_device AS d (device, received, heard_at, made_through, made_at)
    SELECT device, range_agg(int8range(seq, seq, '[]')), %s,
           CASE WHEN max(made) IS NOT NULL THEN greatest(max(made), max(seq)) END,
           CASE WHEN max(made) IS NOT NULL THEN %s END
    FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[]) u(device, seq, made)
    GROUP BY device ORDER BY device
    ON CONFLICT (device) DO UPDATE
    SET received = d.received + excluded.received, heard_at = excluded.heard_at,
        after_number = CASE WHEN {_SAID_ALL} THEN d.made_through ELSE d.after_number END,
        after_at = CASE WHEN {_SAID_ALL} THEN d.made_at ELSE d.after_at END,
        made_through = CASE WHEN {_SAID_ALL} THEN excluded.made_through ELSE d.made_through END,
        made_at = CASE WHEN {_SAID_ALL} THEN excluded.made_at ELSE d.made_at END
), kept AS (
    {_ROWS.format(number="coalesce(number, nextval('journal_number'))")}
    RETURNING number
)
INSERT INTO journal_batch (id, recorded_at, source, device, staff, facts_in, applied, duplicate,
                           parked, disputed, quarantined, first_number, last_number)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
       coalesce((SELECT number FROM journal_fact WHERE id = %s), min(number)),
       coalesce(max(number), (SELECT number FROM journal_fact WHERE id = %s))
FROM kept
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """Facts as the journal keeps them: each with its outcome, its box, and a number or None.

    None: the next number, in the order of `facts`.
    """

    facts: Sequence[Fact]
    outcomes: Sequence[int]
    boxes: Sequence[bytes | None]
    numbers: Sequence[int | None]

    def columns(self, context: Context) -> tuple:
        facts, boxes = self.facts, self.boxes
        return (
            context.now, context.batch,
            uuids([f.id for f in facts]), bigints(self.numbers), texts([f.kind for f in facts]),
            uuids([f.subjects[0] for f in facts]), moments([f.said_at or f.at for f in facts]),
            uuids([f.by for f in facts]), texts([f.place for f in facts]),
            uuids([f.device for f in facts]), bigints([f.seq for f in facts]),
            documents([f.text for f in facts]), blobs([f.digest for f in facts]),
            blobs([leaf_hash(f.head, box, f.at if f.said_at else None) if box is not None
                   else f.leaf for f, box in zip(facts, boxes, strict=True)]),
            blobs(boxes), smallints(self.outcomes),
            # Nearly always none: an empty list is as many NULLs.
            moments([f.at if f.said_at else None for f in facts]
                    if any(f.said_at for f in facts) else ()))


def keep(context: Context, rows: Rows) -> None:
    """Write journal rows before the batch is closed: the server is at work on them meanwhile."""
    context.cursor.execute(KEEP, rows.columns(context))


def close_batch(
    context: Context, source: str, counts: dict[str, int], *, rows: Rows,
    kept: Sequence[Fact], heard: Sequence[Fact | Unread],
) -> None:
    """Write the rest of the journal's rows, the batch's row and the devices' running numbers.

    kept: the facts whose rows were written before, in the order of their numbers.
    """
    numbered = [f for f in heard if f.device is not None and f.seq is not None]
    now, batch = context.now, context.batch
    context.cursor.execute(CLOSE, (
        now, now, uuids([f.device for f in numbered]), bigints([f.seq for f in numbered]),
        bigints(_made(context, numbered)), *rows.columns(context),
        batch, now, source, context.actor.device, context.actor.staff, counts["in"],
        counts["applied"], counts["duplicate"], counts["parked"], counts["disputed"],
        counts["quarantined"], kept[0].id if kept else None, kept[-1].id if kept else None))


def _made(context: Context, numbered: Sequence[Fact | Unread]) -> Sequence[int | None]:
    """How many facts its device says it has made, for each of these; it speaks for itself alone."""
    if not context.speakers and context.actor.made_through is None:
        return ()
    speakers = [context.speakers.get(f.id, context.actor) if f.id else context.actor
                for f in numbered]
    return [by.made_through if by.device == f.device else None
            for f, by in zip(numbered, speakers, strict=True)]


def park(context: Context, waiting: Sequence[tuple[Fact, UUID, Verdict]]) -> None:
    """Facts that go on waiting, each with what it waits for now."""
    rows = [(f, on, v) for f, on, v in waiting if isinstance(v, Parked)]
    if not rows:
        return
    context.cursor.execute(
        "INSERT INTO journal_parked (fact, waits_for, code, rule, place, since) "
        "SELECT u.*, %s FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[]) u "
        "ON CONFLICT (fact) DO UPDATE SET waits_for = excluded.waits_for, code = excluded.code, "
        "rule = excluded.rule",
        (context.now, [f.id for f, __, __ in rows], [on for __, on, __ in rows],
         [v.code for __, __, v in rows], [v.rule for __, __, v in rows],
         [f.place for f, __, __ in rows]))


def take_numbers(cursor: psycopg.Cursor, count: int) -> list[int]:
    """The next `count` numbers of the county's order of application."""
    cursor.execute("SELECT nextval('journal_number') FROM generate_series(1, %s)", (count,))
    return [row[0] for row in cursor.fetchall()]


def settle_later(context: Context, settled: Sequence[tuple[Fact, int, Verdict]]) -> None:
    """Parked facts whose turn came: their numbers are kept, and they wait no more."""
    if not settled:
        return
    outcomes = [2 if isinstance(v, Disputed) else 3 if isinstance(v, Quarantined) else 0
                for __, __, v in settled]
    ids = uuids(f.id for f, __, __ in settled)
    context.cursor.execute(
        "INSERT INTO journal_later (number, fact, outcome, batch) "
        "SELECT number, fact, outcome, %s "
        "FROM unnest(%b::bigint[], %b::uuid[], %b::smallint[]) u(number, fact, outcome)",
        (context.batch, bigints(n for __, n, __ in settled), ids, smallints(outcomes)))
    context.cursor.execute("DELETE FROM journal_parked WHERE fact = ANY(%b)", (ids,))


def whole(fact: Fact) -> bytes:
    """The fact as a sender would send it, for the quarantine."""
    return msgspec.json.encode(Envelope(
        id=fact.id, kind=fact.kind, at=fact.said_at or fact.at, by=fact.by, place=fact.place,
        device=fact.device, seq=fact.seq, body=msgspec.Raw(fact.text), sealed=fact.sealed))


def quarantine(context: Context, unread: Sequence[Unread]) -> None:
    """Keep what was refused, whole and sealed: it may name people."""
    if not unread:
        return
    keys = vault.county_keys()
    ids = [uuid5(context.batch, str(n)) for n in range(len(unread))]
    context.cursor.execute(
        "INSERT INTO journal_quarantine (id, fact, digest, kind, batch, code, rule, params, place, "
        "device, recorded_at, box) "
        "SELECT id, fact, digest, kind, %s, code, rule, params::jsonb, place, device, %s, box "
        "FROM unnest(%b::uuid[], %b::uuid[], %b::bytea[], %b::text[], %b::text[], %b::text[], "
        "%b::text[], %b::text[], %b::uuid[], %b::bytea[]) "
        "u(id, fact, digest, kind, code, rule, params, place, device, box)",
        (context.batch, context.now, ids, [u.id for u in unread],
         [u.digest_with(keys) for u in unread], [u.kind for u in unread],
         [u.verdict.code for u in unread], [u.verdict.rule for u in unread],
         [_params(u.verdict.params) for u in unread], [u.place for u in unread],
         [u.device for u in unread],
         [seal.seal(keys.wrap, i, i, u.raw) for i, u in zip(ids, unread, strict=True)]))


def _params(params: dict[str, Any]) -> str:
    plain = {k: v if isinstance(v, int | float) else str(v) for k, v in params.items()}
    return _encoder.encode(plain).decode().replace("\\u0000", "")


def open_findings(context: Context) -> None:
    """Write the batch's findings; one that is open already under the same id stays as it is."""
    new = {f.id: f for f in context.findings}
    if not new:
        return
    rows = list(new.values())
    context.cursor.execute(
        "INSERT INTO journal_finding (id, fact, code, rule, params, subject, owner, opened_at, "
        "outcome) SELECT id, fact, code, rule, params::jsonb, subject, owner, %s, '' "
        "FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::uuid[], "
        "%b::text[]) u(id, fact, code, rule, params, subject, owner) ON CONFLICT DO NOTHING",
        (context.now, [f.id for f in rows], [f.fact for f in rows], [f.code for f in rows],
         [f.rule for f in rows], [_params(f.params) for f in rows], [f.subject for f in rows],
         [f.owner for f in rows]))


def close_findings(context: Context, closed: Sequence[tuple[UUID, Fact, str]]) -> None:
    """Findings that a fact settled: (finding, fact, outcome), an outcome being a word of code.

    One that this batch itself opened is written first, so that it is opened and closed on record.
    One that is closed already stays as it is.
    """
    if not closed:
        return
    wanted = {finding for finding, __, __ in closed}
    if any(f.id in wanted for f in context.findings):
        open_findings(context)
    context.cursor.execute(
        "UPDATE journal_finding f SET closed_at = %s, closed_by = u.fact, outcome = u.outcome "
        "FROM unnest(%b::uuid[], %b::uuid[], %b::text[]) u(id, fact, outcome) "
        "WHERE f.id = u.id AND f.closed_at IS NULL",
        (context.now, uuids(c[0] for c in closed), uuids(c[1].id for c in closed),
         texts(c[2] for c in closed)))


SHARE = """
SELECT count(*) FROM (
    SELECT FROM journal_subject WHERE id = ANY(%b) ORDER BY id FOR SHARE
) held
"""


def share_locks(context: Context, subjects: Iterable[UUID]) -> None:
    """Hold subjects against a fact *about* them, together with everybody else who only adds.

    A vehicle that comes through a lane and the count of that lane must see one another, while two
    vehicles need not wait for each other. One statement, three where a subject is new.
    """
    ask_share_locks(context, subjects)()


def ask_share_locks(context: Context, subjects: Iterable[UUID]) -> Callable[[], bool]:
    """The same, sent now. Called, it answers whether all were held from then on; a new subject is
    held only from the call on, and what was read in between must be read again.
    """
    new = sorted(set(subjects) - context.locked)
    wanted = uuids(new)
    asked = ask(context.cursor, SHARE, (wanted,)) if new else None

    def held() -> bool:
        if asked is None or one_row(asked)[0] == len(new):
            return True
        context.cursor.execute(
            "INSERT INTO journal_subject (id) SELECT unnest(%b::uuid[]) ON CONFLICT DO NOTHING",
            (wanted,))
        context.cursor.execute(SHARE, (wanted,))
        return False
    return held
