"""The command ``sqsq``, also as ``python -m sqsq``: ready for Ctrl-C before anything slow is imported."""

import sys

try:
    from sqsq.cli.process import run_command
except KeyboardInterrupt:
    sys.stderr.write("sqsq: interrupted\n")
    sys.exit(130)


def main() -> None:
    """Run the command line and exit with its code."""
    run_command(_run)


def _run() -> int:
    from sqsq.cli.main import exit_code

    return exit_code()


if __name__ == "__main__":
    main()
