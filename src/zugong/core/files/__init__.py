"""Files as evidence: kept whole in the database, named by their content, checked before they are taken."""
