// Patterns as the server has compiled them (engine/expressions/regexes.py): automata run a character at a time, never backtracking.
const within = (ranges, code) => ranges.some(([low, high]) => low <= code && code <= high);

function branchMatches(branch, text) {
  if (branch.empty && !(branch.begins && branch.ends)) return true;
  const last = new Set(branch.last);
  let state = [];
  let fresh = true;
  for (const character of text) {
    const code = character.codePointAt(0);
    const reached = new Set(fresh ? branch.first : []);
    for (const place of state) for (const next of branch.follow[place]) reached.add(next);
    state = [...reached].filter((place) => within(branch.sets[place], code));
    if (!branch.ends && state.some((place) => last.has(place))) return true;
    if (branch.begins) {
      fresh = false;
      if (!state.length) return false;
    }
  }
  return state.some((place) => last.has(place)) || (branch.empty && text === "");
}

export const regexMatch = (text, pattern) => pattern.branches.some((branch) => branchMatches(branch, text));
