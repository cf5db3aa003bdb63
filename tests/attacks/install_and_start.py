"""Install and start: nothing of a skill runs before its walls are up, and nothing lands where it should not."""

import os
import sys
from importlib import import_module
from pathlib import Path

from attacks.attack import Outside, Rows

INSTALL_AND_START = Rows("install_and_start")


@INSTALL_AND_START.attack(
    "a module of the skill's that is called like one of the standard library (json.py)", bare=True
)
def shadow_the_library(outside: Outside) -> str | None:
    """The hostile skill has a json.py, and so has the folder that a bare process is started in."""
    planted = Path(outside.environment or outside.data)
    if not outside.environment:
        (planted / "json.py").write_text("taken = True")
        sys.path.insert(0, str(planted))
        sys.modules.pop("json", None)
    import json

    return "it is taken for Python's" if getattr(json, "taken", False) else None


@INSTALL_AND_START.attack("a module of the skill's that is called like the SDK (skillkernel, pluggy)", bare=True)
def shadow_the_sdk(outside: Outside) -> str | None:
    if not outside.environment:
        Path(outside.data, "pluggy.py").write_text("taken = True")
        sys.path.insert(0, outside.data)
        sys.modules.pop("pluggy", None)
    import pluggy

    return "it is taken for the SDK's" if getattr(pluggy, "taken", False) else None


@INSTALL_AND_START.attack("a .pth file, sitecustomize and usercustomize in its environment", bare=True)
def start_files(outside: Outside) -> str | None:
    if not outside.environment:
        import site
        import subprocess

        Path(outside.data, "x.pth").write_text("import sys; sys.attacked = True\n")
        site.addsitedir(outside.data)
        Path(outside.data, "sitecustomize.py").write_text("print('ran')")
        code = [sys.executable, "-c", ""]
        ran = subprocess.run(code, env={"PYTHONPATH": outside.data}, capture_output=True, check=False).stdout
        return "they ran" if hasattr(sys, "attacked") and ran else None
    return "they ran" if hasattr(sys, "attacked") or hasattr(sys, "customized") else None


@INSTALL_AND_START.attack("code of the skill's in the kernel's own process", bare=True)
def in_the_kernel(outside: Outside) -> str | None:
    """The kernel would have imported it to see what tools there are; without walls that is what people do."""
    if outside.tier == "none":
        return "whoever imports it runs it"
    return "this is the kernel's process" if os.getpid() == outside.kernel and outside.tier != "A" else None


@INSTALL_AND_START.attack("the code of another skill, imported", bare=True)
def another_skills_code(outside: Outside) -> str | None:
    if not outside.environment:
        Path(outside.data, "skill_neighbour.py").write_text("")
        sys.path.insert(0, outside.data)
    else:
        sys.path.append(str(Path(outside.environment).with_name("neighbour")))
    try:
        return f"{import_module('skill_neighbour').__name__} was imported"
    except ImportError:
        return None


@INSTALL_AND_START.attack(
    "asking the kernel while it is loaded", off="the kernel's own check: there is no door without it"
)
def while_loading(outside: Outside) -> str | None:
    """`skill_hostile` asked when it was imported, and kept what came of it."""
    said = str(vars(sys.modules["skill_hostile"])["WHILE_LOADING"])
    return None if said.startswith("PermissionError") else said


