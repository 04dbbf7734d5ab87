"""Does anything take longer where there is ten times as much? bench/README.md says what is measured."""

import os
import sys

from tools.stack.layout import ROOT

# The API's own clients are those of the journeys; by these ids the gateway's log tells who asked.
sys.path.insert(0, str(ROOT / "tests-e2e"))
os.environ.setdefault("REQUEST_IDS", "scale-")
