"""What is published of, and proven over, all books of the service: day totals and the ledger's proof."""
