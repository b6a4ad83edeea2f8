"""What is owed and earned: points, money and hours in accounts that only grow by postings."""
