"""Append-only tables, the number sequence, and the statement that opens a batch."""

from django.db import migrations

APPEND_ONLY = [
    "journal_batch", "journal_fact", "journal_later", "journal_quarantine", "journal_seal",
    "journal_sealed",
]

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append_only: what is recorded is never changed or deleted'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$
"""

# Known subjects are locked, sorted; then the new ones get their row, sorted, and the data key
# offered for them. Two batches that bring the same new subject: one waits for the other and starts
# again by the key's own refusal (measured: half the cost of ON CONFLICT, and what is new is nearly
# always new to everybody).
# Answers 'k' known subjects and their keys, 'f' known facts and their digests, 'q' those of facts
# that were refused, 'w' what parked facts wait for (as long as that is little: one row more than
# `p_waits` says that it is not).
OPEN = """
CREATE FUNCTION journal_open(p_facts uuid[], p_subjects uuid[], p_keys bytea[], p_waits bigint)
RETURNS TABLE (what "char", id uuid, content bytea) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    known uuid[];
    wrapped bytea[];
BEGIN
    SELECT coalesce(array_agg(k.id), '{}'), array_agg(k.wrapped_key) INTO known, wrapped FROM (
        SELECT s.id, s.wrapped_key FROM journal_subject s
        WHERE s.id = ANY(p_subjects) ORDER BY s.id FOR UPDATE
    ) k;
    IF cardinality(known) < cardinality(p_subjects) THEN
        INSERT INTO journal_subject (id, wrapped_key)
        SELECT s, k FROM unnest(p_subjects, p_keys) u(s, k) WHERE s NOT IN (SELECT unnest(known));
    END IF;
    RETURN QUERY SELECT 'k'::"char", u.s, u.w FROM unnest(known, wrapped) u(s, w);
    RETURN QUERY
    SELECT 'f'::"char", f.id, f.digest FROM journal_fact f WHERE f.id = ANY(p_facts);
    RETURN QUERY
    SELECT 'q'::"char", q.fact, q.digest FROM journal_quarantine q WHERE q.fact = ANY(p_facts);
    RETURN QUERY
    SELECT DISTINCT 'w'::"char", p.waits_for, NULL::bytea FROM journal_parked p LIMIT p_waits + 1;
END $$
"""


def protect(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ]


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [
        migrations.RunSQL(["CREATE SEQUENCE journal_number AS bigint"],
                          ["DROP SEQUENCE journal_number"]),
        migrations.RunSQL([REFUSE_CHANGE], ["DROP FUNCTION refuse_change()"]),
        migrations.RunSQL([OPEN], ["DROP FUNCTION journal_open(uuid[], uuid[], bytea[], bigint)"]),
        *[
            migrations.RunSQL(
                protect(table),
                [f"DROP TRIGGER {table}_append_only ON {table}"],
            )
            for table in APPEND_ONLY
        ],
    ]
