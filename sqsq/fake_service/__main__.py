"""Rehearse a hardware run: ``python -m sqsq.fake_service``."""

import sys

if __name__ == "__main__":
    try:
        from sqsq.fake_service.command import command

        command()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
