"""One-time passwords and device tokens: drawn here, shown once, and kept only as hashes."""

import hashlib
import secrets

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
PASSWORD_LENGTH = 12
TOKEN_BYTES = 32


def one_time_password() -> str:
    """A fresh one, in three groups: 59 bits, and legible from a screen or a slip."""
    drawn = "".join(secrets.choice(PASSWORD_LETTERS) for _ in range(PASSWORD_LENGTH))
    return "-".join(drawn[i : i + 4] for i in range(0, PASSWORD_LENGTH, 4))


def device_token() -> str:
    """A fresh bearer token for a device."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What the registry keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
