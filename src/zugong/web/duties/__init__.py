"""Duties: what comes round again, and the burden it is."""
