"""Programs that other packages bring."""

import shutil
import sysconfig


def installed(name: str) -> str | None:
    """Where the program is: beside the interpreter, which need not be on the path, or on the path."""
    return shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
