"""A private Sigstore instance, a wheel to sign, and whom the tests take for its publisher."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.sigstore_instance import ALICE, SigstoreInstance, sigstore_instance
from fakes.wheels import SkillWheelFake
from skillkernel_registry.index_format import PublisherPin


@pytest.fixture(autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No CI service lends its identity, and the keys of the public instance are those that the library brings."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "GOOGLE_SERVICE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SIGSTORE_IDENTITY_TOKEN", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def sigstore() -> Iterator[SigstoreInstance]:
    with sigstore_instance() as instance:
        yield instance


@pytest.fixture
def trust(sigstore: SigstoreInstance, tmp_path: Path) -> Path:
    """The ClientTrustConfig of the private instance."""
    return sigstore.write_trust_config(tmp_path)


@pytest.fixture
def alice(sigstore: SigstoreInstance) -> PublisherPin:
    return PublisherPin(kind="Identity", identity=ALICE, issuer=sigstore.issuer.url)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return SkillWheelFake().write(tmp_path / "dist")
