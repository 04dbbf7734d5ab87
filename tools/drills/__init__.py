"""Drills: faults on purpose, under traffic, each ending with the proof that every effect happened exactly once.

`make drills` runs them on a stack of their own (.run/drills); `make drills o="--seed 123 --only flushall"` repeats one.

`traffic` asks the system for effects and writes down in a `tally` what was answered; `processes`, `broker`, `queues`
and `databases` inject faults; `proof` compares the tally with what the services say. The drills themselves are in
`losing`, `killing`, `repeating`, `waiting`, `deleting` and `rotating`; `stage` is what each of them is given.
"""
