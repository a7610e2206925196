"""A refusal: what a person is told when Pratique does not do a thing.

It carries a machine code, a sentence in the reader's language (a lazy gettext string with named
parameters) and the name of the rule that said no.
"""

from typing import Any


class Refusal(Exception):
    """Raised by a rule. `str(refusal)` is the sentence with its parameters filled in."""

    def __init__(self, code: str, sentence: Any, rule: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.rule = rule
        self.params = params

    def __str__(self) -> str:
        text = str(self.sentence)
        return text % self.params if self.params else text
