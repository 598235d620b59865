// What may stand at a place of a YAML text, by the JSON Schema of its kind: keys by where they hang, values by what the schema and the
// model's names allow. Pure: from a text and a position to offers.
const KEY = /^(\s*)(?:- )?([A-Za-z_][\w-]*)\s*:/;

// The path of keys above a line, by indentation.
export const pathAt = (lines, number, indent) => {
  const path = [];
  let limit = indent;
  for (let at = number - 1; at >= 0 && limit > 0; at--) {
    const found = KEY.exec(lines[at]);
    if (found && found[1].length < limit) {
      path.unshift(found[2]);
      limit = found[1].length;
    }
  }
  return path;
};

// The keys inside brackets that are open on this line: `fields: {a: {ty` stands in a.
const flowPath = (before) => {
  const path = [];
  let key = "";
  for (const part of before.match(/[{}\[\],]|[A-Za-z_][\w-]*\s*:|[^{}\[\],:]+/g) ?? []) {
    if (part === "{" || part === "[") path.push(key);
    else if (part === "}" || part === "]") path.pop();
    else if (part.endsWith(":")) key = part.slice(0, -1).trim();
  }
  return path;
};

const branches = (schema, root, depth = 0) => {
  if (!schema || depth > 8) return [];
  if (schema.$ref) return branches(root.$defs?.[schema.$ref.split("/").pop()], root, depth + 1);
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return inner.length && !schema.properties ? inner.flatMap((one) => branches(one, root, depth + 1)) : [schema];
};

export const schemasAt = (root, path, overlay) => {
  let found = branches(root.oneOf ? root.$defs[overlay ? "overlay" : "definition"] : root, root);
  for (const key of path) {
    found = found.flatMap((one) => branches(one.properties?.[key] ?? (typeof one.additionalProperties === "object" ? one.additionalProperties : null), root));
  }
  return found;
};

const say = (schema, language) => (language === "zh" ? schema["x-zh"] : schema.description) ?? schema.title ?? "";

const where = (state, position) => {
  const line = state.doc.lineAt(position);
  const lines = state.doc.toString().split("\n");
  const before = line.text.slice(0, position - line.from);
  const indent = /^\s*/.exec(line.text)[0].length;
  const open = flowPath(before);
  return { before, lines, path: [...pathAt(lines, line.number - 1, indent), ...open], overlay: /^extend:/m.test(lines[0] ?? "") };
};

const named = (key, hints, lines) => {
  const object = /^object:\s*(\w+)/m.exec(lines.join("\n"))?.[1] ?? /^extend:\s*object\/(\w+)/m.exec(lines.join("\n"))?.[1];
  const sort = { to: "object", of: "object", object: "object", role: "role", roles: "role", process: "process", metric: "metric", choices: "choices", type: "type" }[key];
  if (sort) return hints.names[sort];
  return [...(hints.fields[object] ?? []), ...hints.names.function];
};

export const completions = (context, hints) => {
  if (!hints) return null;
  const { before, lines, path, overlay } = where(context.state, context.pos);
  const word = context.matchBefore(/[\w-]*/);
  if (!context.explicit && !word.text) return null;
  const value = /(?:^|[\s{,])([A-Za-z_][\w-]*)\s*:\s+[^{},]*$/.exec(before) ?? /([A-Za-z_][\w-]*)\s*:\s*\[[^\]]*$/.exec(before);
  if (value) {
    const own = schemasAt(hints.schema, [...path.filter((one, index) => !(index === path.length - 1 && one === value[1])), value[1]], overlay);
    const fixed = own.flatMap((one) => (one.enum ?? []).map(String)).concat(own.some((one) => one.type === "boolean") ? ["true", "false"] : []);
    const options = fixed.length ? fixed.map((label) => ({ label, type: "constant" })) : named(value[1], hints, lines).map(([label, detail]) => ({ label, detail, type: "variable" }));
    return { from: word.from, options, validFor: /^[\w-]*$/ };
  }
  const options = schemasAt(hints.schema, path, overlay).flatMap((one) => Object.entries(one.properties ?? {}).map(([label, inner]) => ({ label, apply: `${label}: `, detail: say(branches(inner, hints.schema)[0] ?? {}, hints.language), type: "property" })));
  const unique = [...new Map(options.map((one) => [one.label, one])).values()];
  return unique.length ? { from: word.from, options: unique, validFor: /^[\w-]*$/ } : null;
};

export const explain = (state, position, hints) => {
  if (!hints) return null;
  const line = state.doc.lineAt(position);
  for (const found of line.text.matchAll(/[A-Za-z_][\w-]*/g)) {
    const from = line.from + found.index;
    const to = from + found[0].length;
    if (position < from || position > to) continue;
    const { path, lines, overlay } = where(state, from);
    const own = schemasAt(hints.schema, [...path, found[0]], overlay).map((one) => say(one, hints.language)).find(Boolean);
    const field = named("", hints, lines).concat(hints.names.object, hints.names.role).find(([name]) => name === found[0] || name === found[0].toUpperCase());
    const text = own || field?.[1];
    return text && text !== found[0] ? { from, to, text } : null;
  }
  return null;
};
