"""One-time passwords for the example's accounts: drawn, printed once, and kept only as a hash."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password

from pratique.feeds.county import Account
from pratique.registry.reduce import set_password

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
PASSWORD_LENGTH = 12
HASHERS = 4


def one_time_password() -> str:
    """A fresh one, in three groups: 59 bits, and legible from a terminal."""
    drawn = "".join(secrets.choice(PASSWORD_LETTERS) for _ in range(PASSWORD_LENGTH))
    return "-".join(drawn[i : i + 4] for i in range(0, PASSWORD_LENGTH, 4))


def give_passwords(accounts: Sequence[Account], *, anew: bool = False) -> dict[str, str]:
    """{username: password} for accounts that have none yet, or for all of them `anew`.

    The desks ask for an own password at the first sign-in.
    """
    wanted = accounts if anew else _without(accounts)
    drawn = [one_time_password() for __ in wanted]
    with ThreadPoolExecutor(HASHERS) as pool:  # made to be slow, and they let other threads run
        hashes = list(pool.map(make_password, drawn))
    return {
        account.username: password
        for account, password, hashed in zip(wanted, drawn, hashes, strict=True)
        if set_password(account.staff, hashed)
    }


def _without(accounts: Sequence[Account]) -> list[Account]:
    staff = get_user_model().objects.filter(pk__in=[account.staff for account in accounts])
    none = set(
        staff.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX).values_list("pk", flat=True))
    return [account for account in accounts if account.staff in none]
