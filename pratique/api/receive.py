"""From raw facts to receipts: whose they are, record(), and what to do when one of them breaks it.

A call is one batch. What may not come through this device is kept aside in the same batch; the
facts beside it are recorded. Should a fact make a reducer fail in a way nobody thought of, the
batch is halved until that fact is alone, and it is kept aside as `not_understood`: a device is
never left with a call that it can neither send nor drop.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

import msgspec
import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import unavailable
from pratique.api.clocks import NOTHING_KNOWN, NOTHING_SAID, Known, Said, count_all, is_news
from pratique.api.devices import Device, RevokedDevice, devices_beside
from pratique.api.together import Call, Received, Together
from pratique.api.turns import FACTS_WITHOUT_TURN_MAX, Turns
from pratique.api.watermark import marks
from pratique.journal import vault
from pratique.journal.fact import Actor, Envelope, Fact, Quarantined, Receipt
from pratique.journal.reading import FACT_BYTES_MAX, SEQ_MAX, Reading, Unread, read
from pratique.journal.record import record, record_read
from pratique.journal.store import whole
from pratique.kit.collection import paused
from pratique.kit.ids import new_id
from pratique.kit.seal import CountyKeys

SOURCE = "api"
KIND_LENGTH_MAX = 80
SEVERAL = Actor(frozenset())  # has no rights of its own: each fact is judged by its speaker's
_log = logging.getLogger("pratique.api")
_envelopes = msgspec.json.Decoder(Envelope)

LIMIT_EXCEEDED = "54"  # SQLSTATE class: a value too large for an index, not a busy server

REVOKED = Quarantined(
    "device_revoked", _("This device has been revoked; what it sends is kept aside and shown."),
    "api.device_revoked")
NO_DEVICE = Quarantined(
    "device_not_named", _("A fact sent by a device names the device that made it."),
    "api.device_named")
STRANGER = Quarantined(
    "device_elsewhere", _("That device is not enrolled at this unit; its facts come by its own "
                          "unit's devices."), "api.device_at_unit")
TOO_LARGE = Quarantined("fact_too_large", _("A fact has at most %(most)s bytes."),
                        "journal.size", {"most": FACT_BYTES_MAX})
NOT_UNDERSTOOD = Quarantined(
    "not_understood", _("This fact could not be worked on; it is kept aside, and those who look "
                        "after the system have been told."), "api.not_understood")


@dataclass(frozen=True, slots=True)
class _Voices:
    """Who speaks in a batch: one, or of several each for their own facts."""

    actor: Actor
    speakers: dict[UUID, Actor] = field(default_factory=dict)


def receive(
    raw: Sequence[msgspec.Raw | bytes], actor: Actor, now: datetime, said: Said = NOTHING_SAID
) -> Received:
    """Record what a device sent; a receipt for each, in order. Raises Refused when busy.

    said: what the call says of its device's time.

    A call that is large waits for its turn before it is read, or is told when to come back.
    """
    assert actor.device is not None
    if not raw:  # a greeting: the device has nothing to say, and was heard
        for hear in _greeted:
            hear(actor.device, now)
        _tell_clock(actor, said, 0, now)
        return Received(None, (), marks([actor.device])[actor.device])
    if len(raw) <= max(FACTS_WITHOUT_TURN_MAX, settings.FACTS_OF_A_SMALL_CALL_MAX):
        return _received(raw, actor, now, said)
    with _turns.turn():
        return _received(raw, actor, now, said)


def _received(
    raw: Sequence[msgspec.Raw | bytes], actor: Actor, now: datetime, said: Said
) -> Received:
    assert actor.device is not None
    with paused(len(raw)):
        door = _Door(actor, vault.county_keys())
        facts = [door.read(bytes(each)) for each in raw]
        _tell_clock(actor, said, count_all(facts, actor.device, said, door.clocks, now), now)
        speaker = actor if said.made_through is None else replace(
            actor, made_through=said.made_through)
        return _together.receive(Call(facts, speaker, now))


def _tell_clock(actor: Actor, said: Said, not_believed: int, now: datetime) -> None:
    """What is new about a device's clock is a fact of its own, recorded before the device's.

    A revoked device's facts have no effect, so its clock concerns nobody.
    """
    if not isinstance(actor, Device) or isinstance(actor, RevokedDevice):
        return
    if not is_news(said, actor.clock, not_believed):
        return
    offs = {name: round(off.total_seconds()) for name, off in (
        ("entries_off_s", said.entries_off), ("clock_off_s", said.clock_off)) if off is not None}
    try:
        record([{"id": str(new_id(now)), "kind": "registry.clock_compared", "at": now.isoformat(),
                 "place": actor.unit, "body": {"device": str(actor.device),
                                               "not_believed": not_believed, **offs}}],
               actor=Actor.system(), now=now, source=SOURCE)
    except Exception as error:
        if _is_busy(error):
            raise unavailable() from error
        raise


def record_aside(raw: Sequence[bytes], actor: Actor, now: datetime) -> Sequence[Receipt]:
    """Record what was kept aside before, in the voice of the device that said it: `actor`.

    A receipt for each, in order; whoever calls this has asked whether it may be. Raises Refused.
    """
    door = _Door(actor, vault.county_keys())
    facts = [door.read(each) for each in raw]
    return _record_or_halve(facts, _Voices(actor), now)[1] if facts else ()


@dataclass(frozen=True, slots=True)
class Vouched:
    """A fact that came through somebody else's hands.

    speaker: whose word it is, or the verdict by which it is kept aside: what it says of its device
    and running number is then nobody's word.
    """

    raw: bytes
    speaker: Actor | Quarantined


def receive_vouched(
    vouched: Sequence[Vouched], now: datetime
) -> tuple[UUID | None, Sequence[Receipt]]:
    """Record facts, each with the rights of its own speaker, as one batch.

    (batch, a receipt for each in order). Raises Refused when busy.
    """
    if not vouched:
        return None, ()
    keys, voices = vault.county_keys(), _Voices(SEVERAL)
    facts: list[Fact | Unread] = []
    for each in vouched:
        if isinstance(each.speaker, Quarantined):
            facts.append(_aside(each.raw, _envelope(each.raw), each.speaker, is_own=False))
            continue
        fact = _Door(each.speaker, keys).read(each.raw)
        if isinstance(fact, Fact):
            voices.speakers.setdefault(fact.id, each.speaker)
        facts.append(fact)
    # Its maker's clock is not here to be compared: as with what one device carries for another.
    clocks = {each.speaker.device: each.speaker.clock for each in vouched
              if isinstance(each.speaker, Device) and each.speaker.device is not None}
    count_all(facts, None, NOTHING_SAID, clocks, now)
    return _record_or_halve(facts, voices, now)


def _record(calls: Sequence[Call]) -> list[Received]:
    """One batch of all that several devices sent, cut into an answer for each."""
    voices = _Voices(calls[0].actor if len(calls) == 1 else SEVERAL)
    for call in calls:
        for fact in call.facts:
            if isinstance(fact, Fact):  # sent twice at once, the first is the one that counts
                voices.speakers.setdefault(fact.id, call.actor)
    batch, receipts = _record_or_halve([fact for call in calls for fact in call.facts], voices,
                                       max(call.now for call in calls))
    devices = [call.actor.device for call in calls if call.actor.device is not None]
    known, told = marks(set(devices)), iter(receipts)
    return [Received(batch, list(islice(told, len(call.facts))), known[device])
            for call, device in zip(calls, devices, strict=True)]


_together = Together(_record)
_greeted: list[Callable[[UUID, datetime], None]] = []


def after_greeting(hear: Callable[[UUID, datetime], None]) -> None:
    """`hear(device, now)` is called when a device greets: it has no facts to send, and was heard.

    For a room that stands beside this one and may not be imported here.
    """
    _greeted.append(hear)
_turns = Turns()


class _Door:
    """Reads one call's facts, and says which of them may not come through this device."""

    def __init__(self, actor: Actor, keys: CountyKeys) -> None:
        self.actor = actor
        self.keys = keys
        self._beside: dict[UUID, Known] | None = None

    def read(self, raw: bytes) -> Fact | Unread:
        envelope = _envelope(raw)
        refused = self._refused(raw, envelope)
        if refused is not None:
            # A stranger's running number is its word only: it must not close another device's gap;
            # nor does what a revoked one says of another device.
            is_counted = refused is not REVOKED or (
                envelope is not None and envelope.device == self.actor.device)
            return _aside(raw, envelope, refused, is_own=refused not in (STRANGER, NO_DEVICE),
                          is_counted=is_counted)
        try:
            return read(raw if envelope is None else envelope, self.actor, self.keys)
        except (ValueError, OverflowError, RecursionError, MemoryError) as error:
            return _aside(raw, envelope, Quarantined(
                "malformed", _("The fact does not fit the form of its kind: %(why)s."),
                "journal.schema", {"why": type(error).__name__}))
        except Exception:
            _log.exception("a fact could not be read")
            return _aside(raw, envelope, NOT_UNDERSTOOD)

    def _refused(self, raw: bytes, envelope: Envelope | None) -> Quarantined | None:
        if isinstance(self.actor, RevokedDevice):
            return REVOKED
        if len(raw) > FACT_BYTES_MAX:
            return TOO_LARGE
        if envelope is None:
            return None
        if envelope.device is None:
            return NO_DEVICE
        if envelope.device != self.actor.device and envelope.device not in self._devices():
            return STRANGER
        return None

    @property
    def clocks(self) -> dict[UUID, Known]:
        """What is known of the time of every device whose facts were read."""
        assert self.actor.device is not None
        own = self.actor.clock if isinstance(self.actor, Device) else NOTHING_KNOWN
        return {**(self._beside or {}), self.actor.device: own}

    def _devices(self) -> dict[UUID, Known]:
        if self._beside is None:
            assert self.actor.device is not None
            self._beside = devices_beside(self.actor.device)
        return self._beside


