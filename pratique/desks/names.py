"""Names for what the pages mention, asked for once a request and in sets."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from pratique.desks import queries, times
from pratique.registry import queries as registry
from pratique.specimens import queries as chain


class Names:
    """What a page calls units, people, vehicles and tubes.

    `want_people` and its sisters fetch in sets; asking for a name that was not wanted fetches it
    alone, so a page that forgets is slow and not wrong.
    """

    def __init__(self) -> None:
        self._units: dict[str, registry.Unit] | None = None
        self._people: dict[UUID, str] = {}
        self._staff: dict[UUID, str] = {}
        self._plates: dict[UUID, str] = {}
        self._tubes: dict[UUID, str] = {}

    def units(self) -> dict[str, registry.Unit]:
        if self._units is None:
            self._units = {unit.code: unit for unit in registry.units()}
        return self._units

    def unit(self, code: str | None) -> str:
        """The unit's name in the reader's language, or its code."""
        if not code:
            return _("The whole county")
        found = self.units().get(code)
        if found is None:
            return code
        return found.name_zh if times.is_chinese() else found.name_en

    def word(self, text: str) -> str:
        """The name of a unit whose code this is; any other text as it is."""
        return self.unit(text) if text in self.units() else text

    def units_of(self, *kinds: str) -> list[registry.Unit]:
        return [u for u in self.units().values() if u.kind in kinds and u.is_open]

    def want_people(self, people: Iterable[UUID | None]) -> None:
        missing = {p for p in people if p} - self._people.keys()
        if missing:
            found = registry.identities(missing)
            for who in missing:
                identity = found.get(who)
                self._people[who] = (identity.name if identity else "") or _nameless(who)

    def person(self, who: UUID) -> str:
        self.want_people([who])
        return self._people[who]

    def want_staff(self, staff: Iterable[UUID | None]) -> None:
        missing = {s for s in staff if s} - self._staff.keys()
        if missing:
            found = queries.staff_names(missing)
            self._staff.update({s: found.get(s) or _nameless(s) for s in missing})

    def staff(self, who: UUID) -> str:
        """A member of staff by user name and office."""
        self.want_staff([who])
        return self._staff[who]

    def want_plates(self, vehicles: Iterable[UUID | None]) -> None:
        missing = {v for v in vehicles if v} - self._plates.keys()
        if missing:
            found = registry.plates(missing)
            self._plates.update({v: found.get(v, _nameless(v)) for v in missing})

    def plate(self, vehicle: UUID) -> str:
        self.want_plates([vehicle])
        return self._plates[vehicle]

    def want_tubes(self, specimens: Iterable[UUID | None]) -> None:
        missing = {s for s in specimens if s} - self._tubes.keys()
        if missing:
            found = chain.tubes(missing)
            self._tubes.update({
                s: found[s].tube if s in found else _nameless(s) for s in missing})

    def tube(self, specimen: UUID) -> str:
        self.want_tubes([specimen])
        return self._tubes[specimen]

    def want(self, kind: str, subjects: Iterable[UUID]) -> None:
        {"person": self.want_people, "vehicle": self.want_plates,
         "specimen": self.want_tubes}[kind](subjects)

    def subject(self, kind: str, who: UUID) -> str:
        return {"person": self.person, "vehicle": self.plate, "specimen": self.tube}[kind](who)


def _nameless(who: UUID) -> str:
    return _("unnamed %(tail)s") % {"tail": str(who)[-4:]}
