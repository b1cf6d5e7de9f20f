"""What the calls of a function do to the transactions of its sessions and connections."""
