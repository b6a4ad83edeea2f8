"""Routing that learns: to whom a message belongs, told from messages that people have sorted. Pure: no Django, no clock."""
