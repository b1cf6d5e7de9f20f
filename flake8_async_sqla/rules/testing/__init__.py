"""Rules about tests that use async engines and sessions."""
