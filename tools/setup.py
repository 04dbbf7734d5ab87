"""Makes .venv with everything the repository needs: `make setup`. Quick when nothing changed.

Runs on the machine's own Python before anything is installed, so it uses the standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "setup.stamp"
LOCKS = (
    "tools/dev.lock",
    *(f"services/{service}/requirements.lock" for service in ("auth", "points", "payments", "warehouse")),
)
INPUTS = (*LOCKS, "tools/embedded.lock", "shared/pyproject.toml", "tools/setup.py")
OLDEST_PYTHON = (3, 11)
NO_VENV = """\
python3 cannot make virtual environments here: its ensurepip module is missing.
Install it, then run make again:    sudo apt-get install python3-venv"""


def run(*command: str | Path) -> None:
    """Runs a command of the set-up, quietly where it succeeds; exits with its output where it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nsetup: this failed: {' '.join(str(part) for part in command)}")


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def fingerprint() -> str:
    """What the environment was made from: it is made again when this changes."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT} {sorted(missing_binaries())}".encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def missing_binaries() -> set[str]:
    """The servers that neither the system nor the environment has; wheels stand in for them."""
    from tools.stack.binaries import system_binary

    return {server for server in ("postgres", "redis-server", "nginx") if system_binary(server) is None}


def ensure_venv_module() -> None:
    """Installs python3-venv where Debian left it out: as root itself, else by telling what to type."""
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(NO_VENV)
    say("installing python3-venv")
    run("apt-get", "update", "-qq")
    run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "python3-venv")


def make_venv() -> None:
    """Makes .venv, or leaves the one there is; one for another Python is replaced."""
    if (VENV / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}").is_dir() and (VENV / "bin/pip").exists():
        return
    ensure_venv_module()
    say(f"making .venv with Python {sys.version.split()[0]}")
    # The Makefile may have started us with the .venv's own Python, which is about to go.
    run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", VENV)


def pip_options() -> list[str]:
    """uv reads neither pip.conf nor PIP_*: hands it the indexes and folders that pip is told to use."""
    listed = subprocess.run([VENV / "bin/pip", "config", "list"], capture_output=True, text=True).stdout
    options: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        option = key.rpartition(".")[2]
        if option in ("index-url", "extra-index-url", "find-links"):
            options[option] = value.strip("'\"")
    # Several indexes are safe to mix: every package is pinned by its hash.
    return ["--index-strategy=unsafe-best-match"] + [
        f"--{option}={value}" for option, values in options.items() for value in values.split() if usable(value)
    ]


def usable(address: str) -> bool:
    """Whether an index or folder is there: pip passes over missing folders, uv stops at them."""
    path = address.removeprefix("file://")
    return not path.startswith("/") or Path(path).is_dir()


def install(*arguments: str) -> None:
    """Installs with uv, whose speed is why it is here; plain pip does the same where uv cannot."""
    with_uv = [VENV / "bin/uv", "pip", "install", "--python", VENV / "bin/python", *pip_options(), *arguments]
    if subprocess.run([str(part) for part in with_uv], cwd=ROOT, capture_output=True).returncode:
        run(VENV / "bin/pip", "install", *arguments)


def main() -> None:
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"setup: Python 3.11 or newer is needed, not {sys.version.split()[0]}. Try: make PYTHON=python3.13 …")
    with open(ROOT / "Makefile") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not STAMP.exists() or STAMP.read_text() != fingerprint():
            set_up()


def set_up() -> None:
    make_venv()
    say("installing the locked packages")
    pinned_uv = next(line for line in (ROOT / "tools/dev.lock").read_text().splitlines() if line.startswith("uv=="))
    run(VENV / "bin/pip", "install", "-q", pinned_uv.split()[0])
    for lock in LOCKS:
        install("--require-hashes", "-r", lock)
    if missing := missing_binaries():
        say(f"installing wheels in place of {', '.join(sorted(missing))}")
        install("--require-hashes", "-r", "tools/embedded.lock")
    install("--no-deps", "--no-build-isolation", "-C", "editable_mode=compat", "--editable", "shared")
    STAMP.write_text(fingerprint())
    say("ready")


if __name__ == "__main__":
    main()
