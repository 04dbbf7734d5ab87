"""Questions that tell whether a process is ready."""

import http.client
import ssl
import time
from collections.abc import Callable
from pathlib import Path


def answers_ok(port: int, path: str, *, scheme: str = "http") -> Callable[[], bool]:
    """Whether GET answers 2xx on this machine's port."""

    def check() -> bool:
        connection = _connection(port, scheme)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return 200 <= connection.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return check


def _connection(port: int, scheme: str) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    # Asked whether it answers, not who it is: the certificate is that of another name.
    anybody = ssl._create_unverified_context()  # noqa: S323
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=3, context=anybody)


def touched(file: Path, *, within_seconds: float = 30) -> Callable[[], bool]:
    """Whether the process touched its sign of life lately; an older run's sign is removed first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)

    def check() -> bool:
        return file.exists() and time.time() - file.stat().st_mtime < within_seconds

    return check
