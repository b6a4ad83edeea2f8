"""Sheets in and out: what can be imported, one import, its preview, its undoing."""
