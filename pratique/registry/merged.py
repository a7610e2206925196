"""One human being under several ids, in SQL: what was said of any of them counts for all.

A merge changes who a record goes on under and nothing that was said of it; so whoever asks about a
person asks about everybody who goes on under the same root. Both pieces use indexes of
`registry_person` that hold nobody but those who were merged.
"""

# asked ids (%b) -> whole(person = as asked, root, one = each id of the same human being)
HUMAN = """
WITH asked AS (
    SELECT a.person, coalesce(p.root, a.person) AS root
    FROM unnest(%b::uuid[]) a(person)
    LEFT JOIN registry_person p ON p.person = a.person AND p.root <> p.person
), whole AS (
    SELECT person, root, root AS one FROM asked
    UNION ALL
    SELECT a.person, a.root, m.person FROM asked a
    JOIN registry_person m ON m.root = a.root AND m.root <> m.person
)
"""


def same_as(column: str) -> str:
    """An SQL array of the ids of the human being whom `column` names, itself among them."""
    return (f"ARRAY(SELECT {column} UNION SELECT b.person FROM registry_person a "
            "JOIN registry_person b ON b.person = a.root OR b.root <> b.person AND b.root = a.root "
            f"WHERE a.person = {column})")
