"""Bulletins: drafted from facts, approved by two, issued with a number, printed as Word, PDF and Excel."""
