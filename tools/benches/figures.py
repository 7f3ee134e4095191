"""Figures of several rounds: their medians, how they compare pair by pair, a table of them and a plot."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Dict, List, Mapping, Sequence

COLOURS = {"cloud-init": "#c0504d", "cloudboot": "#4f81bd", "none": "#999999"}


class Figures:
    """What was measured: for each figure the values of each agent, in the order of the rounds."""

    def __init__(self) -> None:
        self.values: Dict[str, Dict[str, List[float]]] = {}

    def add(self, figure: str, agent: str, value: float) -> None:
        self.values.setdefault(figure, {}).setdefault(agent, []).append(value)

    def median(self, figure: str, agent: str) -> float:
        return median(self.values[figure][agent])

    def ratio(self, figure: str, agent: str, yardstick: str) -> float:
        """The median of the ratios of both in each round."""
        pairs = zip(self.values[figure][agent], self.values[figure][yardstick])
        return median(one / other for one, other in pairs if other)

    def save(self, path: Path, about: Mapping[str, object]) -> None:
        path.write_text(json.dumps({**about, "figures": self.values}, indent=1) + "\n")


def shown(values: Sequence[float]) -> str:
    digits = 0 if median(values) >= 100 else 1 if median(values) >= 10 else 2
    low, middle, high = (f"{value:.{digits}f}" for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def table(figures: Figures, agents: Sequence[str], yardstick: str) -> str:
    """Markdown: a row a figure, each agent's median (least to most), and the ratios to the first."""
    others = [name for name in agents if name not in (yardstick, "none")]
    lines = [f"| figure | {' | '.join(agents)} | {' | '.join(f'{o} / {yardstick}' for o in others)} |"]
    lines.append("|---" * (1 + len(agents) + len(others)) + "|")
    for figure, values in figures.values.items():
        cells = [shown(values[name]) if name in values else "" for name in agents]
        for other in others:
            both = yardstick in values and other in values and any(values[yardstick])
            cells.append(f"{figures.ratio(figure, other, yardstick):.2f}" if both else "")
        lines.append(f"| {figure} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def plot(figures: Figures, agents: Sequence[str], wanted: Sequence[str]) -> str:
    """SVG: a group of bars for each figure, as long as the medians are against the longest of their group."""
    rows = [figure for figure in wanted if figure in figures.values]
    high, left, width = 16 * len(agents) + 18, 260, 420
    out = [(f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 120}" height="{high * len(rows) + 10}" '
           'font-family="sans-serif" font-size="12">')]  # fmt: skip
    for number, figure in enumerate(rows):
        values = {name: figures.median(figure, name) for name in agents if name in figures.values[figure]}
        longest = max(*values.values(), 1e-9)
        top = number * high + 10
        out.append(f'<text x="{left - 8}" y="{top + 16}" text-anchor="end">{figure}</text>')
        for place, (name, value) in enumerate(values.items()):
            y, long = top + 4 + 16 * place, max(1.0, width * value / longest)
            out.append(f'<rect x="{left}" y="{y}" width="{long:.0f}" height="13" fill="{COLOURS[name]}"/>')
            out.append(f'<text x="{left + long + 6:.0f}" y="{y + 11}">{name} {value:.3g}</text>')
    return "\n".join([*out, "</svg>", ""])
