"""Fake metadata services on loopback that can misbehave on demand; for tests, demos and image authors."""
