"""How well it was done: freeze facts, score, grade, rank, explain."""
