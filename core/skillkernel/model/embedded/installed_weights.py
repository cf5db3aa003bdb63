"""The weights that the settings mean: on this disk, or fetched with the person's consent."""

from pathlib import Path
from typing import TYPE_CHECKING

from skillkernel.model.embedded.model_catalogue import ModelEntry, is_path, model_catalogue
from skillkernel.model.embedded.weights import WeightsProgress, ensure_weights

if TYPE_CHECKING:
    from skillkernel.model.driver import ModelSettings


async def weights_of(settings: "ModelSettings") -> Path:
    """The GGUF file, fetched when it is not here and the person agrees; raise `ModelMissing` or `ApprovalRefused`."""
    agree, notify = settings.agree, settings.notify

    async def consent(entry: ModelEntry) -> bool:
        return agree is not None and await agree(f"fetch the embedded model {entry}?")

    def report(progress: WeightsProgress) -> None:
        if notify is None:
            return
        if progress.note:
            notify(progress.note, None)
        else:
            notify(f"fetching from {progress.source}", progress.done / progress.total if progress.total else None)

    return await ensure_weights(
        settings.model, settings.models_folder, on_progress=report, consent=None if agree is None else consent
    )


def shown_name(settings: "ModelSettings") -> str:
    """The model's name as people see it: of the catalogue, or the file's."""
    if is_path(settings.model):
        return Path(settings.model).stem
    return settings.model or model_catalogue().default


def vectors_of(settings: "ModelSettings") -> Path | None:
    """The file in which the vectors of tools' texts are kept, beside the weights; None when there is no such folder."""
    return settings.models_folder / "vectors.npz" if settings.models_folder != Path() else None
