// Reports: the chart is drawn from the data that stands beside it.
const waiting = [...document.querySelectorAll(".report-chart .chart")];
if (waiting.length) {
  const { draw } = await import("../boards/charts.js");
  for (const chart of waiting) draw(chart, JSON.parse(chart.parentElement.querySelector(".chart-data").textContent));
}
