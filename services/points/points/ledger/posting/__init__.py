"""The write path of the ledger, in reading order: engine (lock → due → repeated? → decide → write → publish), load,
write, and optimistic for postings that are written before their account is read.

Callers know `post`, for one posting and for ten thousand; the rest is a view of it.
"""

from points.ledger.posting.engine import Outcome, foresee, post, post_all, post_answered, post_one

__all__ = ["Outcome", "foresee", "post", "post_all", "post_answered", "post_one"]
