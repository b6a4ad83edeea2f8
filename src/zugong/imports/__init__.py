"""Files of others in: read without Django, checked whole, then loaded by one deed or not at all.

`divisions` are the national files; `sheets` reads and writes workbooks; `entities` says what can stand in one.
"""
