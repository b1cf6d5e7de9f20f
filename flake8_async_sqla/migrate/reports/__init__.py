"""What a migration did and left, for a reader."""
