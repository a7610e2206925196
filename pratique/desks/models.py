"""What the desks keep for themselves. None of it is a fact about the loop."""

from django.db import models


class OwnPassword(models.Model):
    """Whoever has a row has chosen a password; the one before it was for one use."""

    staff = models.UUIDField(primary_key=True)
    chosen_at = models.DateTimeField()


class FailedSignIn(models.Model):
    """A sign-in that failed, by keyed digests of the name and of the address it came from."""

    id = models.UUIDField(primary_key=True)
    name = models.BinaryField()
    address = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["name", "at"], name="desks_failed_name"),
            models.Index(fields=["address", "at"], name="desks_failed_address"),
        ]


class Look(models.Model):
    """Somebody on duty opened a person's record. The person may ask who and when.

    device: through which the record was read by the API; staff is null then.
    """

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField()
    staff = models.UUIDField(null=True)
    device = models.UUIDField(null=True)
    unit = models.TextField(null=True)
    page = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "at"], name="desks_look_person")]


class SecretShown(models.Model):
    """A one-time password or a device's token was shown, once, by whom. Never the secret."""

    id = models.UUIDField(primary_key=True)
    about = models.UUIDField()
    what = models.TextField()
    staff = models.UUIDField(null=True)
    unit = models.TextField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["about", "at"], name="desks_secret_about")]
        constraints = [models.CheckConstraint(
            name="desks_secret_what", condition=models.Q(what__in=("password", "token")))]


APPEND_ONLY = ("desks_look", "desks_secretshown")
