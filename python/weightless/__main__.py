"""Entry point of `python -m weightless`, which runs the command."""

import sys

from weightless.cli import main

if __name__ == "__main__":
    sys.exit(main())
