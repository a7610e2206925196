"""The unguessable link to a person's own page: made when it is first asked for, replaceable.

Not derived from facts, because it is drawn at random; only its hash is there to be looked up, and
the link itself lies under the county's key, so that a lost slip can be printed again.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from pratique.journal import vault
from pratique.kit.seal import unwrap_key, wrap_key
from pratique.kit.sql import in_transaction
from pratique.standing.queries import new_link_token


def link_of(person: UUID, now: datetime) -> str:
    """The token of a person's link."""
    keys = vault.county_keys()
    with in_transaction() as cursor:
        cursor.execute("SELECT 1 FROM journal_subject WHERE id = %s FOR UPDATE", (person,))
        cursor.execute("SELECT box FROM standing_link WHERE person = %s AND revoked_at IS NULL "
                       "ORDER BY made_at LIMIT 1", (person,))
        row = cursor.fetchone()
        if row:
            return unwrap_key(keys, person, bytes(row[0])).decode()
        token = new_link_token()
        cursor.execute(
            "INSERT INTO standing_link (token_sha256, person, box, made_at) "
            "VALUES (%s, %s, %b, %s)",
            (hashlib.sha256(token.encode()).hexdigest(), person,
             wrap_key(keys, person, token.encode()), now))
        return token


def replace_link(person: UUID, now: datetime) -> str:
    """A new link; the old ones open nothing any more."""
    with in_transaction() as cursor:
        cursor.execute("UPDATE standing_link SET revoked_at = %s "
                       "WHERE person = %s AND revoked_at IS NULL", (now, person))
    return link_of(person, now)
