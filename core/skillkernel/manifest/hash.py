"""What a person's consent is bound to, as one digest: when it changes, they are asked again."""

import hashlib
from collections.abc import Sequence

from skillkernel.canonical import canonical_json
from skillkernel.manifest.types import Manifest
from skillkernel.names import Sha256


def consent_hash(manifest: Manifest, dependencies: Sequence[str] = ()) -> Sha256:
    """SHA-256 over the name, each tool's name, description, schemas and effect, the permissions and dependencies.

    Order does not count. `dependencies` are the requirements of the wheel as the store locked them; the skills that
    the manifest requires are always part of it.
    """
    bound = {
        "consent": 1,
        "name": manifest.name,
        "tools": {
            tool.name: {
                "description": tool.description,
                "input_schema": tool.input_schema,
                "output_schema": tool.output_schema,
                "effect": tool.effect.value,
                "permissions": sorted(tool.permissions),
            }
            for tool in manifest.tools
        },
        "permissions": sorted(manifest.permissions.rows()),
        "requires_skills": sorted(manifest.requires_skills),
        "dependencies": sorted(dependencies),
    }
    return Sha256(hashlib.sha256(canonical_json(bound)).hexdigest())
