"""``python -m sqsq``."""

from sqsq.cli.main import main

if __name__ == "__main__":
    main()
