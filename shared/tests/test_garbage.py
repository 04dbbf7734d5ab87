import subprocess
import sys

LOOK = """
import gc
from shared.garbage import THRESHOLDS, collect_rarely
collect_rarely()
print(gc.get_threshold() == THRESHOLDS, gc.get_freeze_count() > 1000, gc.isenabled())
"""


def test_a_serving_process_collects_rarely_but_collects() -> None:
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["True", "True", "True"]
