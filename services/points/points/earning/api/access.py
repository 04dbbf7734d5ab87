"""Who reads and writes rules."""

WRITE = ("programmes:write",)
# Operators and analysts: what a programme is about to do is not for its members.
READ = (*WRITE, "points:read-any", "reports:read")
