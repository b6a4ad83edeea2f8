"""Pages of posts: who answers for one, what lies with it, and the deeds of coming, going and standing in."""
