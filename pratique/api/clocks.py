"""Clocks of devices: which moment counts, where a device's clock may be wrong (docs/adr/0016).

A call says what its device would write as the present moment, and how many facts it has made. The
door takes the difference to its own time off what the facts say, and believes the rest as far as
it is possible: not after now, and not before the device said that it had not made the fact yet.
What is impossible counts from when it was heard, which gains nobody anything.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest

from pratique.journal.fact import Fact
from pratique.journal.reading import SEQ_MAX, Unread, count_from
from pratique.registry.rules import CLOCK_OFF_SECONDS_MAX

HEADER = "Pratique-Device"
HEADER_LENGTH_MAX = 200
TOLERANCE = timedelta(seconds=CLOCK_OFF_SECONDS_MAX)
OFF_SECONDS_MAX = 10**11  # three thousand years: enough for any clock, and no number overflows
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Said:
    """What a call says of its device's time, each None where it does not.

    entries_off, clock_off: by how much what it writes, and its own clock, are ahead of the
    server's.
    made_through: the highest running number that it has given to a fact. steady_from: since the
    fact with this number its clock has gone on without a break, so what it is off now it was then.
    """

    entries_off: timedelta | None = None
    clock_off: timedelta | None = None
    made_through: int | None = None
    steady_from: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the server knows of a device's time before a call.

    entries_off, clock_off: as last compared; None: never. after: (number, moment) pairs, latest
    first: facts above the number were made after the moment.
    """

    entries_off: timedelta | None = None
    clock_off: timedelta | None = None
    after: Sequence[tuple[int, datetime]] = ()

    def made_after(self, seq: int | None) -> datetime | None:
        """The latest moment that is known to lie before a fact with this running number."""
        if seq is None:
            return None
        return next((moment for number, moment in self.after if seq > number), None)


NOTHING_SAID = Said()
NOTHING_KNOWN = Known()


def said_by(request: HttpRequest, now: datetime) -> Said:
    """`Pratique-Device: time=<ms>, clock=<ms>, made=<number>, steady=<number>`, ms since 1970.

    A part that is missing or no number is as if it had not been said.
    """
    header = request.headers.get(HEADER, "")[:HEADER_LENGTH_MAX]
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    return Said(_ahead(_number(parts.get("time")), now), _ahead(_number(parts.get("clock")), now),
                _running(parts.get("made")), _running(parts.get("steady")))


def _running(text: str | None) -> int | None:
    number = _number(text)
    return number if number is not None and 0 <= number < SEQ_MAX else None


def _number(text: str | None) -> int | None:
    digits = (text or "").removeprefix("-")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 17
    return int(text or "") if is_number else None


def _ahead(ms: int | None, now: datetime) -> timedelta | None:
    if ms is None:
        return None
    off = ms / 1000 - (now - _EPOCH).total_seconds()
    return timedelta(seconds=max(-OFF_SECONDS_MAX, min(off, OFF_SECONDS_MAX)))


def counted(
    said_at: datetime, after: datetime | None, off: timedelta, now: datetime, *,
    steady: bool = False,
) -> tuple[datetime | None, bool]:
    """(The moment that counts, whether what was said can be); None: it counts as said.

    after: it was made after that. off: how far the device's time is ahead now; steady: it was so
    when this was written. Where that is not known the clock was off then, or it was right and has
    been set since: of the two moments that are possible the later one counts.
    """
    moments = [] if steady and abs(off) > TOLERANCE else [said_at]
    if abs(off) > TOLERANCE:
        with suppress(OverflowError):
            moments.append(said_at - off)
    possible = [moment for moment in moments if moment <= now + TOLERANCE
                and (after is None or moment >= after - TOLERANCE)]
    if not possible:
        return now, False
    moment = max(possible)
    if moment == said_at:
        return None, True
    return max(min(moment, now), min(after, now) if after else moment), True


def count_all(
    facts: Sequence[Fact | Unread], device: UUID, said: Said, known: dict[UUID, Known],
    now: datetime,
) -> int:
    """Give each fact of a call the moment that counts; answers how many said what cannot be.

    known: of the call's device, and of those whose facts it carries. A carried fact's clock is not
    here to be compared: it is believed where it was right when it last was, else the fact counts
    from when it was heard.
    """
    not_believed = 0
    for fact in facts:
        if not isinstance(fact, Fact) or fact.device is None:
            continue
        its = known.get(fact.device, NOTHING_KNOWN)
        if fact.device == device:
            moment, is_possible = counted(
                fact.at, its.made_after(fact.seq), said.entries_off or timedelta(), now,
                steady=_is_steady(fact, said))
        elif _was_right(its):
            moment, is_possible = counted(fact.at, its.made_after(fact.seq), timedelta(), now)
        else:
            is_possible = abs(fact.at - now) <= TOLERANCE
            moment = None if is_possible else now
        not_believed += not is_possible
        if moment is not None:
            count_from(fact, moment)
    return not_believed


def _is_steady(fact: Fact, said: Said) -> bool:
    return (said.steady_from is not None and fact.seq is not None
            and fact.seq >= said.steady_from)


def _was_right(known: Known) -> bool:
    return known.entries_off is not None and abs(known.entries_off) <= TOLERANCE


def is_news(said: Said, known: Known, not_believed: int) -> bool:
    """Whether the registry has to hear of this comparison: rarely more than once a device."""
    return not_believed > 0 or any(
        new is not None and (old is None or abs(new - old) > TOLERANCE or _sides(new, old))
        for new, old in ((said.entries_off, known.entries_off), (said.clock_off, known.clock_off)))


def _sides(new: timedelta, old: timedelta) -> bool:
    """Right now and wrong before, or the other way round."""
    return (abs(new) > TOLERANCE) != (abs(old) > TOLERANCE)
