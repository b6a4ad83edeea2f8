"""What the county has ruled: policy packs read, checked, merged and asked as of a day. No Django here."""
