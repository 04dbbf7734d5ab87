"""What the gateway answers in place of an operation, by status: code → title.

What it refuses before it knows which operation is asked for (an unreadable request, a long address, long headers)
belongs to none; docs/errors.md has it.
"""

BY_GATEWAY = {
    429: {
        "gateway.rate_limited": "Too many requests",
        "gateway.too_many_connections": "Too many connections",
    },
    502: {"gateway.upstream_unavailable": "The service is away"},
    503: {"gateway.overloaded": "Temporarily overloaded"},
    504: {"gateway.timeout": "The service did not answer in time"},
}
BY_GATEWAY_OF_BODIES = {413: {"gateway.too_large": "The request is too large"}}
