"""`python -m pratique VERB`, which `.venv/bin/pratique` calls."""

import sys

from pratique.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
