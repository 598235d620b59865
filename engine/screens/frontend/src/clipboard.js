// Tables on the clipboard, as spreadsheets write and read them: text with tabs between the cells of a row, and markup beside it that keeps
// numbers with leading zeros, and texts that begin like a formula, what they are. What is done with the cells is not known here.
const WIDE = /[\t\n\r]/; // what a cell may hold only in quotation marks

// The end of a quoted cell that begins at `from` (a quotation mark), or -1 where the mark is a sign of the text itself: spreadsheets quote
// a cell only because of a tab or a line break in it.
const quotedEnd = (text, from) => {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at += 1;
    else return (at + 1 === text.length || WIDE.test(text[at + 1])) && WIDE.test(text.slice(from, at)) ? at : -1;
  }
  return -1;
};

// Text of a spreadsheet → rows of cells. The line break that ends the text ends the last row and begins no other.
export const parseTable = (given) => {
  const text = given.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll("\0", "");
  const rows = [[]];
  let at = 0;
  while (at <= text.length) {
    const end = text[at] === '"' ? quotedEnd(text, at) : -1;
    const from = at;
    if (end >= 0) at = end + 1;
    else while (at < text.length && text[at] !== "\t" && text[at] !== "\n") at += 1;
    rows.at(-1).push(end >= 0 ? text.slice(from + 1, end).replaceAll('""', '"') : text.slice(from, at));
    if (text[at] === "\n") {
      if (at + 1 === text.length) break;
      rows.push([]);
    }
    at += 1;
  }
  return rows;
};

// Rows of cells → text that spreadsheets, and parseTable, read back as the same cells.
export const formatTable = (rows) => {
  const text = rows.map((row) => row.map((cell) => (WIDE.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
  return text.endsWith("\n") ? `${text}\n` : text; // a last row that is empty would be taken for the end
};

const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => SIGNS[sign]).replaceAll("\n", "<br>");

// The same as markup. `numeric`: the columns whose cells are numbers; all others stay text, whatever they look like.
export const formatMarkup = (rows, numeric = []) => {
  const cell = (value, place) => (numeric[place] ? `<td>${escaped(value)}</td>` : `<td style="mso-number-format:'\\@'">${escaped(value)}</td>`);
  return `<table>${rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("")}</table>`;
};

// Put cells on the clipboard of a copy event.
export const putTable = (event, rows, numeric = []) => {
  event.clipboardData.setData("text/plain", formatTable(rows));
  event.clipboardData.setData("text/html", formatMarkup(rows, numeric));
  event.preventDefault();
};

// The cells of a paste event; null where the clipboard holds no text.
export const takeTable = (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  return text ? parseTable(text) : null;
};

// A block as it falls on `rows` × `columns` picked cells: a single cell fills them all, a larger block is repeated where it fits a whole
// number of times, else it stands once.
export const spread = (block, rows, columns) => {
  const high = block.length;
  const wide = Math.max(...block.map((row) => row.length));
  const times = (size, room) => (room > size && room % size === 0 ? room : size);
  return Array.from({ length: times(high, rows) }, (_, row) => Array.from({ length: times(wide, columns) }, (_, column) => block[row % high][column % wide] ?? ""));
};
