"""The ledger's laws, held by the database itself (docs/reference/laws.md tells each in words).

Every function names its tables in its own county's schema (kit.laws), so that it needs no search
path, and runs as the owner, so that the application's role needs no right to write what is booked here.
Each trigger works once a statement on all its rows, whatever their number.
"""

from django.db import migrations

from pratique.kit.laws import CountySQL

NIL = "'00000000-0000-0000-0000-000000000000'"

# Laws 1 and 2: the giver is the present holder, the chain goes on from its last entry, and a
# subject is born once, from outside. A move between two custodians exists only as an accepted
# hand-over, or as a correction or merge with its reason.
BOOK_ENTRIES = f"""
CREATE FUNCTION custody_book_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    booked bigint;
    wanted bigint;
BEGIN
    WITH moved AS (
        UPDATE COUNTY.custody_holding h
        SET account = f.taker, entry = f.fact, since = f.at, pending = NULL
        FROM fresh f LEFT JOIN COUNTY.custody_resolution r
          ON r.handover = f.handover AND r.subject = f.subject AND r.outcome = 'accepted'
        WHERE f.previous <> {NIL} AND h.subject = f.subject AND h.entry = f.previous
          AND h.account = f.giver AND h.kind = f.kind AND h.pending IS NOT DISTINCT FROM f.handover
          AND (f.handover IS NULL OR r.handover IS NOT NULL)
        RETURNING 1
    ), born AS (
        INSERT INTO COUNTY.custody_holding (subject, kind, account, entry, since, pending)
        SELECT subject, kind, taker, fact, at, NULL FROM fresh
        WHERE previous = {NIL} AND giver = 'outside' AND handover IS NULL
        RETURNING 1
    ), counted AS (
        UPDATE COUNTY.custody_account a SET on_hand = a.on_hand + d.change
        FROM (SELECT code, sum(change) AS change FROM (
                SELECT taker AS code, 1 AS change FROM fresh WHERE kind = 'person'
                UNION ALL SELECT giver, -1 FROM fresh WHERE kind = 'person') legs
              GROUP BY code) d
        WHERE a.code = d.code AND a.capacity IS NOT NULL
    )
    SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM born),
           (SELECT count(*) FROM fresh)
    INTO booked, wanted;
    IF booked <> wanted THEN
        RAISE EXCEPTION 'custody_giver_holds: the giver does not hold % of % subjects',
            wanted - booked, wanted
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'custody_giver_holds';
    END IF;
    RETURN NULL;
END $$
"""

# Laws 2 and 3: an offer names what its giver holds, nothing of it is on offer already, and the
# taker's limit is tested now, so that accepting can never break it.
BOOK_LINES = """
CREATE FUNCTION custody_book_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    booked bigint;
    wanted bigint;
BEGIN
    WITH offered AS (
        UPDATE COUNTY.custody_holding h SET pending = f.handover
        FROM fresh f JOIN COUNTY.custody_handover o
          ON o.id = f.handover AND o.giver = f.giver AND o.taker = f.taker
        WHERE h.subject = f.subject AND h.entry = f.holds_by AND h.account = f.giver
          AND h.pending IS NULL
        RETURNING h.kind, f.taker
    ), limited AS (
        UPDATE COUNTY.custody_account a SET offered_in = a.offered_in + d.persons
        FROM (SELECT taker, count(*) AS persons FROM offered WHERE kind = 'person'
              GROUP BY taker) d
        WHERE a.code = d.taker AND a.capacity IS NOT NULL
    )
    SELECT (SELECT count(*) FROM offered), (SELECT count(*) FROM fresh)
    INTO booked, wanted;
    IF booked <> wanted THEN
        RAISE EXCEPTION 'custody_one_pending: % of % subjects are not the giver''s to offer',
            wanted - booked, wanted
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'custody_one_pending';
    END IF;
    RETURN NULL;
END $$
"""

# Laws 2 and 11: a line is resolved once, by its key; accepting it is what moves the subject.
RESOLVE = """
CREATE FUNCTION custody_resolve() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    awaited bigint;
    wanted bigint;
BEGIN
    WITH open AS (
        SELECT h.subject, h.kind, h.entry, l.giver, l.taker, f.handover, f.outcome, f.fact,
               f.at, f.recorded_at
        FROM fresh f
        JOIN COUNTY.custody_line l ON l.handover = f.handover AND l.subject = f.subject
        JOIN COUNTY.custody_holding h ON h.subject = f.subject AND h.pending = f.handover
    ), freed AS (
        UPDATE COUNTY.custody_account a SET offered_in = a.offered_in - d.persons
        FROM (SELECT taker, count(*) AS persons FROM open WHERE kind = 'person'
              GROUP BY taker) d
        WHERE a.code = d.taker AND a.capacity IS NOT NULL
    ), kept AS (
        UPDATE COUNTY.custody_holding h SET pending = NULL
        FROM open o WHERE h.subject = o.subject AND o.outcome <> 'accepted'
    ), moved AS (
        INSERT INTO COUNTY.custody_entry (subject, previous, fact, kind, giver, taker, why,
                                        handover, at, recorded_at)
        SELECT subject, entry, fact, kind, giver, taker, 'accepted', handover, at, recorded_at
        FROM open WHERE outcome = 'accepted'
    )
    SELECT (SELECT count(*) FROM open), (SELECT count(*) FROM fresh)
    INTO awaited, wanted;
    IF awaited <> wanted THEN
        RAISE EXCEPTION 'custody_resolved_once: % of % lines do not await an answer',
            wanted - awaited, wanted
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'custody_resolved_once';
    END IF;
    RETURN NULL;
END $$
"""

APPEND_ONLY = ["custody_entry", "custody_handover", "custody_line", "custody_resolution"]


def after_insert(table: str, function: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_booked AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    ]


class Migration(migrations.Migration):
    dependencies = [("custody", "0001_initial"), ("journal", "0002_laws")]
    operations = [
        CountySQL([BOOK_ENTRIES],
                          ["DROP FUNCTION custody_book_entries()"]),
        CountySQL([BOOK_LINES], ["DROP FUNCTION custody_book_lines()"]),
        CountySQL([RESOLVE], ["DROP FUNCTION custody_resolve()"]),
        migrations.RunSQL(after_insert("custody_entry", "custody_book_entries"),
                          ["DROP TRIGGER custody_entry_booked ON custody_entry"]),
        migrations.RunSQL(after_insert("custody_line", "custody_book_lines"),
                          ["DROP TRIGGER custody_line_booked ON custody_line"]),
        migrations.RunSQL(after_insert("custody_resolution", "custody_resolve"),
                          ["DROP TRIGGER custody_resolution_booked ON custody_resolution"]),
        *[
            migrations.RunSQL(
                [f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                 "FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
                [f"DROP TRIGGER {table}_append_only ON {table}"],
            )
            for table in APPEND_ONLY
        ],
        migrations.RunSQL(
            ["ALTER TABLE custody_entry ADD CONSTRAINT custody_entry_one_way CHECK ("
             "handover IS NOT NULL OR giver = 'outside' OR taker = 'outside' "
             "OR why IN ('correction', 'merge'))"],
            ["ALTER TABLE custody_entry DROP CONSTRAINT custody_entry_one_way"],
        ),
    ]
