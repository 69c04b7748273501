"""Rehearse a hardware run: ``python -m sqsq.loopback``."""

import sys

if __name__ == "__main__":
    try:
        from sqsq.loopback.command import command

        command()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
