"""Payment intents: what is to be paid, how it was tried, and what was given back."""
