"""Reads of the health code, and its laws for `prove`."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec

from pratique.journal.prove import Law
from pratique.kit.arrays import uuids
from pratique.kit.sql import reading
from pratique.protocol.pack import shipped
from pratique.registry.merged import HUMAN

_params = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Code:
    """What a person may do at a moment. `lapsed`: it ran out, and is shown as "none"."""

    person: UUID
    turn: int
    episode: UUID
    recorded_at: datetime
    pack: str
    version: str
    colour: str
    word: str
    shape: str
    label: str | None
    label_from: datetime | None
    reason: str
    params: str
    row: str
    evidence: list[UUID]
    since: datetime
    until: datetime | None
    order: UUID | None
    restrictive: bool
    lapsed: bool = False

    def sentence(self, language: str) -> str:
        """The reason in words, in `language` ("zh-hans" or "en")."""
        pack = shipped()[self.pack]
        return pack.sentence(self.reason, tuple(_params.decode(self.params).items()), language)

    def said(self, language: str) -> str:
        """The code's word, in `language`."""
        return shipped()[self.pack].word(self.word, language)

    def label_at(self, now: datetime) -> str | None:
        """The mark beside the colour (an overdue test) where it shows at `now`."""
        shows = self.label and self.label_from is not None and self.label_from <= now
        return self.label if shows else None


_COLUMNS = ", ".join(f's."{name}"' for name in (
    "person", "turn", "episode", "recorded_at", "pack", "version", "colour", "word", "shape",
    "label", "label_from", "reason", "params", "row", "evidence", "since", "until", "order",
    "restrictive"))


def _at(code: Code, now: datetime) -> Code:
    """A code that has run out is "none": a hollow ring, never green."""
    if code.until is None or code.until > now:
        return code
    return replace(code, colour="none", word="colour.none", shape="ring", restrictive=False,
                   lapsed=True)


def codes_of(persons: Iterable[UUID], now: datetime) -> dict[UUID, Code]:
    """Each person's code at `now`; whoever has none is not there and is shown as "none".

    Whoever was merged has the code of the record under which they go on.
    """
    with reading() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (u.id) u.id, {_COLUMNS} FROM unnest(%b::uuid[]) u(id) "
            "LEFT JOIN registry_person r ON r.person = u.id "
            "JOIN standing_standing s ON s.person = coalesce(r.root, u.id) "
            "ORDER BY u.id, s.turn DESC", (uuids(persons),))
        return {row[0]: _at(Code(*row[1:]), now) for row in cursor.fetchall()}


def code_story(person: UUID) -> list[Code]:
    """Every code that a person has had, under whatever id, oldest first."""
    with reading() as cursor:
        cursor.execute(
            f"{HUMAN} SELECT {_COLUMNS} FROM whole w JOIN standing_standing s "
            "ON s.person = w.one ORDER BY s.recorded_at, s.person, s.turn", (uuids([person]),))
        return [Code(*row) for row in cursor.fetchall()]


def public_counts(now: datetime) -> list[tuple[str, str, int]]:
    """(colour, row of the rule, persons) of everyone inside the loop: no names in it."""
    with reading() as cursor:
        cursor.execute(
            "SELECT CASE WHEN s.until <= %s THEN 'none' ELSE s.colour END, s.row, count(*) "
            "FROM custody_holding h JOIN LATERAL (SELECT colour, row, until FROM standing_standing "
            "s WHERE s.person = h.subject ORDER BY turn DESC LIMIT 1) s ON true "
            "WHERE h.kind = 'person' AND h.account <> 'outside' GROUP BY 1, 2 ORDER BY 1, 2",
            (now,))
        return cursor.fetchall()


def person_of_link(token: str) -> UUID | None:
    """Whose page an unguessable link opens; None for an unknown or revoked one."""
    with reading() as cursor:
        cursor.execute("SELECT person FROM standing_link WHERE token_sha256 = %s "
                       "AND revoked_at IS NULL", (hashlib.sha256(token.encode()).hexdigest(),))
        row = cursor.fetchone()
        return row[0] if row else None


def link_hashes(persons: Iterable[UUID]) -> dict[UUID, str]:
    """SHA-256 of the token on each person's slip, so that a scan of it is known again."""
    with reading() as cursor:
        cursor.execute(
            "SELECT u.id, l.token_sha256 FROM unnest(%b::uuid[]) u(id) "
            "LEFT JOIN registry_person r ON r.person = u.id "
            "JOIN standing_link l ON l.person = coalesce(r.root, u.id) "
            "WHERE l.revoked_at IS NULL ORDER BY u.id, l.made_at", (uuids(persons),))
        return dict(cursor.fetchall())


def new_link_token() -> str:
    """128 random bits for a person's link."""
    return secrets.token_urlsafe(16)


LAWS = (
    Law("standing.law_5", "No restrictive standing without rule, evidence, order and end.",
        "SELECT person, turn FROM standing_standing WHERE restrictive AND (until IS NULL OR "
        '"order" IS NULL OR cardinality(evidence) = 0 OR reason = \'\')'),
    Law("standing.order_in_force", "A restrictive standing's order was in force when it began.",
        'SELECT s.person, s.turn FROM standing_standing s LEFT JOIN pathway_order o ON o."order" = '
        's."order" WHERE s.restrictive AND (o."order" IS NULL OR s.until > o.until '
        "OR s.since < o.since)"),
    Law("standing.evidence_exists", "Evidence is made of facts of the journal.",
        "SELECT s.person, s.turn FROM standing_standing s WHERE EXISTS (SELECT FROM "
        "unnest(s.evidence) f(id) LEFT JOIN journal_fact j USING (id) WHERE j.id IS NULL)"),
    Law("standing.turns_follow", "A person's standings are numbered without a hole.",
        "SELECT person FROM standing_standing GROUP BY person HAVING max(turn) <> count(*)"),
    Law("standing.unknown_is_not_green", "Missing data never gives green by itself.",
        "SELECT s.person, s.turn FROM standing_standing s JOIN pathway_decision d "
        "ON d.episode = s.episode AND d.batch = s.batch "
        "WHERE d.measure = 'unknown' AND s.colour = 'green'"),
)
