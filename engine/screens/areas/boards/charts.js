// Charts by ECharts, as SVG: only the parts that widgets use come along. Colours, letters and words are the page's.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { widgets } from "../../frontend/build/widgets.js";
import { language } from "../../frontend/src/texts.js";

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

// The page's content security policy lets scripts set styles one by one, not as attributes' text, which is how the renderer writes them.
const setAttribute = SVGElement.prototype.setAttribute;
SVGElement.prototype.setAttribute = function set(name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

const PALETTE = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5", "--chart-6", "--chart-7", "--chart-8"];
const STEPS = { zh: [[1e8, "亿"], [1e4, "万"]], en: [[1e9, "B"], [1e6, "M"], [1e3, "K"]] }[language];

const brief = (value, unit) => {
  if (unit.kind === "percent") return `${Math.round(value * 1000) / 10}%`;
  const step = STEPS.find(([size]) => Math.abs(value) >= size);
  const shown = step ? `${Math.round((value / step[0]) * 10) / 10}${step[1]}` : String(Math.round(value * 100) / 100);
  return unit.kind === "money" ? `${unit.symbol}${shown}` : shown;
};

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Whether names of 11 px are wider together than what a chart has for them, beside its figures.
const crowded = (axis, width) => {
  const long = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 11 : 6.5), 12);
  return Math.max(0, ...axis.map((one) => long(one.label))) * axis.length > width - 56;
};

const theme = (data, width) => {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  const [ink, faint, line] = [of("--ink-2"), of("--ink-3"), of("--line-soft")];
  const font = getComputedStyle(document.body).fontFamily;
  const label = { color: faint, fontSize: 11, fontFamily: font };
  const tooltip = {
    appendTo: document.body,
    className: "chart-tip",
    backgroundColor: of("--bg-float"),
    borderColor: of("--line"),
    textStyle: { color: of("--ink"), fontSize: 12, fontFamily: font },
    extraCssText: "",
  };
  const color = (one, place) => (one?.color ? of(`--${one.color}-dot`) || of(PALETTE[0]) : of(PALETTE[place % PALETTE.length]));
  return {
    ink, faint, font, tooltip, color,
    crowded: (axis) => crowded(axis, width),
    dark: style.colorScheme === "dark",
    series: (one) => ({
      name: one.label,
      compared: one.compared,
      urls: one.urls,
      data: one.values.map((value) => (value === null ? null : Number(value))),
    }),
    axes: (_data, { lying = false } = {}) => {
      const names = { type: "category", data: data.axis.map((step) => step.label), axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { ...label, hideOverlap: true, ...(lying ? { width: 92, overflow: "truncate" } : {}) }, inverse: lying };
      const values = { type: "value", splitLine: { lineStyle: { color: line } }, axisLabel: { ...label, formatter: (value) => brief(value, data.unit) }, splitNumber: 4 };
      const legend = data.series.length > 1;
      return {
        tooltip: {
          ...tooltip,
          trigger: "axis",
          axisPointer: { type: lying ? "shadow" : "line", lineStyle: { color: line } },
          formatter: (items) => {
            const lines = items.filter((item) => item.value !== null && item.value !== undefined).map((item) => `${item.marker}${escaped(item.seriesName)} <b>${escaped(data.series[item.seriesIndex].shown[item.dataIndex])}</b>`);
            return [escaped(data.axis[items[0].dataIndex].label), ...lines].join("<br>");
          },
        },
        legend: legend ? { right: 0, top: 0, type: "scroll", icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: { ...label, color: ink } } : undefined,
        grid: { left: 4, right: 12, top: legend ? 34 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
        xAxis: lying ? values : names,
        yAxis: lying ? names : values,
      };
    },
  };
};

const drawn = new Map();

const paint = (place, data) => {
  const { chart } = drawn.get(place);
  const options = widgets[place.dataset.chart](data, theme(data, place.clientWidth));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.setOption({ animation: !still, animationDuration: 300, ...options }, { notMerge: true });
};

export const draw = (place, data) => {
  if (!drawn.has(place)) {
    const chart = init(place, null, { renderer: "svg" });
    chart.on("click", (item) => {
      const { data: now } = drawn.get(place);
      const url = now.series[item.seriesIndex]?.urls?.[item.dataIndex] ?? now.axis[item.dataIndex]?.url;
      if (url) location.assign(url);
    });
    new ResizeObserver(() => chart.resize()).observe(place);
    place.dataset.drawn = "true";
    drawn.set(place, { chart, data });
  }
  drawn.get(place).data = data;
  paint(place, data);
};

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const [place, { data }] of drawn) paint(place, data);
});
