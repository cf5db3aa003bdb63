"""What an endpoint's refusal means: a status and a body as one of our errors, with what to do about it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from skillkernel.errors import (
    ModelAuthRefused,
    ModelBusy,
    ModelError,
    ModelReplyInvalid,
    ModelUnknown,
    ModelUnreachable,
)
from skillkernel.model.openai_driver.endpoint import Endpoint
from skillkernel.model.openai_driver.foreign_text import shown

PASSING = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
"""Statuses that may be gone a moment later."""
SHOWN_MODELS = 8
READ_CHARACTERS = 4096
"""How much of an error's text is looked at."""

_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum.{0,20}tokens|too many tokens|(prompt|input) is too long", re.IGNORECASE
)
_NO_MODEL = re.compile(
    r"model.{0,120}(not found|not exist|unknown|not available|invalid|not a valid)|(unknown|invalid|no such) model",
    re.IGNORECASE | re.DOTALL,
)
_SPENT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a reply: HTTP status, error code and message as the endpoint wrote them."""

    status: int
    code: str
    message: str
    retry_after: str = ""
    location: str = ""

    @property
    def passing(self) -> bool:
        """Whether asking again later can help."""
        return self.status in PASSING and self.code not in _SPENT

    @property
    def unknown_model(self) -> bool:
        """Whether the model's name may be what is wrong."""
        return self.status == 404 or (
            self.status in (400, 422) and (self.code == "model_not_found" or bool(_NO_MODEL.search(self.message)))
        )


def refusal(status: int, body: object, *, retry_after: str = "", location: str = "") -> Refusal:
    """Read an error's body, JSON of any of the usual forms or text."""
    code, message = _code_and_message(body)
    return Refusal(status, code[:READ_CHARACTERS], message[:READ_CHARACTERS], retry_after, location)


def _code_and_message(body: object) -> tuple[str, str]:
    if not isinstance(body, dict):
        return "", body if isinstance(body, str) else "" if body is None else json.dumps(body)
    fields = cast("dict[str, Any]", body)
    for nested in ("error", "detail"):
        inner = fields.get(nested)
        if isinstance(inner, dict):
            return _code_and_message(cast("dict[str, Any]", inner))
        if isinstance(inner, str):
            return str(fields.get("code") or ""), inner
    message = fields.get("message")
    code = fields.get("code") or fields.get("type") or ""
    return str(code), message if isinstance(message, str) else json.dumps(fields)


def refused(given: Refusal, where: Endpoint, model: str) -> ModelError:
    """The error for a refusal that is final and not about the model's name."""
    said = _said(given, where)
    match given.status:
        case 401 | 403:
            return ModelAuthRefused(f"{where.shown} refused the key ({given.status}){said}", hint=_key_hint(where))
        case status if 300 <= status < 400:
            return ModelUnreachable(
                f"{where.shown} sends elsewhere ({status}), to {shown(given.location, where.secret) or 'nowhere'}",
                hint="a key is not taken along to another address; if you trust it, set OPENAI_BASE_URL to it",
            )
        case 429 if given.code in _SPENT:
            return ModelError(f"{where.shown}: the account's quota is used up{said}", hint="see the account's billing")
        case status if status in PASSING:
            return ModelBusy(
                f"{where.shown} is busy or failing ({status}){said}", hint=_busy_hint(given) or "try again later"
            )
        case 400 | 413 if given.status == 413 or _TOO_LONG.search(f"{given.code} {given.message}"):
            return ModelError(
                f"the conversation is longer than the window of {model!r}{said}",
                hint="begin a new conversation, or set SKILL_MODEL to a model with a longer window",
            )
        case status if status < 400 or status >= 600:
            return ModelReplyInvalid(f"{where.shown} answered with status {status}{said}")
        case status:
            return ModelError(f"{where.shown} refused the request ({status}){said}")


def unknown_model(given: Refusal, where: Endpoint, model: str, known: Sequence[str] | None) -> ModelError:
    """The error for a refusal that may be about the model's name; `known`: what the endpoint offers, None: not said."""
    if given.status == 404 and not known and not _NO_MODEL.search(given.message) and given.code != "model_not_found":
        return ModelUnreachable(
            f"{where.shown} has no chat completions (404){_said(given, where)}",
            hint="check OPENAI_BASE_URL; it mostly ends in /v1",
        )
    return ModelUnknown(
        f"{where.shown} does not know the model {model!r}{_said(given, where)}", hint=models_hint(model, known or ())
    )


def models_hint(model: str, known: Sequence[str]) -> str:
    """Which name to set, the nearest first."""
    near = get_close_matches(model, known, n=SHOWN_MODELS, cutoff=0.4) if model else []
    listed = [shown(name) for name in (near or known)[:SHOWN_MODELS]]
    if not listed:
        return "set SKILL_MODEL to a model that the endpoint offers"
    more = ", …" if not near and len(known) > SHOWN_MODELS else ""
    return f"set SKILL_MODEL to one of: {', '.join(listed)}{more}"


def _said(given: Refusal, where: Endpoint) -> str:
    text = shown(given.message, where.secret)
    return f": {text}" if text else ""


def _key_hint(where: Endpoint) -> str:
    return "set OPENAI_API_KEY" if not where.secret else "check OPENAI_API_KEY; it may be for another endpoint"


def _busy_hint(given: Refusal) -> str:
    asked = shown(given.retry_after)
    return f"it asks to wait: Retry-After {asked}" if asked else ""
