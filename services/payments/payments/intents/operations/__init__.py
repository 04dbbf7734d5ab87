"""What can be done with payment intents: made and paid, from a wallet or by card, and given back."""
