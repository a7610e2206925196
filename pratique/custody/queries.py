"""Reads of the ledger, and its laws for `prove`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pratique.journal.prove import Law
from pratique.kit.sql import reading

PAGE_ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class Balance:
    """opening + came_in - went_out = on_hand, for one account and kind over a span."""

    account: str
    kind: str
    opening: int
    came_in: int
    went_out: int
    on_hand: int


# Counted back from what is held: an account's entries before a moment are what it holds now less
# its entries since (`custody.law_1_balances`). So a day's page reads that day's entries, however
# long the county has worked. Outside gave whatever is inside, and is never counted itself.
BALANCES = """
WITH held AS (
    SELECT account, kind, count(*) AS change FROM custody_holding
    WHERE account <> 'outside' GROUP BY account, kind
), legs AS (
    SELECT account, kind, NULL::timestamptz AS at, change FROM held {of_account}
    UNION ALL SELECT * FROM (SELECT 'outside' AS account, kind, NULL::timestamptz, -change
                             FROM held) o {of_account}
    UNION ALL SELECT taker, kind, at, 1 FROM custody_entry WHERE at >= %(since)s {of_taker}
    UNION ALL SELECT giver, kind, at, -1 FROM custody_entry WHERE at >= %(since)s {of_giver}
), summed AS (
    SELECT account, kind,
           (coalesce(sum(change) FILTER (WHERE at IS NULL), 0)
            - coalesce(sum(change) FILTER (WHERE at >= %(since)s), 0))::bigint AS opening,
           count(*) FILTER (WHERE change > 0 AND at < %(until)s) AS came_in,
           count(*) FILTER (WHERE change < 0 AND at < %(until)s) AS went_out
    FROM legs GROUP BY account, kind
)
SELECT account, kind, opening, came_in, went_out FROM summed
WHERE opening <> 0 OR came_in > 0 OR went_out > 0 ORDER BY account, kind
"""
BALANCES_OF_ALL = BALANCES.format(of_account="", of_taker="", of_giver="")
BALANCES_OF_ONE = BALANCES.format(
    of_account="WHERE account = %(account)s", of_taker="AND taker = %(account)s",
    of_giver="AND giver = %(account)s")


def balances(since: datetime, until: datetime, account: str | None = None) -> list[Balance]:
    """Each account's balance over [since, until), by when things happened.

    An account that had nothing and moved nothing has no row.
    """
    with reading() as cursor:
        cursor.execute(BALANCES_OF_ALL if account is None else BALANCES_OF_ONE,
                       {"since": since, "until": max(since, until), "account": account})
        return [Balance(a, k, o, i, w, o + i - w) for a, k, o, i, w in cursor.fetchall()]


def balances_by_hour(account: str, day: datetime) -> list[tuple[datetime, str, int, int]]:
    """(hour, kind, came in, went out) of one account for the 24 hours from `day`."""
    with reading() as cursor:
        cursor.execute(
            "SELECT date_trunc('hour', at), kind, count(*) FILTER (WHERE taker = %s), "
            "count(*) FILTER (WHERE giver = %s) FROM custody_entry "
            "WHERE at >= %s AND at < %s AND (taker = %s OR giver = %s) GROUP BY 1, 2 ORDER BY 1, 2",
            (account, account, day, day + timedelta(days=1), account, account))
        return cursor.fetchall()


def on_hand() -> list[tuple[str, str, int, int]]:
    """(account, kind, subjects on hand, of these on offer), `outside` left out."""
    with reading() as cursor:
        cursor.execute(
            "SELECT account, kind, count(*), count(pending) FROM custody_holding "
            "WHERE account <> 'outside' GROUP BY account, kind ORDER BY account, kind")
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Flow:
    """How many subjects went from one kind of account to another, and why."""

    giver: str
    taker: str
    kind: str
    why: str
    moved: int


def flows(since: datetime, until: datetime) -> list[Flow]:
    """Moves over [since, until) between kinds of accounts (checkpoint, crew, outside …)."""
    with reading() as cursor:
        cursor.execute(
            "SELECT g.kind, t.kind, e.kind, e.why, count(*) FROM custody_entry e "
            "JOIN custody_account g ON g.code = e.giver JOIN custody_account t ON t.code = e.taker "
            "WHERE e.at >= %s AND e.at < %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            (since, until))
        return [Flow(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Moved:
    """One entry of the ledger, as a list shows it."""

    subject: UUID
    at: datetime
    giver: str
    taker: str
    why: str
    fact: UUID


def entries(
    since: datetime, until: datetime, *, kind: str, giver_kinds: Sequence[str],
    taker_kinds: Sequence[str], limit: int = PAGE_ROWS_MAX,
) -> list[Moved]:
    """Moves over [since, until) between accounts of these kinds, latest first."""
    with reading() as cursor:
        cursor.execute(
            "SELECT e.subject, e.at, e.giver, e.taker, e.why, e.fact FROM custody_entry e "
            "JOIN custody_account g ON g.code = e.giver JOIN custody_account t ON t.code = e.taker "
            "WHERE e.at >= %s AND e.at < %s AND e.kind = %s AND g.kind = ANY(%s) "
            "AND t.kind = ANY(%s) ORDER BY e.at DESC, e.subject LIMIT %s",
            (since, until, kind, list(giver_kinds), list(taker_kinds), limit))
        return [Moved(*row) for row in cursor.fetchall()]


def offered_between(now: datetime) -> list[tuple[str, str, str, int, int]]:
    """(giver's kind, taker's kind, subject's kind, awaiting an answer, of these overdue)."""
    with reading() as cursor:
        cursor.execute(
            "SELECT g.kind, t.kind, h.kind, count(*), count(*) FILTER (WHERE o.expires_at <= %s) "
            "FROM custody_holding h JOIN custody_handover o ON o.id = h.pending "
            "JOIN custody_account g ON g.code = o.giver JOIN custody_account t ON t.code = o.taker "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", (now,))
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Held:
    subject: UUID
    kind: str
    account: str
    holds_by: UUID
    since: datetime
    pending: UUID | None


_HELD = "SELECT subject, kind, account, entry, since, pending FROM custody_holding"


def holdings(account: str, *, after: UUID | None = None, limit: int = PAGE_ROWS_MAX) -> list[Held]:
    """What an account holds, by subject id; page on with `after`."""
    with reading() as cursor:
        cursor.execute(f"{_HELD} WHERE account = %s AND (%s::uuid IS NULL OR subject > %s) "
                       "ORDER BY subject LIMIT %s", (account, after, after, limit))
        return [Held(*row) for row in cursor.fetchall()]


HELD_OF_KINDS = """
SELECT subject, kind, account, entry, since, pending FROM (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY since, subject) AS place
    FROM custody_holding WHERE account = %s) held
JOIN unnest(%s::text[], %s::bigint[]) most(kind, rows) USING (kind)
WHERE place <= rows ORDER BY kind, since, subject
"""


def held_of_kinds(account: str, most: Mapping[str, int]) -> tuple[list[Held], dict[str, int]]:
    """What an account holds, longest held first, so many of each kind; and how many there are."""
    with reading() as cursor:
        cursor.execute("SELECT kind, count(*) FROM custody_holding WHERE account = %s "
                       "GROUP BY kind ORDER BY kind", (account,))
        counts = dict(cursor.fetchall())
        cursor.execute(HELD_OF_KINDS, (account, list(most), list(most.values())))
        return [Held(*row) for row in cursor.fetchall()], counts


def whereabouts(subjects: Sequence[UUID]) -> dict[UUID, Held]:
    """Where each subject is now."""
    with reading() as cursor:
        cursor.execute(f"{_HELD} WHERE subject = ANY(%b)", (list(subjects),))
        return {row[0]: Held(*row) for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Pending:
    """An offer that awaits its answer, with the subjects that do."""

    handover: UUID
    giver: str
    taker: str
    trip: UUID | None
    bag: str | None
    offered_at: datetime
    expires_at: datetime
    subjects: list[UUID]
    kind: str


PENDING = """
SELECT o.id, o.giver, o.taker, o.trip, o.bag, o.offered_at, o.expires_at,
       array_agg(h.subject ORDER BY h.subject), min(h.kind)
FROM custody_holding h JOIN custody_handover o ON o.id = h.pending
WHERE (%s::text IS NULL OR o.taker = %s) AND (%s::text IS NULL OR o.giver = %s)
  AND (%s::timestamptz IS NULL OR o.expires_at <= %s) AND (%s::uuid IS NULL OR o.id > %s)
GROUP BY o.id ORDER BY o.id LIMIT %s
"""


def pending(
    *, taker: str | None = None, giver: str | None = None, expired_at: datetime | None = None,
    after: UUID | None = None, limit: int = PAGE_ROWS_MAX,
) -> list[Pending]:
    """Offers that await an answer, by id (so oldest first); `expired_at`: those overdue then."""
    with reading() as cursor:
        cursor.execute(PENDING, (taker, taker, giver, giver, expired_at, expired_at, after, after,
                                 limit))
        return [Pending(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class OfTrip:
    """A hand-over that belongs to a trip; waiting: its lines that await an answer."""

    handover: UUID
    trip: UUID
    giver: str
    taker: str
    expires_at: datetime
    lines: int
    waiting: int


OF_TRIPS = """
SELECT o.id, o.trip, o.giver, o.taker, o.expires_at, count(*), count(h.subject)
FROM custody_handover o JOIN custody_line l ON l.handover = o.id
LEFT JOIN custody_holding h ON h.subject = l.subject AND h.pending = o.id
WHERE o.taker = ANY(%s) AND o.expires_at >= %s AND o.trip = ANY(%b)
GROUP BY o.id ORDER BY o.id LIMIT %s
"""


def of_trips(
    trips: Sequence[UUID], takers: Sequence[str], since: datetime, limit: int = PAGE_ROWS_MAX
) -> list[OfTrip]:
    """Hand-overs of these trips to these takers, of those that could be answered at `since`."""
    with reading() as cursor:
        cursor.execute(OF_TRIPS, (list(takers), since, list(trips), limit))
        return [OfTrip(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class LineRead:
    """One line of a hand-over. outcome None: it awaits an answer."""

    subject: UUID
    kind: str
    holds_by: UUID
    outcome: str | None
    reason: str
    by: UUID | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class HandoverRead:
    """A hand-over with all its lines, answered ones too."""

    id: UUID
    giver: str
    taker: str
    trip: UUID | None
    bag: str | None
    offered_at: datetime
    expires_at: datetime
    lines: list[LineRead]


def handover(id_: UUID) -> HandoverRead | None:
    """None for an offer that was never heard."""
    with reading() as cursor:
        cursor.execute("SELECT id, giver, taker, trip, bag, offered_at, expires_at "
                       "FROM custody_handover WHERE id = %s", (id_,))
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            "SELECT l.subject, h.kind, l.holds_by, r.outcome, coalesce(r.reason, ''), r.by, r.at "
            "FROM custody_line l JOIN custody_holding h ON h.subject = l.subject "
            "LEFT JOIN custody_resolution r ON r.handover = l.handover AND r.subject = l.subject "
            "WHERE l.handover = %s ORDER BY l.subject", (id_,))
        return HandoverRead(*row, lines=[LineRead(*line) for line in cursor.fetchall()])


@dataclass(frozen=True, slots=True)
class Step:
    """One move in a subject's chain, or an answer that moved nothing."""

    at: datetime
    giver: str
    taker: str
    what: str
    reason: str
    fact: UUID
    handover: UUID | None


def chain(subject: UUID) -> list[Step]:
    """Who gave the subject to whom, and what was offered and refused, in order of time."""
    with reading() as cursor:
        cursor.execute(
            "SELECT at, giver, taker, why, '', fact, handover FROM custody_entry "
            "WHERE subject = %s UNION ALL "
            "SELECT r.at, l.giver, l.taker, r.outcome, r.reason, r.fact, r.handover "
            "FROM custody_resolution r JOIN custody_line l USING (handover, subject) "
            "WHERE subject = %s AND r.outcome <> 'accepted' ORDER BY 1, 6", (subject, subject))
        return [Step(*row) for row in cursor.fetchall()]


def counts_that_differ(limit: int = PAGE_ROWS_MAX) -> list[dict]:
    """Head counts that differ from the ledger and are not explained, newest first."""
    with reading() as cursor:
        cursor.execute(
            "SELECT fact, account, kind, counted, held, source, at FROM custody_count "
            "WHERE counted <> held AND explained = '' ORDER BY at DESC, fact LIMIT %s", (limit,))
        names = ("fact", "account", "kind", "counted", "held", "source", "at")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Shift:
    """A post handed over. counts: (kind, counted, held, explained) of persons, vehicles, tubes."""

    fact: UUID
    account: str
    left_by: UUID
    taken_by: UUID
    at: datetime
    unsent: int
    note: str
    counts: list[tuple[str, int, int, str]]


SHIFTS = """
SELECT s.fact, s.account, s.left_by, s.taken_by, s.at, s.unsent, s.note,
       array_agg(c.kind ORDER BY c.kind), array_agg(c.counted ORDER BY c.kind),
       array_agg(c.held ORDER BY c.kind), array_agg(c.explained ORDER BY c.kind)
FROM (SELECT * FROM custody_shift WHERE account = %s ORDER BY at DESC, fact DESC LIMIT %s) s
JOIN custody_count c ON c.fact = s.fact
GROUP BY s.fact, s.account, s.left_by, s.taken_by, s.at, s.unsent, s.note
ORDER BY s.at DESC, s.fact DESC
"""


def shifts(account: str, limit: int = PAGE_ROWS_MAX) -> list[Shift]:
    """How an account went from shift to shift, latest first."""
    with reading() as cursor:
        cursor.execute(SHIFTS, (account, limit))
        return [Shift(*row[:7], counts=list(zip(*row[7:], strict=True)))
                for row in cursor.fetchall()]


LAWS = (
    Law("custody.law_1_one_account",
        "Each subject's holding is where its chain of entries ends.",
        "SELECT h.subject FROM custody_holding h WHERE NOT EXISTS (SELECT FROM custody_entry e "
        "WHERE e.subject = h.subject AND e.fact = h.entry AND e.taker = h.account AND NOT EXISTS "
        "(SELECT FROM custody_entry n WHERE n.subject = e.subject AND n.previous = e.fact))"),
    Law("custody.law_1_all_held", "Every subject of the ledger has its holding.",
        "SELECT subject FROM custody_entry EXCEPT SELECT subject FROM custody_holding"),
    Law("custody.law_1_sums_to_zero",
        "Over all accounts, outside included, entries in - entries out = on hand, and the "
        "subjects inside are exactly those that outside gave and has not got back.",
        "SELECT * FROM (SELECT coalesce(e.account, h.account) AS account, coalesce(e.net, 0) "
        "AS net, coalesce(h.held, 0) AS held, CASE WHEN coalesce(e.account, h.account) = "
        "'outside' THEN (SELECT count(*) FROM custody_holding) ELSE 0 END AS born FROM ("
        "SELECT account, sum(change) AS net FROM (SELECT taker AS account, 1 AS change "
        "FROM custody_entry UNION ALL SELECT giver, -1 FROM custody_entry) legs GROUP BY 1) e "
        "FULL JOIN (SELECT account, count(*) AS held FROM custody_holding GROUP BY 1) h "
        "ON h.account = e.account) b WHERE net + born <> held"),
    Law("custody.law_1_balances",
        "What an account holds of a kind is what its entries brought in less what they took out; "
        "balances are counted back from it.",
        "SELECT account, kind, sum(change) FROM (SELECT taker AS account, kind, 1 AS change "
        "FROM custody_entry UNION ALL SELECT giver, kind, -1 FROM custody_entry "
        "UNION ALL SELECT account, kind, -1 FROM custody_holding WHERE account <> 'outside' "
        "UNION ALL SELECT 'outside', kind, 1 FROM custody_holding WHERE account <> 'outside') l "
        "GROUP BY account, kind HAVING sum(change) <> 0"),
    Law("custody.law_2_chain", "Each entry's giver took the subject by the entry before it.",
        "SELECT e.subject, e.fact FROM custody_entry e LEFT JOIN custody_entry p "
        "ON p.subject = e.subject AND p.fact = e.previous WHERE CASE "
        "WHEN e.previous = '00000000-0000-0000-0000-000000000000' THEN e.giver <> 'outside' "
        "ELSE p.taker IS DISTINCT FROM e.giver END"),
    Law("custody.law_2_accepted_moves",
        "A line was accepted exactly where an entry of its hand-over moved its subject.",
        "SELECT r.handover, r.subject FROM custody_resolution r LEFT JOIN custody_entry e "
        "ON e.handover = r.handover AND e.subject = r.subject "
        "WHERE (r.outcome = 'accepted') <> (e.fact IS NOT NULL)"),
    Law("custody.law_2_resolved_line", "Only lines that were offered are resolved.",
        "SELECT r.handover, r.subject FROM custody_resolution r LEFT JOIN custody_line l "
        "USING (handover, subject) WHERE l.holds_by IS NULL"),
    Law("custody.law_2_pending", "What awaits an answer is exactly what was offered and has none.",
        "SELECT l.handover, l.subject FROM custody_line l LEFT JOIN custody_resolution r "
        "USING (handover, subject) LEFT JOIN custody_holding h ON h.subject = l.subject "
        "AND h.pending = l.handover WHERE (r.outcome IS NULL) <> (h.subject IS NOT NULL)"),
    Law("custody.law_3_limits", "Limited accounts count what they hold and what is offered.",
        "SELECT a.code FROM custody_account a LEFT JOIN (SELECT account, count(*) AS held "
        "FROM custody_holding WHERE kind = 'person' GROUP BY 1) h ON h.account = a.code "
        "LEFT JOIN (SELECT l.taker, count(*) AS offered FROM custody_holding p JOIN custody_line l "
        "ON l.handover = p.pending AND l.subject = p.subject WHERE p.kind = 'person' GROUP BY 1) o "
        "ON o.taker = a.code WHERE a.capacity IS NOT NULL AND (a.on_hand <> coalesce(h.held, 0) "
        "OR a.offered_in <> coalesce(o.offered, 0) OR a.on_hand + a.offered_in > a.capacity)"),
    Law("custody.law_4_facts", "Every entry, line and resolution names a fact of the journal.",
        "SELECT e.fact FROM (SELECT fact FROM custody_entry UNION SELECT handover "
        "FROM custody_line UNION SELECT fact FROM custody_resolution) e "
        "LEFT JOIN journal_fact f ON f.id = e.fact WHERE f.id IS NULL"),
    Law("custody.shifts_are_counted",
        "Every change of shift has its three counts: persons, vehicles, specimens.",
        "SELECT s.fact FROM custody_shift s LEFT JOIN custody_count c ON c.fact = s.fact "
        "GROUP BY s.fact HAVING count(c.kind) <> 3"),
    Law("custody.law_11_one_way",
        "Between two custodians a subject moves by an accepted hand-over, or by a correction.",
        "SELECT subject, fact FROM custody_entry WHERE handover IS NULL AND giver <> 'outside' "
        "AND taker <> 'outside' AND why NOT IN ('correction', 'merge')"),
)
