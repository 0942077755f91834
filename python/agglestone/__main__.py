"""`python -m agglestone`: runs the command `agglestone`, which is a package of its own."""

import os
import subprocess
import sys

from agglestone._programs import installed

MISSING = "agglestone: the command is not installed: pip install agglestone-cli"
NOT_FOUND = 127
"""What shells answer then."""


def main(arguments: list[str]) -> int:
    """Becomes the command, or says how to get it."""
    command = installed("agglestone")
    if command is None:
        print(MISSING, file=sys.stderr)
        return NOT_FOUND
    if os.name == "posix":
        os.execv(command, [command, *arguments])
    # Elsewhere exec leaves the caller's shell before the command has ended.
    return subprocess.run([command, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
