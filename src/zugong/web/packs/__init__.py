"""The policy packs in force, in words an official can read."""
