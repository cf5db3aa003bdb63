"""From settings to a driver, with real distributions on the path."""

from pathlib import Path
from typing import Any

import pytest

from skillkernel.errors import ModelMissing, SkillKernelError, UsageError
from skillkernel.model.choose_driver import choose_driver, load_drivers, model_settings
from skillkernel.model.driver import ModelSettings

PLUGIN = """
from skillkernel.hookspecs import hookimpl

class Echo:
    name = "echo/echo"

@hookimpl
def skillkernel_driver(settings):
    return Echo() if settings.driver in ("", "echo") else None
"""


def offer(site: Path, distribution: str, name: str, code: str) -> None:
    """Lay out an installed distribution with one driver."""
    module = distribution.replace("-", "_")
    (site / f"{module}.py").write_text(code)
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[skillkernel.drivers]\n{name} = {module}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))  # pyright: ignore[reportUnknownMemberType] # pytest leaves it untyped
    return tmp_path


def settings(environ: dict[str, str] | None = None, **table: Any) -> ModelSettings:
    return model_settings(environ or {}, {"model": table} if table else {})


def test_the_environment_goes_over_the_configuration() -> None:
    said = settings(
        {"SKILL_MODEL": "large", "OPENAI_BASE_URL": " http://h/v1 ", "OPENAI_API_KEY": "k"},
        model="small",
        read_timeout=5,
        retries=0,
    )
    assert said == ModelSettings(model="large", base_url="http://h/v1", api_key="k", read_timeout=5.0, retries=0)


def test_empty_variables_say_nothing() -> None:
    assert settings({"SKILL_MODEL": "", "OPENAI_API_KEY": " "}, model="small") == ModelSettings(model="small")


def test_a_key_of_the_configuration_is_not_sent_to_another_address() -> None:
    said = settings({"OPENAI_BASE_URL": "http://other/v1"}, base_url="https://mine/v1", api_key="k")
    assert said.api_key == ""
    assert settings({"OPENAI_BASE_URL": "https://mine/v1"}, base_url="https://mine/v1", api_key="k").api_key == "k"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"modle": "x"}, "model.modle is not a setting"),
        ({"model": 5}, "model.model is 5"),
        ({"read_timeout": 0}, "model.read_timeout is 0"),
        ({"read_timeout": "soon"}, "model.read_timeout is 'soon'"),
        ({"retries": True}, "model.retries is True"),
        ({"retries": -1}, "model.retries is -1"),
    ],
)
def test_a_wrong_entry_is_named(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as wrong:
        settings({}, **table)
    assert wrong.value.hint


def test_a_model_that_is_not_a_table_is_named() -> None:
    with pytest.raises(UsageError, match="model is not a table"):
        model_settings({}, {"model": "large"})


@pytest.mark.parametrize(
    "environ",
    [
        {"OPENAI_API_KEY": "k", "SKILL_MODEL": "gpt"},
        {"OPENAI_BASE_URL": "http://h/v1", "SKILL_MODEL": "x.gguf"},
        {"OPENAI_BASE_URL": "http://h/v1", "SKILL_MODEL": "Qwen2.5-Coder-0.5B-Instruct"},
    ],
)
def test_an_address_or_a_key_means_the_endpoint(environ: dict[str, str]) -> None:
    assert choose_driver(settings(environ)).name == f"openai/{environ['SKILL_MODEL']}"


def test_a_file_means_the_embedded_model_whatever_key_the_shell_exports() -> None:
    assert settings({"SKILL_MODEL": "/m/x.gguf", "OPENAI_API_KEY": "k"}).driver == "embedded"


def test_a_name_that_is_neither_local_nor_at_an_endpoint_gets_both_ways() -> None:
    with pytest.raises(ModelMissing, match="gpt-5") as missing:
        choose_driver(settings({"SKILL_MODEL": "gpt-5"}))
    assert "OPENAI_BASE_URL" in missing.value.hint
    assert "skillkernel[local]" in missing.value.hint


def test_a_name_that_is_nearly_one_of_the_catalogue_is_met_with_it() -> None:
    with pytest.raises(ModelMissing) as missing:
        choose_driver(settings({"SKILL_MODEL": "Qwen2.5-Coder-0.5B"}))
    assert "did you mean Qwen2.5-Coder-0.5B-Instruct?" in missing.value.hint


def test_the_openai_driver_without_an_endpoint_says_what_it_needs() -> None:
    with pytest.raises(ModelMissing, match="no endpoint"):
        choose_driver(settings({}, driver="openai"))


def test_an_unknown_driver_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no driver 'ollama'") as wrong:
        choose_driver(settings({}, driver="ollama"))
    assert "embedded, openai" in wrong.value.hint


def test_a_driver_beside_the_kernel_is_not_imported_unless_it_is_named(site: Path) -> None:
    offer(site, "skillkernel-echo", "echo", "raise SystemExit('imported')")
    assert not load_drivers().has_plugin("echo")


def test_a_driver_of_the_same_name_does_not_take_the_place_of_ours(site: Path) -> None:
    offer(site, "thief", "openai", "raise SystemExit('imported')")
    assert choose_driver(settings({"OPENAI_API_KEY": "k", "SKILL_MODEL": "m"}), ["openai"]).name == "openai/m"


def test_a_named_driver_is_asked_first(site: Path) -> None:
    offer(site, "skillkernel-echo", "echo", PLUGIN)
    assert choose_driver(settings({"OPENAI_API_KEY": "k", "SKILL_MODEL": "m"}), ["echo"]).name == "echo/echo"
    assert choose_driver(settings({"OPENAI_API_KEY": "k"}, driver="openai", model="m"), ["echo"]).name == "openai/m"


@pytest.mark.parametrize("code", ["import not_there", "def broken(:"])
def test_a_named_driver_that_does_not_import_is_named(site: Path, code: str) -> None:
    offer(site, f"broken-{len(code)}", "broken", code)
    with pytest.raises(UsageError, match=r"'broken' of broken-\d+ does not import"):
        choose_driver(settings(), ["broken"])


def test_a_driver_that_nobody_or_two_offer_is_named(site: Path) -> None:
    offer(site, "one", "twice", PLUGIN)
    offer(site, "two", "twice", PLUGIN)
    with pytest.raises(UsageError, match="offered by one and two"):
        load_drivers(["twice"])
    with pytest.raises(UsageError, match="no installed package offers"):
        load_drivers(["never"])


def test_drivers_that_are_no_list_are_named() -> None:
    with pytest.raises(UsageError, match="drivers is 'echo'"):
        load_drivers("echo")


def test_every_error_has_a_hint() -> None:
    for driver in ("openai", "ollama"):
        with pytest.raises(SkillKernelError) as error:
            choose_driver(settings({}, driver=driver))
        assert error.value.hint
