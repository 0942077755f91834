"""Draws a chart for each workload of a run: `charts.py RESULTS FOLDER`."""

import json
import re
import sys
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

# Replaced below by a colour that follows the reader's theme.
INK = "#010203"
OURS, OTHERS = "#2f81f7", "#8b949e"
STYLE = (
    "<style>svg { --ink: #1f2328; } @media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; } }</style>"
)
UNITS = {"wallMicros": "µs per call, inner bar: CPU time", "memoryMb": "MB"}

plt.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "agglestone",
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    }
)


def draw(workload, path):
    """One bar for each library, in the order of the results, so that a language's stand together."""
    measure = workload["measures"]
    outcomes = [outcome for outcome in workload["outcomes"] if outcome[measure]]
    labels = [f"{outcome['language']}: {outcome['library']}" for outcome in outcomes]
    values = [median(outcome[measure]) for outcome in outcomes]
    colours = [OURS if outcome["library"] == "agglestone" else OTHERS for outcome in outcomes]
    figure, axes = plt.subplots(figsize=(8, 0.6 + 0.27 * len(outcomes)), layout="constrained")
    rows = range(len(outcomes))
    axes.barh(rows, values, color=colours, height=0.72, alpha=0.55 if measure == "wallMicros" else 1)
    if measure == "wallMicros":
        on_processor = [median(outcome["cpuMicros"]) for outcome in outcomes]
        axes.barh(rows, on_processor, color=colours, height=0.36)
    lows = [value - min(outcome[measure]) for value, outcome in zip(values, outcomes, strict=True)]
    highs = [max(outcome[measure]) - value for value, outcome in zip(values, outcomes, strict=True)]
    axes.errorbar(values, rows, xerr=[lows, highs], fmt="none", ecolor=INK, elinewidth=1)
    axes.set_yticks(rows, labels)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(f"{UNITS[measure]} (logarithmic; shorter is better)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = path.read_text().replace(INK, "var(--ink, #808080)")
    path.write_text(re.sub(r"(<svg [^>]*>)", rf"\1\n {STYLE}", text, count=1))


results, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for old in folder.glob("*.svg"):
    old.unlink()
for workload in results["workloads"]:
    draw(workload, folder / f"{workload['id']}.svg")
