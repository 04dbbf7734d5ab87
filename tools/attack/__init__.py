"""Attacks on a stack of their own (.run/attack): each probe tries one kind of abuse and says what got through.

`make attack` runs them all; `make attack o="--seed 123 --only minting_by_a_merchant"` repeats one. `line` sends each
request once and judges nothing, `people` are all roles, `crowd` sends much at once; the probes are in the modules that
`__main__` names.
Only loopback addresses are used, and each probe ends by itself.
"""
