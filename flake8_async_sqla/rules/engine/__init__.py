"""Rules about engines, URLs, drivers and pools (ASQ1xx)."""
