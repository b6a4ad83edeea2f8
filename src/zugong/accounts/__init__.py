"""Who may see and do: users, and grants of a role over a part of the county."""
