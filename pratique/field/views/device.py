"""What a device of the field app asks for: enrolment, tokens, the bundle, the roll."""

import gzip
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from pratique.api.answers import Refused, answer
from pratique.api.devices import RevokedDevice
from pratique.api.facts import as_json
from pratique.desks import sentences
from pratique.field import bundle as bundles
from pratique.field import enrolment as enrolments
from pratique.field import epoch, tokens
from pratique.field import halves as signed_halves
from pratique.field import roll as rolls
from pratique.field import staff as people_at_devices
from pratique.field.views.asking import answers, read_form
from pratique.journal.kinds import ROLES
from pratique.kit.access import open_to, open_to_all
from pratique.kit.doors import now
from pratique.kit.errors import Refusal
from pratique.registry import queries as registry

HALVES_BYTES_MAX = 5 * 1024 * 1024
COMPRESSION = 6


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str


class Enrolling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    device: UUID
    public_key: str
    signature: str


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    device: UUID


class Answering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    device: UUID
    challenge: str
    signature: str


@csrf_exempt  # whoever has the code may ask, with no session
@open_to_all
@answers
def invitation(request: HttpRequest) -> Any:
    """What an invitation is for, before anybody consents to anything."""
    found = enrolments.look(read_form(request, Code).code, now())
    unit = registry.units(codes=[found.unit])[0]
    return {"unit": enrolments.unit_words(unit), "roles": found.roles, "label": found.label,
            "role_words": [sentences.role(role) for role in found.roles],
            "county": enrolments.county(), "expires_at": found.expires_at}


@csrf_exempt
@open_to_all
@answers
def enrolment(request: HttpRequest) -> Any:
    """A device comes with an invitation and its public key."""
    form = read_form(request, Enrolling)
    return enrolments.enrol(
        enrolments.Enrolling(form.code, form.device, form.public_key, form.signature), now())


@csrf_exempt
@open_to_all
@answers
def challenge(request: HttpRequest) -> Any:
    """Something to sign."""
    made, until = tokens.challenge(read_form(request, Asking).device, now())
    return {"challenge": made, "expires_at": until}


@csrf_exempt
@open_to_all
@answers
def token(request: HttpRequest) -> Any:
    """A token for the signed challenge."""
    form = read_form(request, Answering)
    return tokens.issue(form.device, form.challenge, form.signature, now())


def _asking_device(request: HttpRequest) -> UUID:
    """The device that asks for what it carries along. Raises Refused for anybody else."""
    if request.method != "GET":
        raise Refused(405, Refusal("method", _("This is asked for with GET."), "api.method"),
                      Allow="GET")
    return _device_of(request)


def _device_of(request: HttpRequest) -> UUID:
    """The device whose token was shown. Raises Refused for people, and for one that is revoked."""
    actor = request.actor  # type: ignore[attr-defined]
    if actor.device is None:
        raise Refused(403, Refusal("device_only", _("This is for a device, with its token."),
                                   "field.device_only"))
    if isinstance(actor, RevokedDevice):
        raise Refused(403, Refusal(
            "device_revoked", _("This device has been revoked. It may still hand up what it has "
                                "recorded; then its leader takes it back."), "field.revoked"))
    return actor.device


def _unchanged(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=304)
    response["ETag"] = request.headers["If-None-Match"]
    return response


@open_to(*ROLES)
@answers
def bundle(request: HttpRequest) -> Any:
    """The device's bundle, unless it knows the last one already (If-None-Match)."""
    made = bundles.bundle_for(_asking_device(request), _known(request), now())
    if made is None:
        return _unchanged(request)
    return _sent(request, made, str(made.version))


bundle.hears_revoked_devices = True  # type: ignore[attr-defined]


@open_to(*ROLES)
@answers
def roll(request: HttpRequest) -> Any:
    """What the device's unit holds now, and news since `?since=`; 304 when nothing has changed."""
    device = _asking_device(request)
    made = rolls.roll_for(device, request.GET.get("since"), _shown(request), now())
    if made is None:
        return _unchanged(request)
    return _sent(request, made, made.tag)


roll.hears_revoked_devices = True  # type: ignore[attr-defined]


def _shown(request: HttpRequest) -> str:
    return request.headers.get("If-None-Match", "").removeprefix("W/").strip('"')


@csrf_exempt  # a device shows its token
@open_to(*ROLES)
@answers
def halves(request: HttpRequest) -> Any:
    """Signed halves of hand-overs, handed up by whichever side has a network first.

    A list of {fact, device, signature} in; a receipt for each out, in order. The carrier's own
    rights count for nothing, so a revoked one is heard, too.
    """
    said = read_form(request, list[signed_halves.Half], HALVES_BYTES_MAX)
    if request.actor.device is None:  # type: ignore[attr-defined]
        raise Refused(403, Refusal("device_only", _("Halves are handed up by a device, with its "
                                                    "token."), "field.device_only"))
    if len(said) > signed_halves.HALVES_OF_A_CALL_MAX:
        raise Refused(413, Refusal(
            "too_many_facts", _("A call carries at most %(most)s halves; this one has %(count)s. "
                                "Send them in several calls."), "field.halves",
            most=signed_halves.HALVES_OF_A_CALL_MAX, count=len(said)))
    batch, receipts = signed_halves.take(said, now())
    return {"batch": batch, "receipts": [as_json(receipt) for receipt in receipts],
            "epoch": epoch.current()}


halves.hears_revoked_devices = True  # type: ignore[attr-defined]


def _known(request: HttpRequest) -> int | None:
    """The version that the device says it has."""
    shown = _shown(request)
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) <= 18 else None


def _sent(request: HttpRequest, made: bundles.Made | rolls.Made, tag: str) -> HttpResponse:
    response = answer({"payload": made.payload, "key": made.key, "signature": made.signature})
    response["ETag"] = f'"{tag}"'
    response["Vary"] = "Accept-Encoding, Authorization"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, COMPRESSION)
        response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    return response


# Who works at the device --------------------------------------------------------------------------


class SigningIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    username: str
    password: str


@csrf_exempt  # a device shows its token; a browser's session is not taken here
@open_to(*ROLES)
@answers
@sensitive_variables("form")
def staff(request: HttpRequest) -> Any:
    """Somebody begins a shift at this device: a voucher for days without a network."""
    form = read_form(request, SigningIn)
    return people_at_devices.voucher(
        _device_of(request), form.username, form.password,
        request.META.get("REMOTE_ADDR") or "", now())


staff.hears_revoked_devices = True  # type: ignore[attr-defined]
