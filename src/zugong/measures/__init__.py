"""Measures: named counts over fact tables. Pure: a measure and a table come in, an expression goes out.

Importing this is cheap; Ibis is loaded when something is counted.
"""

from zugong.measures.counting import absent, columns, counted, figures, findings, values
from zugong.measures.figures import Figure
from zugong.measures.guards import GuardError

__all__ = ["Figure", "GuardError", "absent", "columns", "counted", "figures", "findings", "values"]
