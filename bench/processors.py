"""How idle the machine is: figures from a busy machine mean little."""

import time
from pathlib import Path


def idle_share(seconds: float = 2.0) -> float:
    """Return which part of all processors' time was idle in the next seconds; 1.0 where the system does not say."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 1.0
    before = _times(stat)
    time.sleep(seconds)
    spent = [after - earlier for earlier, after in zip(before, _times(stat), strict=True)]
    return (spent[3] + spent[4]) / max(1, sum(spent))


def _times(stat: Path) -> list[int]:
    return [int(value) for value in stat.read_text().splitlines()[0].split()[1:9]]
