"""A member of staff signs in at a device for a shift: once by password, with a network.

The answer is a voucher that the county signs: this person, with these roles, at this device, for
days. With it the device sets a PIN or a passkey of its own, and lets them work without a network.
Who knows neither name nor password hears the same as who knows one, after the same time, and waits
as long as at a desk: a failure at either counts for both.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from django.contrib.auth.backends import AllowAllUsersModelBackend
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from pratique.api.answers import Refused
from pratique.desks import ledger
from pratique.field import enrolment, signing
from pratique.journal import vault
from pratique.kit.errors import Refusal
from pratique.kit.sql import reading

VOUCHER_DAYS = 7
NAME_LENGTH_MAX = 150
PASSWORD_LENGTH_MAX = 500
WHAT = "staff_voucher"  # a voucher is never taken for a bundle: it says what it is, has no version
_canonical = msgspec.json.Encoder(order="sorted")

ON_DUTY = """
SELECT d.unit, e.fact, e.locked_at IS NOT NULL,
       ARRAY(SELECT role FROM registry_duty r WHERE r.staff = %s AND r.unit = d.unit ORDER BY role)
FROM registry_device d LEFT JOIN registry_enrolment e ON e.staff = %s
WHERE d.device = %s
"""


def _no(status: int, code: str, sentence, rule: str) -> Refused:
    return Refused(status, Refusal(code, sentence, rule))


@sensitive_variables("password")
def voucher(
    device: UUID, username: str, password: str, address: str, now: datetime
) -> dict[str, str]:
    """{payload, key, signature} for who may work at this device. Raises Refused.

    address: where the call came from; failures are counted by it and by the name.
    """
    staff, username, is_own = _known(username, password, address, now)
    with reading() as cursor:
        row = cursor.execute(ON_DUTY, (staff, staff, device)).fetchone()
        if row is None:
            raise _no(403, "device_unknown", _("This device is not enrolled here."),
                      "field.device_known")
        unit, fact, is_locked, roles = row
        if is_locked:
            raise _no(403, "staff_locked",
                      _("This account is locked. The registrar can say why and unlock it."),
                      "field.staff_locked")
        if not is_own:
            raise _no(403, "password_not_own",
                      _("This password was given for one use. Sign in at a desk once and choose "
                        "your own; then sign in here."), "field.own_password")
        if not roles:
            raise _no(403, "not_of_this_post",
                      _("You have no duty at this device's post. The leader or the registrar can "
                        "give you one."), "field.staff_of_post")
        parts = vault.open_boxes(cursor, [fact], [staff]).get(fact, {}).get(staff, {})
    payload = _canonical.encode({
        "what": WHAT, "county": enrolment.county(), "device": device, "unit": unit,
        "staff": staff, "name": parts.get("name") or username, "roles": roles,
        "issued_at": now, "valid_days": VOUCHER_DAYS})
    return {"payload": payload.decode(), "key": signing.county_key().id,
            "signature": signing.sign(payload)}


@sensitive_variables("password")
def _known(
    username: str, password: str, address: str, now: datetime
) -> tuple[UUID, str, bool]:
    """(who, user name, is the password their own) of who knows the password; locked people too."""
    if ledger.too_many_failures(username, address, now):
        raise _no(429, "too_many_attempts",
                  _("Too many attempts. Wait 15 minutes and try again, or ask the registrar."),
                  "field.sign_in_failures")
    user = None
    if len(username) <= NAME_LENGTH_MAX and len(password) <= PASSWORD_LENGTH_MAX:
        user = AllowAllUsersModelBackend().authenticate(
            None, username=username, password=password)
    if user is None:
        ledger.note_failure(username, address, now)
        raise _no(422, "staff_unknown_or_wrong",
                  _("This user name and password do not belong together. Look at both and try "
                    "again; the registrar can give you a new password."), "field.staff_known")
    ledger.forget_failures(username)
    return user.pk, user.get_username(), ledger.chose_password(user.pk)