_WHEEL = "tests/registry/test_wheel.py"
_INSTALL = "tests/registry/test_install.py"
_BUILD = "tests/registry/test_build.py"
_CHECK = "the kernel's own check: the wheels, indexes and manifests there are hostile"
for _name, _test in (
    (
        "a path that leads out of the wheel: `..`, absolute, backslash, drive, device",
        f"{_WHEEL}::test_a_path_that_is_not_plain_is_refused",
    ),
    ("links and devices in a wheel", f"{_WHEEL}::test_links_and_devices_are_refused"),
    ("a zip bomb", f"{_WHEEL}::test_more_bytes_than_allowed_are_refused"),
    ("a wheel of very many files", f"{_WHEEL}::test_more_files_than_allowed_are_refused"),
    (
        "a name twice, names that overlap, names that differ in case",
        f"{_WHEEL}::test_a_name_that_is_there_twice_is_refused",
    ),
    (
        "bytes hidden between the files of a wheel",
        f"{_WHEEL}::test_bytes_before_between_or_after_the_files_are_refused",
    ),
    ("a file that RECORD does not name", f"{_WHEEL}::test_a_file_that_record_does_not_name_is_refused"),
    ("a file that is not what RECORD says", f"{_WHEEL}::test_every_byte_that_is_changed_is_noticed"),
    (
        "scripts, `*.data/`, .pth in a skill's wheel",
        f"{_WHEEL}::test_what_does_not_belong_into_a_skills_wheel_is_refused",
    ),
    (
        "scripts, .pth, sitecustomize of a dependency",
        f"{_INSTALL}::test_what_would_act_without_being_imported_is_left_out",
    ),
    ("a dependency written over by another", f"{_WHEEL}::test_nothing_of_a_dependency_is_overwritten"),
    ("a dependency with another hash", f"{_INSTALL}::test_a_dependency_with_another_hash_is_refused"),
    ("a dependency left open: dependency confusion", f"{_WHEEL}::test_a_lock_that_leaves_a_dependency_open_is_refused"),
    (
        "a lock that is more than pins: an address, an index, an option",
        f"{_WHEEL}::test_a_lock_that_is_more_than_pins_is_refused",
    ),
    ("code that runs when a skill is built", f"{_BUILD}::test_the_authors_code_runs_inside_the_walls"),
    (
        "code that runs when skills are listed",
        "tests/core/catalogue/test_discovery.py::test_nothing_of_a_skill_is_imported_or_run",
    ),
    (
        "code in the kernel's own folder: a .pth that runs at every start",
        "tests/cli/test_health.py::test_a_package_with_code_at_every_start_is_named",
    ),
    (
        "a package that claims the command or a driver",
        "tests/cli/test_health.py::test_a_package_that_claims_the_command_or_a_driver_is_named",
    ),
    (
        "two distributions that claim one skill",
        "tests/core/catalogue/test_discovery.py::test_a_name_that_two_distributions_claim_belongs_to_neither",
    ),
    (
        "a name that looks like another's (homoglyphs, `a_b` and `a-b`)",
        f"{_INSTALL}::test_names_that_read_alike_are_refused",
    ),
    (
        "a wheel exchanged after it was looked at",
        f"{_INSTALL}::test_a_wheel_that_is_swapped_after_it_was_looked_at_changes_nothing",
    ),
    ("a poisoned cache", f"{_INSTALL}::test_a_poisoned_uv_cache_is_noticed"),
    (
        "an index that redirects elsewhere",
        "tests/registry/test_published_index.py::test_a_redirect_to_elsewhere_is_refused",
    ),
    (
        "an index of damaged or hostile bytes",
        "tests/registry/test_index_format.py::test_any_bytes_are_refused_by_name_or_understood",
    ),
    ("a manifest exchanged after it was approved", "tests/core/catalogue/test_verify.py::test_every_change_is_found"),
    ("a file added to an installed skill", "tests/cli/test_call.py::test_a_file_added_to_the_store_stops_the_skill"),
    (
        "an older wheel in place of a newer one",
        "tests/registry/resolution/test_versions.py::test_what_is_taken_is_never_withdrawn_and_never_older",
    ),
    (
        "an upgrade to another publisher, which would inherit data and grants",
        f"{_INSTALL}::test_another_publisher_starts_with_nothing",
    ),
    ("an upgrade that asks for more", f"{_INSTALL}::test_an_upgrade_that_differs_is_shown_and_needs_a_yes"),
    (
        "control, bidi and invisible characters in a manifest or a prompt",
        "tests/core/test_text.py::test_what_is_hidden_becomes_visible",
    ),
    (
        "what a skill says, moving the cursor of a terminal",
        "tests/cli/test_call.py::test_what_a_skill_says_cannot_move_the_cursor",
    ),
    ("a call that forges the question about it", "tests/cli/test_answers.py::test_a_call_cannot_forge_a_question"),
    (
        "a docstring that hides something from the model's reader",
        f"{_BUILD}::test_a_docstring_that_hides_something_is_blamed_on_its_function",
    ),
):
    INSTALL_AND_START.proof(_name, _test, _CHECK)
INSTALL_AND_START.residual(
    "a skill that is honest about what it asks for, and does harm with it",
    "what was granted is granted; the manifest and the person's yes are the only judges of what is wanted.",
)
