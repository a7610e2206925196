"""The refusals that the device's modules make by themselves, with their rules (`rule.<code>`)."""

from pratique.field.refusals import REFUSED

SENTENCES = {
    **{code: sentence for code, (sentence, _rule) in REFUSED.items()},
    **{f"rule.{code}": rule for code, (_sentence, rule) in REFUSED.items()},
}
