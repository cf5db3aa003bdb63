"""What is masked in one kernel: every secret that it fetched since it was opened, for whichever skill and session."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skillkernel.errors import SkillKernelError

if TYPE_CHECKING:  # most kernels never hold a secret
    from skillkernel.secrets.mask import Mask


class Masking:
    """A `Mask` that grows; it costs nothing until there is a secret."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], None] = {}
        self._mask: Mask | None = None

    @property
    def active(self) -> bool:
        """Whether there is anything to mask."""
        return self._mask is not None

    def learn(self, secrets: Mapping[str, str]) -> None:
        """Mask these from now on; one that was replaced by another value goes on being masked."""
        before = len(self._known)
        self._known.update(dict.fromkeys(secrets.items()))
        if len(self._known) > before:
            from skillkernel.secrets.mask import Mask

            self._mask = Mask(self._known)

    def text(self, text: str) -> str:
        """A text that is whole."""
        return text if self._mask is None else self._mask.text(text)

    def cut(self, text: str) -> str:
        """A text that may have been cut off within a secret."""
        return text if self._mask is None else self._mask.cut(text)

    def json(self, value: Any) -> Any:
        """A JSON value."""
        return value if self._mask is None else self._mask.json(value)

    def stream(self) -> "MaskedStream":
        """For a text that comes in pieces."""
        return MaskedStream(self)

    def settled(self, text: str) -> int:
        """How many characters of a text that goes on later can be masked and shown now."""
        return len(text) if self._mask is None else self._mask.settled(text)

    def error(self, error: SkillKernelError) -> None:
        """Mask all that an error says, in place."""
        if self._mask is None:
            return
        for name, value in list(vars(error).items()):
            if isinstance(value, str):
                setattr(error, name, self._mask.cut(value))
        error.args = tuple(self._mask.cut(part) if isinstance(part, str) else part for part in error.args)


class MaskedStream:
    """A text in pieces, in which a secret may begin in one piece and end in another."""

    def __init__(self, masking: Masking) -> None:
        self._masking = masking
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown now, empty when the end has to be waited for."""
        text = self._held + piece
        settled = self._masking.settled(text)
        self._held = text[settled:]
        return self._masking.text(text[:settled])

    def end(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return self._masking.text(held)
