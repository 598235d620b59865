// Figures side by side; many or long names lie down.
export const options = (data, theme) => {
  const lying = !data.timed && (data.axis.length > 8 || data.axis.some((one) => one.label.length > 8) || theme.crowded(data.axis));
  const single = data.series.length === 1;
  return {
    ...theme.axes(data, { lying }),
    series: data.series.map((one, place) => ({
      ...theme.series(one, place),
      type: "bar",
      barMaxWidth: 28,
      data: one.values.map((value, step) => ({
        value: value === null ? null : Number(value),
        itemStyle: { color: one.compared ? theme.faint : single ? theme.color(data.axis[step], 0) : theme.color(one, place), borderRadius: lying ? [0, 4, 4, 0] : [4, 4, 0, 0] },
      })),
    })),
  };
};
