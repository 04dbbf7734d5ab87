-- How often a request was run again because what it had written before reading did not hold. A sequence counts what is
-- rolled back, too, and nobody waits for it.
CREATE SEQUENCE optimistic_conflict;
