"""Where backups are kept: put, read back, fetched, listed and removed."""
