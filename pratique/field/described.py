"""What a device of the field app asks for, in the API's description: paths and their schemas.

The forms are read off the views' own structs, so that the description cannot say another thing than
the door takes.
"""

from typing import Any

import msgspec

from pratique.field import device_urls, halves
from pratique.field.views import device, labels

PREFIX = "/api/v1/field/"
_REF = "#/components/schemas/{name}"
_FORM_REF = "#/components/schemas/field.{name}"
_UUID = {"type": "string", "format": "uuid"}
_MOMENT = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_UNIT = {"type": "object",
         "properties": dict.fromkeys(("code", "kind", "name_zh", "name_en"), _TEXT)}
_COUNTY = {"type": "object", "properties": dict.fromkeys(("id", "name_zh", "name_en"), _TEXT)}
SIGNED: dict[str, Any] = {
    "type": "object", "required": ["payload", "key", "signature"],
    "description": "`signature` is the county's, ECDSA P-256 with SHA-256 as r||s in base64, over "
                   "the bytes of `payload`, which is JSON; `key` names the county's key",
    "properties": {"payload": _TEXT, "key": _TEXT, "signature": _TEXT},
}
FORMS = {"invitation": device.Code, "enrolment": device.Enrolling, "challenge": device.Asking,
         "token": device.Answering, "staff": device.SigningIn, "halves": halves.Half,
         "labels": labels.Wanted}
LISTS = ("halves",)  # of which a call carries a list


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


# name: (method, summary, needs a token, what comes back, {status: codes})
DOORS: dict[str, tuple[str, str, bool, dict[str, Any], dict[str, str]]] = {
    "invitation": (
        "post", "What an invitation is for", False,
        _object(unit=_UNIT, roles=_TEXTS, label=_TEXT, role_words=_TEXTS, county=_COUNTY,
                expires_at=_MOMENT),
        {"404": "invitation_unknown", "409": "invitation_used, invitation_withdrawn",
         "410": "invitation_expired"}),
    "enrolment": (
        "post", "A device comes with an invitation and its public key", False,
        _object(device=_UUID, unit=_UNIT, roles=_TEXTS, label=_TEXT, county=_COUNTY,
                key=_object(id=_TEXT, spki=_TEXT), epoch=_UUID),
        {"404": "invitation_unknown", "409": "invitation_used, invitation_withdrawn, "
         "device_in_use, token_in_use", "410": "invitation_expired",
         "422": "device_id, key_not_shown"}),
    "challenge": ("post", "Something to sign", False,
                  _object(challenge=_TEXT, expires_at=_MOMENT), {}),
    "token": (
        "post", "A token for the signed challenge; a revoked device gets one, too", False,
        _object(token=_TEXT, expires_at=_MOMENT, now=_MOMENT, revoked={"type": "boolean"},
                epoch=_UUID),
        {"409": "challenge_used", "422": "challenge_forged, challenge_expired, device_unknown, "
                                         "signature_wrong"}),
    "bundle": (
        "get", "What the device takes along, signed; 304 with If-None-Match of the last version",
        True, SIGNED, {"304": "", "403": "device_only, device_revoked",
                       "503": "no_signing_key"}),
    "staff": (
        "post", "Somebody begins a shift at this device: a voucher for seven days, signed", True,
        SIGNED, {"403": "device_only, device_revoked, not_of_this_post, password_not_own, "
                        "staff_locked", "422": "staff_unknown_or_wrong",
                 "429": "too_many_attempts", "503": "no_signing_key"}),
    "halves": (
        "post", "Signed halves of hand-overs, by whichever side has a network first; a receipt "
                "for each, in order", True,
        _object(batch=_UUID, epoch=_UUID, receipts={
            "type": "array", "items": {"$ref": _REF.format(name="Receipt")}}),
        {"403": "device_only", "413": "too_many_facts", "503": "busy"}),
    "labels": (
        "post", "Serial numbers for tube labels that the device prints by itself", True,
        _object(first={"type": "integer"}, count={"type": "integer"}), {"422": "labels_count"}),
    "roll": (
        "get", "What the device's unit holds now, what is offered to it, and news of the device's "
               "own facts, signed", True, SIGNED,
        {"304": "", "403": "device_only, device_revoked", "503": "no_signing_key"}),
}
OF_ANY_FORM = {"400": "malformed_json", "405": "method", "413": "too_many_bytes",
               "415": "content_type"}


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with the paths that there are below /api/v1/field/."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    __, forms = msgspec.json.schema_components(list(FORMS.values()), ref_template=_FORM_REF)
    schemas |= {f"field.{name}": form for name, form in forms.items()}
    there = {str(each.pattern) for each in device_urls.urlpatterns}
    for name in sorted(there & DOORS.keys()):
        schema.setdefault("paths", {})[PREFIX + name] = {DOORS[name][0]: _operation(name)}
    return schema


def _operation(name: str) -> dict[str, Any]:
    method, summary, needs_token, said, refused = DOORS[name]
    told = {**(OF_ANY_FORM if name in FORMS else {"405": "method"}),
            **({"401": "sign_in_first"} if needs_token else {}), **refused}
    operation: dict[str, Any] = {
        "operationId": f"field_{name}", "summary": summary, "tags": ["field"],
        "responses": {"200": _json("said", said), **{
            status: {"description": "the one known is still good"} if not codes
            else _json(codes, {"$ref": _REF.format(name="Refusal")})
            for status, codes in sorted(told.items())}},
    }
    if not needs_token:
        operation["security"] = []
    if name in FORMS:
        form = {"$ref": _FORM_REF.format(name=FORMS[name].__name__)}
        operation["requestBody"] = {"required": True, "content": {"application/json": {
            "schema": {"type": "array", "items": form} if name in LISTS else form}}}
    if method == "get":
        operation["parameters"] = [{
            "name": "If-None-Match", "in": "header", "required": False, "schema": _TEXT,
            "description": "the version that the device has, in quotation marks"}]
    return operation


def _json(said: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}
