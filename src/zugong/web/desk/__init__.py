"""The desk: what awaits me, what I wait for, what comes round again."""