def _envelope(raw: bytes) -> Envelope | None:
    try:
        return _envelopes.decode(raw)
    except Exception:  # whatever a hostile call makes the decoder raise, it is malformed
        return None


def _aside(
    raw: bytes, envelope: Envelope | None, verdict: Quarantined, *, is_own: bool = True,
    is_counted: bool = True,
) -> Unread:
    if envelope is None:
        return Unread(None, "", raw, verdict)
    seq = envelope.seq if is_own and is_counted else None
    return Unread(
        envelope.id, envelope.kind[:KIND_LENGTH_MAX].replace("\0", ""), raw, verdict,
        envelope.place.replace("\0", "")[:KIND_LENGTH_MAX] if envelope.place else None,
        envelope.device if is_own else None,
        seq if seq is not None and 0 <= seq < SEQ_MAX else None)


def _record_or_halve(
    facts: list[Fact | Unread], voices: _Voices, now: datetime
) -> tuple[UUID, Sequence[Receipt]]:
    try:
        batch = record_read(lambda: Reading(facts), actor=voices.actor, now=now, source=SOURCE,
                            speakers=voices.speakers)
        return batch.id, batch.receipts
    except Exception as error:
        if _is_busy(error):
            raise unavailable() from error
        if all(isinstance(fact, Unread) for fact in facts):
            raise
        _log.exception("a batch could not be recorded; looking for the fact")
    if len(facts) == 1:
        return _record_or_halve([_not_understood(facts[0])], voices, now)
    middle = len(facts) // 2
    first = _record_or_halve(facts[:middle], voices, now)
    second = _record_or_halve(facts[middle:], voices, now)
    return first[0], [*first[1], *second[1]]


def _is_busy(error: BaseException) -> bool:
    """The database does not answer, or two batches met again and again: nothing was done."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    state = getattr(cause, "sqlstate", None) or ""
    down = isinstance(error, OperationalError | InterfaceError | psycopg.OperationalError
                      | psycopg.InterfaceError)
    return down and not state.startswith(LIMIT_EXCEEDED)


def _not_understood(fact: Fact | Unread) -> Unread:
    assert isinstance(fact, Fact)
    return Unread(fact.id, fact.kind, whole(fact), NOT_UNDERSTOOD, fact.place, fact.device,
                  fact.seq, fact.digest)
