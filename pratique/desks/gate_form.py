"""What is typed or scanned at the gate about one person, read field by field.

Everything entered stays in the form whatever is wrong with it; each error stands at its field.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, get_args
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from pratique.checkpoint.facts import Special
from pratique.checkpoint.queries import Episode
from pratique.desks import counties, times
from pratique.kit.errors import Refusal
from pratique.registry import stays as risk
from pratique.registry.identity import DOCUMENT_KINDS, check_phone, read_document
from pratique.registry.rules import Identity
from pratique.registry.scans import read_scan

LOOKBACK_DAYS = 7
STAYS_MAX = 8
NONE_OF_THEM = "none"
NOT_SAID = "?"
HOME_PROVINCE = "14"
SPECIALS = get_args(Special)
TEXT_FIELDS = ("name", "document_kind", "document", "phone", "address", "destination")
IDENTITY_FIELDS = ("name", "document_kind", "document", "phone", "address")
TIER_ORDER = {"high": 0, "medium": 1, "low": 2}


@dataclass(slots=True)
class StayForm:
    """One stay as the form has it: a county typed, days, and the listed places ticked."""

    number: int
    county: str = ""
    since: str = ""
    until: str = ""
    ticked: list[str] = field(default_factory=list)
    code: str = ""
    places: list[Any] = field(default_factory=list)
    rest: Any = None
    error: str = ""

    @property
    def focus_name(self) -> str:
        return f"stay{self.number}-county"

    @property
    def unlisted(self) -> list[tuple[str, str]]:
        """(key, words) of ticked places that the list in force does not name: still an answer."""
        listed = {NONE_OF_THEM, NOT_SAID, *(area.key for area in self.places)}
        if self.rest:
            listed.add(self.rest.key)
        return [(key, key.rpartition("/")[2]) for key in self.ticked if key not in listed]

    @property
    def ticks_name(self) -> str:
        return f"s{self.number}-none"


@dataclass(slots=True)
class PersonForm:
    """The whole form. `values` as typed; `errors` by field; `stays` at least one.

    outside: the answer whether the person came from outside the province, where it is asked.
    """

    values: dict[str, str] = field(default_factory=dict)
    resident: bool = True
    outside: bool | None = None
    phone_verified: bool = False
    special: list[str] = field(default_factory=list)
    stays: list[StayForm] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    person: UUID | None = None

    def focus(self) -> str:
        """Where the cursor goes: the first error or empty field, else the button."""
        for name in ("name", "document", "phone", "destination"):
            if name in self.errors or not self.values.get(name):
                return name
        for stay in self.stays:
            if not stay.county or not stay.code:
                return stay.focus_name
            if (stay.places or stay.rest) and not stay.ticked:
                return stay.ticks_name
        return "record"


def blank(now: datetime, last: Episode | None) -> PersonForm:
    """An empty form; destination and stays stand there as the person before told them."""
    form = PersonForm(values={"document_kind": "resident_id"})
    if last is not None:
        form.values["destination"] = last.destination or ""
        form.resident = last.resident
        form.stays = _stays_of(last)
    if not form.stays:
        form.stays = [_blank_stay(0, now)]
    return form


def of_episode(episode: Episode, now: datetime) -> PersonForm:
    """An episode's answers as they stand, to be corrected: where from, and every stay."""
    return PersonForm(outside=episode.from_outside_province,
                      stays=_stays_of(episode) or [_blank_stay(0, now)])


def of_identity(identity: Identity | None) -> PersonForm:
    """A person's record as it stands, to be corrected."""
    known = identity or Identity()
    return PersonForm(values={name: getattr(known, name) or "" for name in IDENTITY_FIELDS})


def _stays_of(episode: Episode) -> list[StayForm]:
    """The stays of an episode as a form, those in one county over the same days together."""
    found: dict[tuple[str, date, date], StayForm] = {}
    for stay in episode.stays:
        key = (stay.division, times.local(stay.since).date(), times.local(stay.until).date())
        county = counties.county_of(stay.division)
        form = found.setdefault(key, StayForm(
            len(found), county.label if county else stay.division,
            key[1].isoformat(), key[2].isoformat()))
        form.ticked.append(stay.area or NOT_SAID)
    return list(found.values())


def _blank_stay(number: int, now: datetime) -> StayForm:
    today = times.local(now).date()
    since = today - timedelta(days=LOOKBACK_DAYS)
    return StayForm(number, since=since.isoformat(), until=today.isoformat())


def read(data: QueryDict, now: datetime) -> PersonForm:
    """The form as it was sent, nothing judged yet."""
    form = PersonForm(
        values={name: str(data.get(name, "")).strip() for name in TEXT_FIELDS},
        resident=data.get("resident") == "yes",
        outside={"yes": True, "no": False}.get(data.get("outside", "")),
        phone_verified="phone_verified" in data,
        special=[s for s in data.getlist("special") if s in SPECIALS])
    for number in range(STAYS_MAX):
        name = f"stay{number}"
        if f"{name}-county" in data:
            form.stays.append(StayForm(
                len(form.stays), str(data[f"{name}-county"]).strip(), data.get(f"{name}-since", ""),
                data.get(f"{name}-until", ""), data.getlist(f"{name}-area")))
    if not form.stays:
        form.stays = [_blank_stay(0, now)]
    return form


