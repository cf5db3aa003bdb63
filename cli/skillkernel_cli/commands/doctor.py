"""`skill doctor`: what works here, and what to do where it does not."""

from skillkernel_cli.options import Json


def doctor_command(json: Json = False) -> int:
    """Check this machine: sandbox, model, command, home, skills, indexes, rules.

    Example: skill doctor
    """
    from dataclasses import asdict

    from skillkernel.home import open_home
    from skillkernel_cli import health
    from skillkernel_cli.index_health import indexes
    from skillkernel_cli.output import json_document, note, print_table

    layout = open_home()
    walls, canaries = health.sandbox(layout)
    checks = [
        walls,
        health.model(layout),
        health.command(),
        health.home(layout),
        health.skills(layout),
        indexes(layout),
        health.rules(layout),
        health.strangers(),
    ]
    if json:
        json_document([asdict(check) for check in checks])
    else:
        print_table([(check.name, check.state, check.says) for check in checks], ("CHECK", "STATE", "SAYS"))
        for tier, escapes in canaries.items():
            rows = [(name, f"got out: {how}" if how else "held") for name, how in escapes.items()]
            print_table(rows, (f"TIER {tier}: A SKILL CAN", "CANARY"))
        for check in checks:
            if check.hint:
                note(f"hint: {check.name}: {check.hint}")
    return 5 if any(check.state == "missing" for check in checks) else 0
