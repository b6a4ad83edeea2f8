"""The boards of alliances: members, four lists, agenda, decisions."""
