"""From a form to facts, and from receipts to what the reader sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratique.desks import people, sentences, times, words
from pratique.journal import queries as journal
from pratique.journal.fact import Actor, Batch, Envelope, Receipt
from pratique.journal.record import record
from pratique.kit import doors
from pratique.kit.ids import new_id

_encoder = msgspec.json.Encoder()
GOOD = ("applied", "duplicate")


@dataclass(frozen=True, slots=True)
class Saying:
    """A fact about to be said at a desk. `id` is made when the form is opened where it matters
    that pressing twice says it once."""

    kind: str
    body: dict[str, Any] | msgspec.Struct
    sealed: dict[UUID, dict[str, Any]] | None = None
    id: UUID | None = None
    at: datetime | None = None


def moment(request: HttpRequest) -> datetime:
    """The door's time, read once a request."""
    if not hasattr(request, "pratique_now"):
        request.pratique_now = doors.now()  # type: ignore[attr-defined]
    return request.pratique_now  # type: ignore[attr-defined]


def say(
    request: HttpRequest, desk: str, sayings: Iterable[Saying], *, actor: Actor | None = None,
    place: str | None = None, quiet: bool = False,
) -> Batch:
    """Record what a desk says, as whoever is signed in, and show the receipts.

    actor: another voice than the reader's (the traveller's own page). quiet: show no receipt of
    what was applied; the page shows it in another way.
    """
    now = moment(request)
    said = list(sayings)
    voice = actor or request.actor  # type: ignore[attr-defined]
    spoken_at = place if place is not None or actor else people.place_of(request)
    known = journal.facts([s.id for s in said if s.id])
    fresh = [s for s in said if s.id not in known]
    envelopes = [
        Envelope(
            id=s.id or new_id(now), kind=s.kind, at=s.at or now, by=voice.staff, place=spoken_at,
            body=msgspec.Raw(_encoder.encode(s.body)), sealed=s.sealed)
        for s in fresh
    ]
    batch = record(envelopes, actor=voice, now=now, source=f"desk:{desk}")
    if known:  # pressed twice, or sent again by a reload: it was heard the first time
        told = iter(batch.receipts)
        batch = Batch(batch.id, [
            Receipt(s.id, "duplicate") if s.id in known else next(told) for s in said])
    show(request, said, batch.receipts, quiet=quiet)
    return batch


def is_good(batch: Batch) -> bool:
    """Whether everything was recorded and took effect (or had done so before)."""
    return all(is_heard(receipt) for receipt in batch.receipts)


def is_heard(receipt: Receipt) -> bool:
    """Whether this was recorded and took effect, now or when it was first sent."""
    return receipt.status in GOOD and not receipt.is_refused


def show(
    request: HttpRequest, said: list[Saying], receipts: Iterable[Receipt], *, quiet: bool = False
) -> None:
    """Receipts as messages: one line for all that was recorded, one for each refusal."""
    done: dict[str, int] = {}
    for saying, receipt in zip(said, receipts, strict=True):
        if is_heard(receipt):
            done[saying.kind] = done.get(saying.kind, 0) + 1
        else:
            told = _("%(what)s: %(why)s") % {
                "what": sentences.kind_word(saying.kind), "why": refusal(receipt)}
            messages.add_message(request, messages.WARNING, told, extra_tags=receipt.status)
    if done and not quiet:
        what = ", ".join(
            f"{sentences.kind_word(kind)} × {n}" if n > 1 else sentences.kind_word(kind)
            for kind, n in done.items())
        told = ngettext("Recorded: %(what)s (%(count)s fact, %(at)s)",
                        "Recorded: %(what)s (%(count)s facts, %(at)s)", sum(done.values()))
        told %= {"what": what, "count": sum(done.values()),
                 "at": f"{times.local(moment(request)):%H:%M:%S}"}
        messages.add_message(request, messages.SUCCESS, told, extra_tags="applied")


def refusal(receipt: Receipt) -> str:
    """What happened, and the rule's name for whoever is called about it."""
    if receipt.status == "parked":
        return receipt.text()
    params = receipt.params
    if "measure" in params:  # a fact names it as packs do; a reader gets the pack's word
        params = {**params, "measure": words.measure_named(str(params["measure"]))}
    sentence = str(receipt.sentence) % params if params else str(receipt.sentence)
    return _("%(sentence)s (rule %(rule)s)") % {"sentence": sentence, "rule": receipt.rule}


def complain(request: HttpRequest, sentence: Any) -> None:
    """Show that nothing was recorded, and why."""
    messages.add_message(request, messages.ERROR, str(sentence), extra_tags="error")
