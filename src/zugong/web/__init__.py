"""Pages for people, by subject: they show many engines and own no record."""
