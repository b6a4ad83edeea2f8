"""Measures: named counts over fact tables. Pure: a measure and a table come in, an expression goes out.

Importing this is cheap; Ibis is loaded when something is counted.
"""

from zugong.measures.counting import columns, counted, figures, findings
from zugong.measures.figures import Figure
from zugong.measures.guards import GuardError

__all__ = ["Figure", "GuardError", "columns", "counted", "figures", "findings"]
