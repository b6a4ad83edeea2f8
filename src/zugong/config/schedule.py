"""What the clock calls: the jobs of a day, in order."""

DAILY: list[tuple[str, object]] = []
