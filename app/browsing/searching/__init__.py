"""What people type: read, said, looked up, marked in texts, and mended when it finds nothing."""
