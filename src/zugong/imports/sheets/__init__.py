"""Workbooks: read from whoever sends them, written so that they can be filled in and sent back. No Django here."""