def another_stay(form: PersonForm, now: datetime) -> None:
    if len(form.stays) < STAYS_MAX:
        form.stays.append(_blank_stay(len(form.stays), now))


def take_scan(form: PersonForm, burst: str, now: datetime) -> bool:
    """Put what a reader typed into its fields; answer whether it was a document."""
    try:
        scan = read_scan(burst, on=times.local(now).date())
    except Refusal as refusal:
        form.errors["scan"] = str(refusal)
        return False
    form.values["document_kind"] = scan.kind
    form.values["document"] = scan.number
    form.values["name"] = scan.name or form.values.get("name", "")
    if not scan.name:
        form.warnings.append(_("The reader gave no name: type it from the card."))
    return True


def take_known(form: PersonForm, identity: Identity | None, last: Episode | None) -> None:
    """What the county knows of this person already fills what is still empty."""
    if identity:
        for name in ("name", "phone", "address"):
            if not form.values.get(name):
                form.values[name] = getattr(identity, name) or ""
    if last and not form.values.get("destination"):
        form.values["destination"] = last.destination or ""


def offer_places(form: PersonForm, now: datetime) -> None:
    """Under each county that is understood, the places that today's list names there."""
    for stay in form.stays:
        county = counties.county_named(stay.county) if stay.county else None
        if county is None:
            found = counties.search(stay.county) if stay.county else []
            if len(found) != 1:
                continue
            county = found[0]
        stay.county, stay.code = county.label, county.code
        tiers = risk.unit_at(county.code, now)
        if tiers:
            stay.places = sorted(tiers.places.values(),
                                 key=lambda area: (TIER_ORDER.get(area.tier, 9), area.text))
            stay.rest = tiers.rest


def check(form: PersonForm, now: datetime, towns: set[str]) -> None:
    """Judge every field; the errors stand in `form.errors` and at the stays."""
    check_identity(form, now)
    values, errors = form.values, form.errors
    if values["destination"] and values["destination"] not in towns:
        errors["destination"] = _("Choose a township of the list.")
    elif not values["destination"]:
        errors["destination"] = _("Where will the person go?")
    check_stays(form, now)


def check_stays(form: PersonForm, now: datetime) -> None:
    for stay in form.stays:
        stay.error = _stay_error(stay, now)


def check_identity(form: PersonForm, now: datetime) -> None:
    """Judge name, document and phone."""
    values, errors = form.values, form.errors
    today = times.local(now).date()
    if not values["name"]:
        errors["name"] = _("Enter the name as the document has it.")
    if values["document_kind"] not in DOCUMENT_KINDS:
        errors["document"] = _("Choose the kind of document.")
    else:
        try:
            values["document"] = read_document(
                values["document_kind"], values["document"], on=today).number
        except Refusal as refusal:
            errors["document"] = str(refusal)
    try:
        values["phone"] = check_phone(values["phone"])
    except Refusal as refusal:
        errors["phone"] = str(refusal)


def _stay_error(stay: StayForm, now: datetime) -> str:
    today = times.local(now).date()
    if not stay.code:
        return _("Choose a county from the suggestions: several or none are called so.")
    since, until = _day(stay.since), _day(stay.until)
    if since is None or until is None:
        return _("Enter both days.")
    if since > until or until > today:
        return _("The first day comes before the last, and the last is not after today.")
    if (stay.places or stay.rest) and not stay.ticked:
        return _("Ask about the listed places, then tick: those, none of them, or cannot say.")
    if len(stay.ticked) > 1 and {NONE_OF_THEM, NOT_SAID} & set(stay.ticked):
        return _("“None” and “cannot say” stand alone.")
    return ""


def is_right(form: PersonForm) -> bool:
    return not form.errors and not any(stay.error for stay in form.stays)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def stays_said(form: PersonForm, now: datetime) -> list[dict[str, Any]]:
    """The stays as a fact says them: one a ticked place."""
    said = []
    for stay in form.stays:
        since, until = _day(stay.since), _day(stay.until)
        assert since is not None and until is not None
        span = {"since": times.at_local(since, time()),
                "until": min(times.at_local(until + times.DAY, time()), now)}
        for area in stay.ticked or [NONE_OF_THEM]:
            said.append({"division": stay.code, "area": None if area == NOT_SAID else area, **span})
    return said


def from_outside(form: PersonForm) -> bool:
    """Whether one of the stays was outside the province."""
    return any(stay.code and not stay.code.startswith(HOME_PROVINCE) for stay in form.stays)


def sealed(form: PersonForm) -> dict[str, Any]:
    """The personal part, as it is sealed."""
    return {name: form.values[name] for name in IDENTITY_FIELDS if form.values[name]}
