"""Search: people, organisations and cases from one box."""
