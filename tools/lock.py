"""Writes every lock file again: `python -m tools.lock`, or `python -m tools.lock --upgrade` for newer versions.

tools/dev.lock is resolved first, over all services, shared/ and the development group; the others
take their versions from it, so that all locks agree and one virtual environment holds them all.
Locks carry hashes and no addresses: any index, mirror or folder of wheels will do.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("auth", "points", "payments", "warehouse")
COMPILE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--quiet"),
)


def compile_lock(output: str, *inputs: str) -> None:
    """Resolves `inputs` into the lock file `output`; pins already in it stay unless --upgrade is given."""
    print(f"lock: {output}")
    subprocess.run([*COMPILE, *inputs, *sys.argv[1:], "-o", output], cwd=ROOT, check=True)


def main() -> None:
    """Resolves the whole set, then each part of it under the whole set's versions."""
    projects = {service: f"services/{service}/pyproject.toml" for service in SERVICES}
    compile_lock("tools/dev.lock", "shared/pyproject.toml", *projects.values(), "--group", "dev")
    for service, project in projects.items():
        compile_lock(f"services/{service}/requirements.lock", project, "shared/pyproject.toml", "-c", "tools/dev.lock")
    compile_lock("tools/build.lock", "tools/build.in", "-c", "tools/dev.lock")
    compile_lock("tools/embedded.lock", "--group", "embedded", "-c", "tools/dev.lock")


if __name__ == "__main__":
    main()
