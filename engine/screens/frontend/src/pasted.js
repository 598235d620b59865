// What word processors, spreadsheets and web pages lay on the clipboard, made plain markup: lists that are drawn with dots become lists,
// weights that are styles become tags, the rest goes.
const MARK = /mso-list:\s*Ignore/i;
const NUMBERED = /^\s*(?:\(?\d+[.)、]|[a-zA-Z][.)]|[一二三四五六七八九十]+[、.])/;

const wrap = (node, tag) => {
  const made = document.createElement(tag);
  made.append(...node.childNodes);
  node.append(made);
};

const lists = (body) => {
  let list = null;
  for (const line of [...body.querySelectorAll("p, h1, h2, h3")]) {
    if (!/mso-list:\s*l\d/i.test(line.getAttribute("data-style") ?? "")) continue;
    const mark = [...line.querySelectorAll("span")].find((one) => MARK.test(one.getAttribute("data-style") ?? ""));
    const tag = mark && NUMBERED.test(mark.textContent) ? "ol" : "ul";
    mark?.remove();
    const item = document.createElement("li");
    item.append(...line.childNodes);
    if (list?.localName === tag && line.previousElementSibling === list) line.remove();
    else {
      list = document.createElement(tag);
      line.replaceWith(list);
    }
    list.append(item);
  }
};

const styles = (body) => {
  for (const node of body.querySelectorAll("span[data-style], font[data-style], p[data-style], li[data-style]")) {
    const style = node.getAttribute("data-style");
    if (/font-weight:\s*(?:bold|[6-9]00)/i.test(style)) wrap(node, "b");
    if (/font-style:\s*italic/i.test(style)) wrap(node, "i");
    if (/text-decoration[^;]*underline/i.test(style)) wrap(node, "u");
    if (/text-decoration[^;]*line-through/i.test(style)) wrap(node, "s");
  }
  for (const bold of body.querySelectorAll("b[data-style]")) {
    if (/font-weight:\s*(?:normal|400)/i.test(bold.getAttribute("data-style"))) bold.replaceWith(...bold.childNodes); // the frame of a web editor
  }
};

export const plainWord = (html) => {
  // By other names styles and handlers are inert, and the page's policy has nothing to complain of.
  const inert = html.replace(/<[^>]*>/g, (tag) => tag.replace(/(\s|["'/])style\s*=/gi, "$1data-style=").replace(/(\s|["'/])on(\w+)\s*=/gi, "$1data-on$2="));
  const parsed = new DOMParser().parseFromString(inert, "text/html");
  for (const node of parsed.querySelectorAll("style, script, meta, link, title, template, img, svg")) node.remove();
  lists(parsed.body);
  styles(parsed.body);
  return parsed.body.innerHTML;
};
