"""How often something was done within an hour: by one address, and by all together. No address is kept."""
