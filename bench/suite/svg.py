"""Bars in SVG: one group a case, one bar a system, the spread of the rounds as a line on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

COLOURS = ("#0b6e4f", "#7fb069", "#3a5a98", "#8fa8d6", "#c8553d", "#e6aa68", "#7d5ba6", "#555555")
BAR, GAP, LEFT, PLOT, RIGHT = 14, 12, 250, 520, 110


@dataclass(frozen=True)
class Bar:
    group: str
    series: str
    median: float
    low: float
    high: float


def scale(values: Sequence[float]) -> tuple[float, float]:
    """Powers of ten around all values. REQUIRES: a value above 0."""
    positive = [value for value in values if value > 0]
    low, high = math.floor(math.log10(min(positive)) - 0.1), math.ceil(math.log10(max(positive)))
    return float(low), float(max(high, low + 1))


def number(value: float) -> str:
    """Three digits that mean something."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def bars(title: str, unit: str, series: Sequence[str], data: Sequence[Bar]) -> str:
    """The picture. Logarithmic; a value of 0 has no bar but its number. REQUIRES: data."""
    groups = list(dict.fromkeys(bar.group for bar in data))
    if not any(bar.median > 0 for bar in data):
        data = [*data, Bar("", "", 1, 1, 1)]
    low, high = scale([value for bar in data for value in (bar.low, bar.median, bar.high)])

    def across(value: float) -> float:
        return LEFT + PLOT * (max(low, math.log10(value)) - low) / (high - low) if value > 0 else LEFT

    out, y = [], 56 + 18 * ((len(series) + 2) // 3)
    top = y
    for group in groups:
        out.append(f'<text x="{LEFT - 8}" y="{y + BAR - 2}" text-anchor="end">{escape(group)}</text>')
        for bar in (bar for bar in data if bar.group == group):
            colour = COLOURS[series.index(bar.series) % len(COLOURS)]
            end = across(bar.median)
            middle = y + BAR / 2 - 1
            out.append(f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR - 2}" fill="{colour}"/>')
            out.append(f'<line x1="{across(bar.low):.1f}" x2="{across(bar.high):.1f}" y1="{middle}" y2="{middle}" stroke="#000"/>')
            out.append(f'<text x="{max(end, across(bar.high)) + 5:.1f}" y="{y + BAR - 3}">{number(bar.median)}</text>')
            y += BAR
        y += GAP
    marks = []
    for power in range(int(low), int(high) + 1):
        x = across(10.0**power)
        marks.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 6}" y2="{y - GAP + 4}" stroke="#ddd"/>')
        marks.append(f'<text x="{x:.1f}" y="{y + 6}" text-anchor="middle">{10.0**power:,g}</text>')
    legend = []
    for place, name in enumerate(series):
        x, line = 20 + (place % 3) * 290, 36 + 18 * (place // 3)
        legend.append(f'<rect x="{x}" y="{line}" width="11" height="11" fill="{COLOURS[place % len(COLOURS)]}"/>')
        legend.append(f'<text x="{x + 16}" y="{line + 10}">{escape(name)}</text>')
    width, height = LEFT + PLOT + RIGHT, y + 20
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="20" y="22" font-size="15">{escape(title)}, {escape(unit)} (logarithmic)</text>',
        *legend, *marks, *out, "</svg>", ""])
