"""Signing in, one's own account, and the pages of the system and security administrators."""
