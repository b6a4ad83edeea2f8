"""Arithmetic in whole numbers that every database does alike.

Ibis divides through floating point even when both sides are integers; a share would then depend on the engine.
`WholeDivide` is sqlglot's own integer division: `//` on DuckDB, `div` on PostgreSQL and Spark.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.rules as rlz
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.expr.types import IntegerValue


class WholeDivide(ops.Binary):  # type: ignore[misc]  # Ibis ships no types
    """How often one whole number goes into another; null where the divisor is null."""

    left: ops.Value[dt.Integer]
    right: ops.Value[dt.Integer]
    dtype = dt.int64
    shape = rlz.shape_like("args")


def _written(compiler: Any, op: WholeDivide, *, left: Any, right: Any) -> Any:
    divided = sge.IntDiv(this=sge.paren(left, copy=False), expression=sge.paren(right, copy=False))
    return compiler.cast(divided, op.dtype)


SQLGlotCompiler.visit_WholeDivide = _written


def floor(numerator: IntegerValue, denominator: IntegerValue | int) -> IntegerValue:
    """Return the whole part of a quotient of non-negative numbers; null where there is nothing to divide by."""
    divisor = denominator if isinstance(denominator, int) else denominator.nullif(0)
    return WholeDivide(numerator, divisor).to_expr()


def half_up(numerator: IntegerValue, denominator: IntegerValue | int) -> IntegerValue:
    """Return a quotient of non-negative numbers rounded to the nearest whole, halves upwards."""
    return floor(numerator * 2 + denominator, denominator * 2)
