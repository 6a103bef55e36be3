// Events by time, stacked; drag over it to narrow the range.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { number, shortNumber } from "./parts";
import { bars, type Bars } from "./results";
import { ask, stackBy, theme, zone } from "./state";
import { showTime, span } from "./time";

const HEIGHT = 112;
const darkQuery = matchMedia("(prefers-color-scheme: dark)");

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A light-dark() value as the colour that it is here: a canvas does not know the function. */
function resolved(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const shown = getComputedStyle(probe).color;
  probe.remove();
  return shown || colour(name);
}

/** Each series on top of those before it; drawn from the highest down. */
function stacked(shown: Bars): number[][] {
  const sums = new Array<number>(shown.start.length).fill(0);
  return shown.series.map(({ counts }) => counts.map((count, i) => (sums[i] += count)));
}

function options(shown: Bars, width: number, select: (from: number, to: number) => void): uPlot.Options {
  const paths = uPlot.paths.bars!({ size: [0.86, 48], align: 1, radius: 0.08 });
  const axis = resolved("--text-dim");
  const grid = resolved("--line");
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    tzDate: (ts) => (zone.value === "utc" ? uPlot.tzDate(new Date(ts * 1e3), "UTC") : new Date(ts * 1e3)),
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: false } },
    scales: {
      x: { time: true, range: () => [shown.start[0] / 1e3, (shown.start[shown.start.length - 1] + shown.width) / 1e3] },
      y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
    },
    axes: [
      { stroke: axis, grid: { show: false }, ticks: { stroke: grid, size: 4 }, size: 26, space: 70, values: (_, ticks, __, ___, step) => timeLabels(ticks, step), font: "11px system-ui, sans-serif" },
      { stroke: axis, grid: { stroke: grid, width: 1 }, ticks: { show: false }, size: 46, space: 30, font: "11px system-ui, sans-serif", values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? shortNumber(tick) : "")) },
    ],
    series: [{}, ...[...shown.series].reverse().map(({ name }) => ({ label: name, paths, fill: resolved(`--${stackBy.value}-${name}`), width: 0, points: { show: false } }))],
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const from = plot.posToVal(plot.select.left, "x") * 1e3;
          const to = plot.posToVal(plot.select.left + plot.select.width, "x") * 1e3;
          select(from, to);
        },
      ],
      setCursor: [(plot) => showTip(plot, shown)],
    },
  };
}

/** Hours of a day, days of a year, or months; the day where it begins, and with the first label. */
function timeLabels(ticks: number[], step: number): string[] {
  let before = "";
  return ticks.map((tick) => {
    const [date, clock] = showTime(new Date(tick * 1e3).toISOString(), zone.value).split(" ");
    const first = date !== before;
    before = date;
    if (step >= 28 * 86_400) return date.slice(0, 7);
    if (step >= 86_400) return date;
    return first && (clock.startsWith("00:00") || tick === ticks[0]) ? date.slice(5) + " " + clock.slice(0, 5) : clock.slice(0, 5);
  });
}

function showTip(plot: uPlot, shown: Bars): void {
  const tip = plot.root.parentElement?.querySelector<HTMLElement>(".tip");
  if (!tip) return;
  const { left } = plot.cursor;
  const at = left === undefined || left < 0 ? -1 : Math.floor((plot.posToVal(left, "x") * 1e3 - shown.start[0]) / shown.width);
  if (at < 0 || at >= shown.start.length) {
    tip.hidden = true;
    return;
  }
  const parts = shown.series.filter(({ counts }) => counts[at]).map(({ name, counts }) => `${name} ${number(counts[at])}`);
  const total = shown.series.reduce((sum, { counts }) => sum + counts[at], 0);
  tip.textContent = `${showTime(new Date(shown.start[at]).toISOString(), zone.value).slice(0, 16)} · ${number(total)} in ${span(shown.width)}${parts.length ? " · " + parts.join(", ") : ""}`;
  tip.hidden = false;
  const box = plot.root.getBoundingClientRect();
  const x = Math.min(Math.max(8, left! + 30), box.width - tip.offsetWidth - 8);
  tip.style.transform = `translateX(${x}px)`;
}

export function Histogram() {
  const holder = useRef<HTMLDivElement>(null);
  const shown = bars.value;
  useEffect(() => {
    const node = holder.current;
    if (!node || !shown) return;
    let plot: uPlot | undefined;
    const draw = () => {
      plot?.destroy();
      const select = (from: number, to: number) => {
        const step = shown.width;
        const begin = shown.start[0] + Math.floor((from - shown.start[0]) / step) * step;
        const end = shown.start[0] + Math.ceil((to - shown.start[0]) / step) * step;
        ask({ range: { from: Math.round(begin), to: Math.round(end) } });
      };
      const seconds = shown.start.map((ms) => ms / 1e3);
      plot = new uPlot(options(shown, node.clientWidth, select), [seconds, ...stacked(shown).reverse()] as uPlot.AlignedData, node);
    };
    draw();
    const resized = new ResizeObserver(() => plot && node.clientWidth && plot.setSize({ width: node.clientWidth, height: HEIGHT }));
    resized.observe(node);
    darkQuery.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      darkQuery.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [shown, zone.value, theme.value]);
  if (!shown) return <div class="histogram empty" />;
  const total = shown.series.map(({ name, counts }) => ({ name, count: counts.reduce((sum, count) => sum + count, 0) }));
  const words = `Events by time in bars of ${span(shown.width)}: ${total.map(({ name, count }) => `${number(count)} ${name}`).join(", ")}. Drag over the bars, or use the range of time, to narrow it.`;
  return (
    <div class="histogram">
      <div class="histogram-plot" ref={holder} role="img" aria-label={words}>
        <div class="tip" hidden />
      </div>
      <div class="legend">
        {total.map(({ name, count }) => (
          <span key={name}>
            <i class={`swatch ${stackBy.value}-${name}`} /> {name} <b>{shortNumber(count)}</b>
          </span>
        ))}
        <button class="quiet" onClick={() => (stackBy.value = stackBy.value === "status" ? "severity" : "status")}>
          by {stackBy.value === "status" ? "severity" : "status"}
        </button>
      </div>
    </div>
  );
}
