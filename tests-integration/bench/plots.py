#!/usr/bin/env python3
"""Draws the plots of REPORT.md from its tables: plots.py [--check] [REPORT.md]

They go into plots/ beside the report, as SVG that is readable on a light page and on a dark one. With --check nothing is
written, and the exit status says whether the files are what the report gives.
"""

import math
import os
import re
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 330, 80, 190, 62, 48
COLOURS = ("#1a7f5a", "#b8661b", "#3b6fb6", "#8a4fa3", "#7a7a7a", "#a33a4a")
STYLE = """<style>
  .card { fill: #ffffff } text { fill: #1f2933; font: 12px system-ui, Helvetica, Arial, sans-serif } .title { font-size: 15px; font-weight: 600 }
  .grid { stroke: #d5dbe1 } .axis { stroke: #5b7083 }
  @media (prefers-color-scheme: dark) { .card { fill: #161b22 } text { fill: #e6edf3 } .grid { stroke: #33404c } .axis { stroke: #8fa3b5 } }
</style>"""


def section(report, title):
    begin = report.index("## " + title)
    end = report.find("\n## ", begin + 1)
    return report[begin:] if end < 0 else report[begin:end]


def rows(text):
    """The cells of the first table in it, without the line under its heading."""
    table = re.search(r"(?:^\|.*\n?)+", text, re.M)
    lines = table.group(0).strip().splitlines() if table else []
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if not set(line) <= set("|- ")]


def svg(title, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n<title>{title}</title>\n{STYLE}\n'
            f'<rect class="card" width="{WIDTH}" height="{HEIGHT}" rx="8"/>\n<text class="title" x="20" y="26">{title}</text>\n'
            + "\n".join(body) + "\n</svg>\n")


def text(x, y, words, anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'


def bars(title, unit, values):
    """values: name and number; the longest bar is the largest."""
    left, largest = 250, max(value for _, value in values)
    top = 40
    step = (HEIGHT - top - 20) / len(values)
    body = []
    for i, (name, value) in enumerate(values):
        y = top + i * step
        width = (WIDTH - left - 90) * value / largest
        colour = COLOURS[0] if name.startswith("ours") else COLOURS[4]
        body.append(text(left - 10, y + step / 2 + 4, name, "end"))
        body.append(f'<rect x="{left}" y="{y + 6:.0f}" width="{width:.0f}" height="{step - 12:.0f}" rx="2" fill="{colour}"/>')
        body.append(text(left + width + 8, y + step / 2 + 4, f"{value:g} {unit}"))
    return svg(title, body)


def lines(title, across, up, series):
    """series: name to points (x, y); both axes are logarithmic."""
    points = [point for line in series.values() for point in line]
    x_from, x_to = min(x for x, _ in points), max(x for x, _ in points)
    y_from = 10 ** math.floor(math.log10(min(y for _, y in points)))
    y_to = 10 ** math.ceil(math.log10(max(y for _, y in points)))

    def x_at(x):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(x / x_from) / math.log(x_to / x_from)

    def y_at(y):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(y / y_from) / math.log(y_to / y_from)

    body = []
    mark = y_from
    while mark <= y_to * 1.001:
        body.append(f'<path class="grid" d="M{LEFT},{y_at(mark):.0f} H{WIDTH - RIGHT}"/>')
        body.append(text(LEFT - 8, y_at(mark) + 4, f"{mark:g}", "end"))
        mark *= 10
    for x in sorted({x for x, _ in points}):
        body.append(f'<path class="axis" d="M{x_at(x):.0f},{HEIGHT - BOTTOM} v5"/>')
        body.append(text(x_at(x), HEIGHT - BOTTOM + 18, f"{x:g}", "middle"))
    body.append(f'<path class="axis" fill="none" d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH - RIGHT}"/>')
    body.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, across, "middle"))
    body.append(text(LEFT, TOP - 12, up, "middle"))
    labels = []
    for i, (name, line) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        path = " L".join(f"{x_at(x):.1f},{y_at(y):.1f}" for x, y in line)
        body.append(f'<path fill="none" stroke="{colour}" stroke-width="2" d="M{path}"/>')
        body += [f'<circle cx="{x_at(x):.1f}" cy="{y_at(y):.1f}" r="3" fill="{colour}"/>' for x, y in line]
        labels.append((y_at(line[-1][1]), name, colour))
    free = 0
    for y, name, colour in sorted(labels):
        free = max(y + 4, free + 16)
        body.append(text(WIDTH - RIGHT + 10, free, f'<tspan fill="{colour}">●</tspan> {name}'))
    return svg(title, body)


def plots(report):
    startup = rows(section(report, "Start-up"))[1:]
    yield "startup.svg", bars("Start-up: one small write as a whole process", "ms", [(r[0], float(r[1])) for r in startup])
    writers = {}
    for means, count, rate, *_ in rows(section(report, "Writers of a research repository"))[1:]:
        writers.setdefault(means, []).append((int(count), float(rate)))
    yield "writers.svg", lines("Deposits a second, one writer in four in bulk", "writers", "deposits/s", writers)
    heading, *sizes = rows(section(report, "Backups by size"))
    yield "sizes.svg", lines(
        "Time of a backup by size", "MB", "seconds",
        {name.removesuffix(" s"): [(float(r[0]), float(r[i])) for r in sizes] for i, name in enumerate(heading) if i})


def main():
    check = "--check" in sys.argv[1:]
    names = [word for word in sys.argv[1:] if word != "--check"]
    name = names[0] if names else os.path.join(os.path.dirname(os.path.abspath(__file__)), "REPORT.md")
    folder = os.path.join(os.path.dirname(os.path.abspath(name)), "plots")
    with open(name, encoding="utf-8") as file:
        report = file.read()
    stale = []
    for plot, content in plots(report):
        path = os.path.join(folder, plot)
        if not check:
            os.makedirs(folder, exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        elif not os.path.exists(path) or open(path, encoding="utf-8").read() != content:
            stale.append(plot)
    if stale:
        sys.exit(f"plots.py: not what {name} gives: {', '.join(stale)}; run plots.py")


main()
