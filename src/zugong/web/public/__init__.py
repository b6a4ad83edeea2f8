"""Pages for whoever has no account: ask, follow, rate. Without script, without a session."""
