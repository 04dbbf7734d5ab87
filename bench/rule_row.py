"""How many earning rules one process evaluates; nothing has to be up for it."""

import json
import os
import subprocess

from bench.table import Row
from tools.stack.layout import ROOT, VENV_BIN

PROMISED = 100_000


def rule_row() -> Row:
    """Return the rules that one process evaluates in a second of a processor, as a purchase is asked a hundred of which
    it meets two, beside what is promised."""
    places = [str(ROOT / place) for place in ("", "services/points", "shared")]
    command = [str(VENV_BIN / "python"), "-m", "bench.inside.rules"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(places)}
    found = json.loads(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    others = {name: found[f"rules of 100, {name}"] for name in ("none met", "all met, fixed", "all met, by amount")}
    more = "; ".join(f"{name} {rate:,}" for name, rate in others.items())
    return Row("rules in one process; what is promised", found["rules of 100, two met"], PROMISED, 1.00, more)
