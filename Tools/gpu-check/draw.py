#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws times against sizes, one panel for each kind of work and curve, both axes logarithmic.

    draw.py TIMES.csv > picture.svg

TIMES.csv has lines of work, curve, logarithm of the size, backend and milliseconds behind a header; lines that begin with # are
passed over.
"""

import csv
import html
import math
import sys

PANEL_WIDTH, PANEL_HEIGHT, COLUMNS = 400, 250, 2
LEFT, RIGHT, TOP, BOTTOM = 74, 20, 34, 36
# Colours that people with any colour vision tell apart (Okabe and Ito, 2008), and marks of different shapes.
STYLES = [("#0072b2", "circle"), ("#56b4e9", "square"), ("#d55e00", "diamond"), ("#555555", "triangle")]
TITLES = {"msm-g1": "Sum in G1", "msm-g2": "Sum in G2", "ntt": "Transform"}
CURVES = {"bn254": "BN254", "bls12381": "BLS12-381"}


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))[1:]
    panels, backends = {}, []
    for work, curve, log, backend, milliseconds in rows:
        panels.setdefault((work, curve), {}).setdefault(backend, []).append((int(log), float(milliseconds)))
        if backend not in backends:
            backends.append(backend)
    return panels, backends


def mark(shape, x, y, colour):
    points = {
        "square": [(-4, -4), (4, -4), (4, 4), (-4, 4)],
        "diamond": [(0, -5), (5, 0), (0, 5), (-5, 0)],
        "triangle": [(0, -5), (5, 4), (-5, 4)],
    }.get(shape)
    if points is None:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    corners = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in points)
    return f'<polygon points="{corners}" fill="{colour}"/>'


def panel(title, series, backends):
    logs = sorted({log for points in series.values() for log, _ in points})
    values = [value for points in series.values() for _, value in points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    width, height = PANEL_WIDTH - LEFT - RIGHT, PANEL_HEIGHT - TOP - BOTTOM

    def x(log):
        return LEFT + width * (log - logs[0]) / max(1, logs[-1] - logs[0])

    def y(value):
        return TOP + height * (high - math.log10(value)) / max(1, high - low)

    out = [f'<text x="{LEFT}" y="20" class="title">{html.escape(title)}</text>']
    for power in range(low, high + 1):
        at = y(10.0**power)
        out.append(f'<line x1="{LEFT}" x2="{PANEL_WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>')
        out.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" class="end">{10.0**power:g} ms</text>')
    for log in logs:
        out.append(f'<text x="{x(log):.1f}" y="{PANEL_HEIGHT - BOTTOM + 18}" class="middle">2<tspan class="power" dy="-5">{log}</tspan></text>')
    for backend, (colour, shape) in zip(backends, STYLES):
        points = sorted(series.get(backend, []))
        line = " ".join(f"{x(log):.1f},{y(value):.1f}" for log, value in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        out += [mark(shape, x(log), y(value), colour) for log, value in points]
    return out


def draw(panels, backends):
    if len(backends) > len(STYLES):
        sys.exit(f"draw: {len(backends)} backends, at most {len(STYLES)} can be told apart")
    rows = (len(panels) + COLUMNS - 1) // COLUMNS
    legend = 24 * ((len(backends) + 1) // 2) + 12
    width, height = COLUMNS * PANEL_WIDTH, rows * PANEL_HEIGHT + legend
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        "<style>text{fill:#222}.title{font-size:14px;font-weight:bold}.end{text-anchor:end}.middle{text-anchor:middle}"
        ".grid{stroke:#ddd}.power{font-size:9px}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for i, ((work, curve), series) in enumerate(panels.items()):
        out.append(f'<g transform="translate({i % COLUMNS * PANEL_WIDTH},{i // COLUMNS * PANEL_HEIGHT})">')
        out += panel(f"{TITLES.get(work, work)}, {CURVES.get(curve, curve)}", series, backends)
        out.append("</g>")
    for i, (backend, (colour, shape)) in enumerate(zip(backends, STYLES)):
        x, y = LEFT + i % 2 * PANEL_WIDTH, rows * PANEL_HEIGHT + 14 + i // 2 * 24
        out.append(mark(shape, x, y, colour))
        out.append(f'<text x="{x + 12}" y="{y + 4}">{html.escape(backend)}</text>')
    return "\n".join(out + ["</svg>"])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(draw(*read(sys.argv[1])))
