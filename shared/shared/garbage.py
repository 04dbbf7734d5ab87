"""How often Python looks for garbage in the processes that serve."""

import gc

# Ten thousand postings are a million objects that live until the last is written. Python's own thresholds (700, 10, 10)
# look through all of them again and again: a fifth of the time of a batch. New ones are looked through after a few
# requests all the same, while they are in the processor's caches: a request leaves dozens that refer to each other, and
# fifty thousand of them took three times as long to find, each, and ever new memory until then.
THRESHOLDS = (2_000, 500, 50)


def collect_rarely() -> None:
    """Leave what is loaded now out of every later search, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
