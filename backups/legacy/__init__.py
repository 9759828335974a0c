"""What the legacy app left behind, read by pure rules."""
