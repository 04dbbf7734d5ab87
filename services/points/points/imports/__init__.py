"""Files of many postings: uploaded in pieces, checked without effect, then posted chunk by chunk."""
