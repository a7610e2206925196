"""One verb a file; see pratique/cli/main.py."""
