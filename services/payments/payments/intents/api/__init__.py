"""Payment intents and their refunds over HTTP."""
