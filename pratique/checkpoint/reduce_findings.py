"""Findings that follow a state: opened by the fact that makes it so, closed by one that ends it.
"""

from typing import Any
from uuid import UUID

from pratique.journal.context import Context
from pratique.journal.fact import Fact
from pratique.journal.store import close_findings


class Toggle:
    """Opens and closes findings of one call; what it closes is written at the end, in one go."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._closed: list[tuple[UUID, Fact, str]] = []

    def to(
        self, wanted: bool, finding: UUID | None, fact: Fact, code: str, rule: str,
        params: dict[str, Any], *, subject: UUID, owner: str, outcome: str,
    ) -> UUID | None:
        """The finding that is open after `fact`, given the one that was before it (or None)."""
        if wanted and finding is None:
            return self._context.find(fact, code, rule, params, subject=subject, owner=owner)
        if not wanted and finding is not None:
            self._closed.append((finding, fact, outcome))
            return None
        return finding

    def write(self) -> None:
        close_findings(self._context, self._closed)
