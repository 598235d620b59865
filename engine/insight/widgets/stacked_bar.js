// Series on top of each other.
export const options = (data, theme) => ({
  ...theme.axes(data),
  series: data.series.map((one, place) => ({
    ...theme.series(one, place),
    type: "bar",
    stack: "all",
    barMaxWidth: 32,
    itemStyle: { color: theme.color(one, place) },
  })),
});
