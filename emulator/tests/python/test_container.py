"""What the Dockerfile makes, without Docker: its lint, and the binary as another user in a root with nothing else in it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"
EMULATOR = Path(os.environ["AGGLESTONE_EMULATOR"])
HADOLINT = Path(sys.executable).with_name("hadolint")


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not packaged for this machine")
def test_the_dockerfile_has_no_lints():
    done = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def root(tmp_path):
    """A root folder with the binary and the libraries that it is linked to, as the base image has them."""
    linked = subprocess.run(["ldd", EMULATOR], capture_output=True, text=True, check=True).stdout
    libraries = [Path(path) for path in re.findall(r"(/\S+) \(0x", linked)]
    assert {library.name.split(".")[0] for library in libraries} <= {"libc", "libm", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}
    for library in libraries:
        copy = tmp_path / library.relative_to("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, copy)
    shutil.copy(EMULATOR, tmp_path / "agglestone-emulator")
    tmp_path.chmod(0o755)
    return tmp_path


def test_the_binary_runs_as_another_user_in_an_empty_root(root):
    settings = dict(re.findall(r"(AGGLESTONE_EMULATOR_\w+)=(\S+)", DOCKERFILE.read_text()))
    assert settings["AGGLESTONE_EMULATOR_HOST"] == "0.0.0.0"
    user = re.search(r"^USER (\S+)$", DOCKERFILE.read_text(), re.MULTILINE)[1]
    # Who may not become another user gets a root of their own in a namespace.
    inside = ["chroot", f"--userspec={user}"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "chroot"]
    inside[0] = shutil.which(inside[0])
    command = [*inside, root, "/agglestone-emulator"]
    process = subprocess.Popen(
        [*command, "--json"], env={**settings, "AGGLESTONE_EMULATOR_PORT": "0"}, stdout=subprocess.PIPE, text=True
    )
    try:
        port = json.loads(process.stdout.readline())["url"].rsplit(":", 1)[1]
        check = [*command, "healthcheck"]
        assert subprocess.run(check, env={**settings, "AGGLESTONE_EMULATOR_PORT": port}).returncode == 0
        if os.geteuid() == 0:
            owner = Path(f"/proc/{process.pid}").stat().st_uid
            assert str(owner) == user.split(":")[0]
    finally:
        process.terminate()
    assert process.wait() == 0, "SIGTERM reaches it, as `docker stop` sends it"
    assert subprocess.run(check, env={**settings, "AGGLESTONE_EMULATOR_PORT": port}, stderr=subprocess.DEVNULL).returncode == 1
