"""Files of others in: read without Django, checked whole, then loaded by one deed or not at all."""
