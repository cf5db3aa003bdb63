"""What a skill needs from its person before it can do its work: the commands that set it."""

from skillkernel.catalogue.types import Installed, Layout


def commands_to_set(layout: Layout, skill: Installed) -> list[str]:
    """One command for each required setting and granted secret that is not set; without an answer of the keyring, for all."""
    from skillkernel_registry.settings import missing_settings

    settings = [f"skill config {skill.name} {key}=…" for key in missing_settings(skill)]
    return settings + [f"skill secret set {skill.name} {key}" for key in _missing_secrets(layout, skill)]


def _missing_secrets(layout: Layout, skill: Installed) -> list[str]:
    granted = skill.granted.secrets
    if not granted:
        return []
    from skillkernel.errors import SecretStoreUnusable
    from skillkernel.home import read_config
    from skillkernel.secrets.choose_store import open_store

    try:
        found = open_store(layout, read_config(layout.config)).read(skill.owner, granted)
    except SecretStoreUnusable:
        found = {}
    return [key for key in granted if key not in found]
