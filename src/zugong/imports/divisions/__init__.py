"""Administrative divisions (统计用区划代码) from the national files into the tree of places: places only."""
