"""What follows from the facts: decision tables judged, guards evaluated. Nothing is stored. No Django."""
