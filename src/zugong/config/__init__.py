"""The site as Django starts it: settings, addresses, schedule."""
