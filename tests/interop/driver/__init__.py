"""What plays MLS groups of several implementations: see docs/interop.md."""
