// An address: three lists for province, city and district before the line that holds the whole. Choosing puts the names at the line's
// beginning and leaves the street; a line that was pasted shows in the lists as far as it is written out. The divisions load with the
// first such field of a page.
let loaded;
const divisions = () => (loaded ??= import("../screens/frontend/build/divisions.json").then((module) => module.default));

const SEPARATED = /^[\s,，、/·|>-]+/;
const inside = (entry) => entry?.[1] ?? [];

// What the line begins with: the divisions named one after the other, and the street behind them.
const read = (tree, line) => {
  const chosen = [];
  let rest = line.trimStart();
  let list = tree;
  while (list.length) {
    const found = list.find(([name]) => rest.startsWith(name));
    if (!found) break;
    chosen.push(found);
    rest = rest.slice(found[0].length).replace(SEPARATED, "");
    list = inside(found);
  }
  return { chosen, rest };
};

const fill = (select, list, chosen) => {
  select.replaceChildren(new Option(select.dataset.said, ""), ...list.map(([name]) => new Option(name, name)));
  select.value = chosen?.[0] ?? "";
  select.disabled = !list.length;
};

// A municipality has no cities: its districts stand in the last list, and the middle one says its name.
const places = ([province, second, third]) => {
  const direct = inside(province).length > 0 && inside(province).every((one) => one.length === 1) && /市$/.test(province[0]);
  return direct ? { direct, province, city: province, district: second } : { direct, province, city: second, district: third };
};

const draw = (tree, selects, line) => {
  const { direct, province, city, district } = places(read(tree, line).chosen.concat([undefined, undefined, undefined]));
  fill(selects.province, tree, province);
  fill(selects.city, direct ? [province] : inside(province), city);
  if (direct) selects.city.disabled = true;
  fill(selects.district, direct ? inside(province) : inside(city), district);
};

const choose = (tree, selects, level, line) => {
  const { rest } = read(tree, line);
  const province = selects.province.value;
  const entry = tree.find(([name]) => name === province);
  const { direct } = places([entry, undefined, undefined].map((one) => one ?? [""]));
  const city = level === "province" || direct ? "" : selects.city.value;
  const district = level === "district" ? selects.district.value : "";
  const area = province + city + district;
  return area ? `${area} ${rest}` : rest;
};

const attachOne = async (place) => {
  const input = place.querySelector("input");
  const selects = Object.fromEntries([...place.querySelectorAll("[data-area]")].map((select) => [select.dataset.area, select]));
  if (!selects.province) return;
  const tree = await divisions();
  const show = () => draw(tree, selects, input.value);
  show();
  input.addEventListener("change", show);
  input.addEventListener("focus", show); // rules may have filled it
  for (const [level, select] of Object.entries(selects)) {
    select.addEventListener("change", (event) => {
      event.stopPropagation();
      input.value = choose(tree, selects, level, input.value);
      show();
      for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
    });
  }
};

export function attach(root) {
  for (const place of root.querySelectorAll("[data-address]:not([data-attached])")) {
    place.dataset.attached = "true";
    attachOne(place);
  }
}
