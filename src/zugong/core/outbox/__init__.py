"""Messages that wait to be read or carried: written in the transaction of the deed that caused them."""
