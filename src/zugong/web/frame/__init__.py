"""The switches of the frame: type size, language; and the list of keys."""
