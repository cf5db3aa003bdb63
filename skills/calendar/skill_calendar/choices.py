"""The words that a caller chooses from; standard library alone, since the tools' schemas are made of them."""

from typing import Literal

Repeat = Literal["daily", "weekdays", "weekly", "every_two_weeks", "monthly", "yearly"]
RepeatAnew = Literal["daily", "weekdays", "weekly", "every_two_weeks", "monthly", "yearly", "never"]
Scope = Literal["this", "all"]
