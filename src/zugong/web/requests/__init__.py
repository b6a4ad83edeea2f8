"""Requests, for those who take them in and follow them."""
