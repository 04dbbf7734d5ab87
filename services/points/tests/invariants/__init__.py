"""Each invariant of docs/points/invariants.md is tried: in the database, through its functions, by its proof."""
