"""The facts door in the API's description: every kind's schema, made from the code."""

from typing import Any

import msgspec

from pratique.api.clocks import HEADER
from pratique.api.intake import BODY_BYTES_MAX, FACTS_OF_A_CALL_MAX
from pratique.journal.fact import STATUSES
from pratique.journal.kinds import all_kinds

FACTS_PATH = "/api/v1/facts"
_REF = "#/components/schemas/{name}"
_FACT_REF = "#/components/schemas/fact.{name}"  # a fact's `Line` is not a reader's

REFUSAL: dict[str, Any] = {
    "type": "object",
    "required": ["code", "sentence", "rule", "params"],
    "properties": {
        "code": {"type": "string"}, "sentence": {"type": "string"}, "rule": {"type": "string"},
        "params": {"type": "object"},
    },
}
RECEIPT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status", "code", "sentence", "rule", "params"],
    "properties": {
        "id": {"type": ["string", "null"], "format": "uuid"},
        "status": {"enum": list(STATUSES)}, **REFUSAL["properties"],
    },
}
RECEIPTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "batch": {"type": ["string", "null"], "format": "uuid",
                  "description": "null where nothing was sent: so a device hears how far its "
                                 "facts are"},
        "counts": {"type": "object", "properties": {
            name: {"type": "integer"} for name in ("in", *STATUSES)}},
        "receipts": {"type": "array", "items": {"$ref": _REF.format(name="Receipt")}},
        "watermark": {"type": "object", "properties": {
            "device": {"type": "string", "format": "uuid"},
            "heard_through": {"type": "integer"},
            "missing": {"type": "array", "items": {"type": "array", "items": {
                "type": "integer"}}},
            "log_size": {"type": "integer"}, "log_root": {"type": ["string", "null"]},
        }},
        "epoch": {
            "type": "string", "format": "uuid",
            "description": "which life of the county's database this is. It changes when the "
                           "database was restored from a backup: then send again whatever is "
                           "not known to be durable in the new epoch"},
        "durable_through": {
            "type": "integer",
            "description": "every running number up to it is here, and none of them waits for its "
                           "place in the log"},
        "heard_at": {"type": "string", "format": "date-time",
                     "description": "the server's time when it had read the call"},
    },
}
_UUID = {"type": "string", "format": "uuid"}
_UUID_OR_NULL = {"type": ["string", "null"], "format": "uuid"}
ENVELOPE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "kind", "at", "device", "seq", "body"],
    "properties": {
        "id": {**_UUID, "description": "UUIDv7, made and stored where the fact happened"},
        "at": {"type": "string", "format": "date-time"},
        "by": {**_UUID_OR_NULL, "description": "the member of staff"},
        "place": {"type": ["string", "null"], "description": "the unit's code"},
        "device": _UUID,
        "seq": {"type": "integer", "minimum": 0, "description": "the device's running number"},
        "sealed": {"type": ["object", "null"], "additionalProperties": {"type": "object"},
                   "description": "personal parts, by the id of the person they are about"},
    },
}
REFUSALS = {
    "400": "not JSON, not a list, or damaged gzip", "401": "no token, or an unknown one",
    "403": "not a device", "405": "another method", "411": "no Content-Length",
    "413": "too many facts or bytes", "415": "another content type or encoding",
    "429": "this device calls too often; call again after Retry-After seconds",
    "503": "nothing was recorded; try again after Retry-After seconds",
}


RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait"}}
WAITS = ("429", "503")


def add_waits(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` in which every operation may say that the device has to wait."""
    for operations in schema.get("paths", {}).values():
        for operation in operations.values():
            for status in WAITS:
                answer = operation["responses"].setdefault(
                    status, _answer(REFUSALS[status], "Refusal"))
                answer["headers"] = RETRY_AFTER
    return schema


def add_facts_door(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` (ninja's) with POST /facts and the body of every kind of fact."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Refusal": REFUSAL, "Receipt": RECEIPT, "Receipts": RECEIPTS}
    schemas |= kinds_schemas()
    security = schema["components"].setdefault("securitySchemes", {})
    security["device"] = {"type": "http", "scheme": "bearer"}
    schema["security"] = [{"device": []}]
    schema.setdefault("paths", {})[FACTS_PATH] = {"post": {
        "operationId": "send_facts",
        "summary": "Send facts",
        "description": (
            f"At most {FACTS_OF_A_CALL_MAX} facts and {BODY_BYTES_MAX} bytes a call, gzip "
            "allowed. Sending a fact twice is the same as sending it once. One receipt a fact, "
            "in order; in = applied + duplicate + parked + disputed + quarantined."),
        "parameters": [{
            "name": HEADER, "in": "header", "required": False, "schema": {"type": "string"},
            "description": (
                "The device's time: `time=<ms>, clock=<ms>, made=<number>, steady=<number>`. time: "
                "what it would write as the present moment, in ms since 1970; what its facts say "
                "is put right by it. clock: what its own clock shows. made: the highest running "
                "number given so far. steady: since the fact with this number its time has gone "
                "on without a break.")}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {
            "type": "array", "items": {"$ref": _FACT_REF.format(name="Envelope")}}}}},
        "responses": {
            "200": _answer("a receipt for each fact", "Receipts"),
            **{status: _answer(why, "Refusal") for status, why in REFUSALS.items()},
        },
    }}
    return schema


def kinds_schemas() -> dict[str, Any]:
    """JSON schemas of the envelope and of every kind's body, by name."""
    kinds = all_kinds()
    __, parts = msgspec.json.schema_components(
        [kind.schema for kind in kinds.values()], ref_template=_FACT_REF)
    bodies = [_FACT_REF.format(name=kind.schema.__name__) for __, kind in sorted(kinds.items())]
    parts["Envelope"] = {
        **ENVELOPE,
        "properties": {
            **ENVELOPE["properties"],
            "kind": {"enum": sorted(kinds)},
            "body": {"anyOf": [{"$ref": body} for body in bodies]},
        },
    }
    return {f"fact.{name}": part for name, part in parts.items()}


def _answer(said: str, name: str) -> dict[str, Any]:
    return {"description": said,
            "content": {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}}
