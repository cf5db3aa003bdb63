"""Policy: what a person said is what holds, for this call and for no other."""

from attacks.attack import Outside, Rows
from skillkernel.worker.inside.ask import ask_kernel

POLICY = Rows("policy")


@POLICY.attack("another skill called, that was not granted", off="the kernel's own check: there is no door without it")
def call_another(outside: Outside) -> str | None:
    for method, params in (
        ("call", {"tool": "neighbour.keep", "arguments": {"text": "taken"}}),
        ("memory", {"op": "get", "key": "x"}),
        ("model", {"prompt": "hello"}),
        ("secret", {"name": "password"}),
        ("grant", {"row": "network:*:*"}),
    ):
        try:
            value, _ = ask_kernel(method, dict(params))
        except (OSError, Exception) as error:  # noqa: BLE001 # every error is a refusal
            if "not" in str(error) or "no such" in str(error) or "service" in str(error):
                continue
            return f"{method}: {error}"
        return f"{method}: {value!r}"
    return None


@POLICY.attack("grants widened in a running worker", off="the kernel's own check: there is no grant without it")
def widen(outside: Outside) -> str | None:
    """Everything on this side that speaks of grants is changed; the kernel looks at its own."""
    from skillkernel.worker.inside import files_shim, network_names

    for module in (files_shim, network_names):
        for name in ("granted", "allowed", "rows"):
            setattr(module, name, frozenset([outside.secret]))
    for path in (outside.secret, f"{outside.granted}/denied/secret", f"{outside.granted}/../secret"):
        try:
            _, descriptor = ask_kernel("open", {"path": path, "flags": 0})
        except OSError:
            continue
        return f"{path} was opened: {descriptor}"
    return None


_RULES = "tests/core/permissions/test_rules_decide.py"
_DECIDE = "tests/core/permissions/test_decide.py"
_CHECK = "the kernel's own check: the grants, rules and calls there are hostile"
for _name, _test in (
    (
        "a call that is not what was approved: another spelling of it",
        "tests/core/test_text.py::test_the_canonical_call_is_one_for_one_call",
    ),
    (
        "a call that hides what it does from the person who approves it",
        "tests/core/test_text.py::test_the_canonical_call_decodes_to_what_runs_and_hides_nothing",
    ),
    (
        "what is shown and what runs: byte for byte the same",
        "tests/cli/test_terminal.py::test_a_write_asks_and_shows_exactly_what_runs",
    ),
    (
        "a name that is looked up again after it was checked (DNS rebinding)",
        "tests/core/services/network/test_connecting.py::test_a_name_is_looked_up_once_and_the_checked_address_is_the_connected_one",
    ),
    (
        "a wildcard, an empty host, port 0",
        "tests/core/permissions/test_network.py::test_what_is_no_host_and_port_is_refused",
    ),
    (
        "a grant that fits more than it says",
        "tests/core/permissions/test_network.py::test_only_the_very_host_and_port_are_granted",
    ),
    (
        "a setting that makes a grant mean more",
        "tests/core/permissions/test_network.py::test_a_setting_that_is_no_host_grants_nothing",
    ),
    ("deny and allow in another order", f"{_RULES}::test_deny_goes_before_ask_before_allow_whatever_their_order"),
    ("a value that only looks like the allowed one", f"{_RULES}::test_values_that_only_look_alike_allow_nothing"),
    ("one recipient more", f"{_RULES}::test_a_recipient_slips_through_neither_way"),
    (
        "an argument more than the rule knew of",
        f"{_RULES}::test_what_always_writes_covers_the_call_and_nothing_with_one_more_argument",
    ),
    (
        "a wildcard that reaches into the other half of a name",
        f"{_RULES}::test_a_wildcard_stays_within_its_half_of_the_name",
    ),
    ("a text that makes a rule take for ever", f"{_RULES}::test_a_hostile_text_takes_no_longer_than_it_is_long"),
    (
        "a grant that the manifest does not ask for",
        f"{_DECIDE}::test_a_grant_that_the_manifest_does_not_ask_for_gives_nothing",
    ),
    ("a session that widens", f"{_DECIDE}::test_a_session_narrows_and_never_widens"),
    (
        "a confused deputy: another skill with more rights",
        "tests/core/services/test_services_of_skills.py::test_the_called_skill_has_no_more_rights_than_the_caller",
    ),
    (
        "another skill's memory",
        "tests/core/services/test_services_of_skills.py::test_what_was_remembered_is_found_in_the_next_session_and_by_that_skill_alone",
    ),
    (
        "a ring of skills that call each other",
        "tests/core/services/test_services_of_skills.py::test_skills_that_call_each_other_come_to_an_end",
    ),
    (
        "a skill's call that a person would have been asked about",
        "tests/core/services/test_services_of_skills.py::test_what_would_be_asked_of_a_person_is_asked_for_a_skill_s_call_too",
    ),
    (
        "what was typed before a question, taken for its answer",
        "tests/cli/test_answers.py::test_what_was_typed_before_a_question_is_no_answer_to_it",
    ),
    (
        "an `always` given in haste",
        "tests/cli/test_answers.py::test_always_shows_the_rule_asks_once_more_for_a_send_and_writes_it",
    ),
    (
        "walls or rules switched off by a folder that the person works in",
        "tests/cli/test_rules.py::test_rules_come_from_the_home_alone",
    ),
    (
        "walls switched off by a misspelt line",
        "tests/core/worker/test_tiers.py::test_what_is_not_understood_is_an_error",
    ),
    (
        "walls switched off for more than the named skill",
        "tests/core/worker/test_tiers.py::test_a_skill_runs_without_walls_only_where_the_config_names_it",
    ),
    (
        "a machine where nothing holds: run nevertheless",
        "tests/core/worker/test_tiers.py::test_where_none_holds_no_skill_runs_and_the_fix_is_said",
    ),
    (
        "a kept answer about the walls, forged",
        "tests/core/worker/test_tiers.py::test_a_kept_answer_that_is_odd_is_found_out_again",
    ),
    (
        "a mechanism that is missing, passed over",
        "tests/core/worker/test_confine.py::test_where_landlock_is_too_old_nothing_is_loaded",
    ),
    (
        "a mistake in the rules: everything runs",
        "tests/core/test_kernel.py::test_rules_with_a_mistake_keep_the_kernel_shut",
    ),
    (
        "a crash in the middle: a half-made state",
        "tests/registry/test_crash.py::test_an_install_that_is_killed_at_any_step_leaves_the_old_or_the_new",
    ),
    (
        "a warm worker whose grant was taken back",
        "tests/core/worker/test_pool.py::test_other_grants_version_or_settings_end_the_old_worker",
    ),
    (
        "objects that run when they are read (pickle, marshal, YAML)",
        "tests/attacks/test_attacks.py::test_nothing_that_runs_when_it_is_read_is_used",
    ),
):
    POLICY.proof(_name, _test, _CHECK)
POLICY.residual(
    "an allowed host is a way out",
    "whoever may talk to a host may tell it all that it knows; grant few hosts, and read `skill trace`.",
)
POLICY.residual(
    "an allowed host that fronts for another one (SNI, Host header)",
    "TLS ends in the worker, so the kernel sees host and port alone: a host that serves others serves them here too.",
)
POLICY.residual(
    "a person who always says yes",
    "questions are rare, show what will run, and default to no; nobody can be kept from answering them.",
)
