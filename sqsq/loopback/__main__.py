"""Rehearse a hardware run: ``python -m sqsq.loopback``."""

from sqsq.cli.process import run_command


def _run() -> int:
    from sqsq.cli.exit_codes import exit_code_of
    from sqsq.loopback.command import command

    return exit_code_of(command, "python -m sqsq.loopback")


if __name__ == "__main__":
    run_command(_run)
