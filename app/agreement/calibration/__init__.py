"""What a reviewer may learn from their own reviews beside others': to compare notes, not to rank."""
