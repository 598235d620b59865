// Lines over time; the period compared with is dashed and grey.
export const options = (data, theme) => ({
  ...theme.axes(data),
  series: data.series.map((one, place) => ({
    ...theme.series(one, place),
    type: "line",
    smooth: data.axis.length > 31 ? false : 0.35,
    smoothMonotone: "x",
    showSymbol: data.axis.length < 2,
    symbolSize: 7,
    connectNulls: false,
    lineStyle: one.compared ? { width: 1.5, type: [5, 4], color: theme.faint } : { width: 2.2 },
    itemStyle: { color: one.compared ? theme.faint : theme.color(one, place) },
  })),
});
