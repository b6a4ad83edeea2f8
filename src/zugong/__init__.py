"""zugong 组工: the loops of a county's organisation department, run so that they visibly close."""

__version__ = "0.1.0"
