"""Sessions and connections: who uses them, and which tasks share them."""
