"""From a request to the raw facts in it. Every limit has a name, every refusal a code."""

import re
import zlib
from collections.abc import Sequence

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import JSON, Refused
from pratique.kit.errors import Refusal

FACTS_OF_A_CALL_MAX = 5_000
BODY_BYTES_MAX = 5 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
# What a list is cut by: strings as a whole (a quotation mark alone is one without its end).
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},"]', re.DOTALL)
_lists = msgspec.json.Decoder(list[msgspec.Raw])


def raw_facts(request: HttpRequest) -> Sequence[msgspec.Raw | bytes]:
    """The facts of a call as they came, not yet read. Raises Refused."""
    if request.content_type != JSON:
        raise _refused(415, "content_type", _("Facts are sent as application/json."))
    facts = _split(_inflated(request, _body(request)))
    if len(facts) > FACTS_OF_A_CALL_MAX:
        raise _refused(
            413, "too_many_facts", _("A call carries at most %(most)s facts; this one has "
                                     "%(count)s. Send them in several calls."),
            most=FACTS_OF_A_CALL_MAX, count=len(facts))
    return facts


def _split(body: bytes) -> Sequence[msgspec.Raw | bytes]:
    try:
        return _lists.decode(body)
    except msgspec.ValidationError:
        raise _refused(400, "not_a_list", _("A call carries a JSON list of facts.")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        facts = split_list(body)
        if facts is None:
            why = _("nested too deeply") if isinstance(error, RecursionError) else str(error)
            raise _refused(400, "malformed_json", _("The call is not JSON: %(why)s."),
                           why=str(why)[:200]) from None
        return facts


def split_list(body: bytes) -> list[bytes] | None:
    """The members of a list of which one is no JSON (a lone surrogate, a control character, too
    deep), so that the others need not wait for it. None where the list itself is broken.
    """
    depth, begin = 0, 0
    members: list[bytes] = []
    for token in _TOKENS.finditer(body):
        sign = token.group()[:1]
        if sign in b"[{":
            depth += 1
            if depth == 1:
                if sign != b"[" or body[: token.start()].strip() or members:
                    return None
                begin = token.end()
        elif sign == b"," and depth == 1 or sign in b"]}":
            if depth == 1:
                members.append(body[begin : token.start()])
                begin = token.end()
            depth -= sign != b","
        elif sign == b'"' and (depth == 0 or len(token.group()) == 1):
            return None
    is_whole = depth == 0 and members and not body[begin:].strip()
    return members if is_whole and all(member.strip() for member in members) else None


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        raise _refused(411, "length_required", _("The call must say its length."))
    if len(length) > 12 or int(length) > BODY_BYTES_MAX:
        raise _too_large()
    try:
        body = request.read(int(length))
    except OSError:  # Django's UnreadablePostError: the sender has gone
        body = b""
    if len(body) != int(length):
        raise _refused(400, "cut_short", _("The call ended before its announced length."))
    return body


def _inflated(request: HttpRequest, body: bytes) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise _refused(415, "content_encoding", _("Facts are sent as they are or with gzip."))
    inflate = zlib.decompressobj(_GZIP)
    try:
        plain = inflate.decompress(body, BODY_BYTES_MAX + 1)
    except zlib.error:
        raise _bad_gzip() from None
    if len(plain) > BODY_BYTES_MAX:
        raise _too_large()
    if not inflate.eof or inflate.unused_data:
        raise _bad_gzip()
    return plain


def _bad_gzip() -> Refused:
    return _refused(400, "malformed_gzip", _("The gzip stream is damaged or cut short."))


def _too_large() -> Refused:
    return _refused(413, "too_many_bytes", _("A call has at most %(most)s bytes, inflated ones "
                                             "included. Send the facts in several calls."),
                    most=BODY_BYTES_MAX)


def _refused(status: int, code: str, sentence, **params) -> Refused:
    return Refused(status, Refusal(code, sentence, f"api.{code}", **params))
