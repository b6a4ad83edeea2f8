"""Open311 GeoReport v2: other systems ask, and read how far it has come. https://wiki.open311.org/GeoReport_v2"""
