// The shares of a whole, as a ring with the names beside it.
export const options = (data, theme) => ({
  tooltip: { ...theme.tooltip, trigger: "item", formatter: (item) => `${item.marker}${item.name} <b>${item.data.shown}</b> ${item.percent}%` },
  series: [
    {
      type: "pie",
      radius: ["46%", "72%"],
      padAngle: 1,
      itemStyle: { borderRadius: 4 },
      label: { color: theme.ink, fontSize: 12, fontFamily: theme.font, formatter: (item) => `${item.name}  ${item.percent}%` },
      labelLine: { lineStyle: { color: theme.faint } },
      data: data.axis.map((step, place) => ({
        name: step.label,
        value: Number(data.series[0].values[place] ?? 0),
        shown: data.series[0].shown[place],
        url: step.url,
        itemStyle: { color: theme.color(step, place) },
      })),
    },
  ],
});
