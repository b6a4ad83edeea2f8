"""The command `zugong`: one file per group of commands."""
