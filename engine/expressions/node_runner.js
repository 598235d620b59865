// Evaluates compiled expressions line by line: a JSON array of jobs in, a JSON array of answers out. For node only; browsers get modules.
const readline = require("node:readline");

function reader(record) {
  return {
    get: (path) => record[path.join(".")] ?? null,
    rows: (path) => (record[path.join(".")] ?? []).map(reader),
  };
}

import(process.argv[2]).then((t) => {
  const answer = ({ js, type, record, moment }) => {
    try {
      const m = t.moment({ ...moment, me: moment.me ? reader(moment.me) : null });
      const run = new Function("t", `return ${js};`)(t);
      return { value: t.write(type, run(reader(record), m)) };
    } catch (error) {
      return { error: String(error?.stack ?? error) };
    }
  };
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    process.stdout.write(`${JSON.stringify(JSON.parse(line).map(answer))}\n`);
  });
});
