// A line with its size filled in.
import { options as lines } from "./line.js";

export const options = (data, theme) => {
  const found = lines(data, theme);
  for (const one of found.series) {
    if (one.compared) continue;
    one.areaStyle = { opacity: theme.dark ? 0.22 : 0.13 };
  }
  return found;
};
