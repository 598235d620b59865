// The editor of rich text: formats by bar and keys, takes what is pasted without its trimmings. What is kept of it the server decides.
import createDOMPurify from "dompurify";
import Squire from "squire-rte";
import { plainWord } from "./pasted.js";

const TAGS = ["P", "BR", "B", "STRONG", "I", "EM", "U", "S", "DEL", "STRIKE", "A", "UL", "OL", "LI", "BLOCKQUOTE", "H1", "H2", "H3", "H4", "H5", "H6", "CODE", "PRE", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "DIV", "SPAN"];
const BLANK = /^[\s\u00a0]*$/;

const purify = createDOMPurify(window);
const fragment = (html) => {
  const clean = purify.sanitize(plainWord(html), {
    ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ["href", "colspan", "rowspan"], ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
    ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false, RETURN_DOM_FRAGMENT: true, FORCE_BODY: true,
  });
  return document.importNode(clean, true);
};

const BLOCKS = /^(?:P|H[1-6]|PRE|DIV|LI|UL|OL|BLOCKQUOTE|TABLE|THEAD|TBODY|TR|TD|TH)$/;

// What formatted text says, as the server says it: a line a block, the cells of a row apart by tabs.
const said = (root) => {
  let out = "";
  let fresh = false; // a block has begun or ended, and nothing was said since
  const say = (text) => {
    if (fresh && out && !/[\n\t]$/.test(out)) out += "\n";
    fresh = false;
    out += text;
  };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.data.replace(/\u200b/g, "")) return;
      say(node.data);
    } else if (node.nodeName === "BR") say("\n");
    else {
      const block = node !== root && BLOCKS.test(node.nodeName);
      if (/^T[DH]$/.test(node.nodeName) && node.previousElementSibling) {
        out += "\t";
        fresh = false;
      } else if (block) fresh = true;
      node.childNodes.forEach(walk);
      if (block) fresh = true;
    }
  };
  walk(root);
  const lines = out.replace(/\u200b/g, "").replace(/\u00a0/g, " ").split("\n").map((line) => line.replace(/^ +| +$/g, ""));
  return lines.join("\n").replace(/\n{3,}/g, "\n\n").replace(/^\n+/, "").trimEnd();
};

const ALIKE = { H1: "H2", H4: "H3", H5: "H3", H6: "H3" };

// Make the blocks of the selection headings, code, or what they were: paragraphs.
const turn = (editor, tag) => {
  const back = editor.hasFormat(tag);
  editor.modifyBlocks((part) => {
    for (const block of part.querySelectorAll("p, h2, h3, pre, div")) {
      const made = document.createElement(back ? "p" : tag);
      made.append(...block.childNodes);
      block.replaceWith(made);
    }
    return part;
  });
};

const toggle = (editor, on, add, remove) => (on ? editor[remove]() : editor[add]());

const ACTS = {
  bold: (editor, on) => toggle(editor, on, "bold", "removeBold"),
  italic: (editor, on) => toggle(editor, on, "italic", "removeItalic"),
  underline: (editor, on) => toggle(editor, on, "underline", "removeUnderline"),
  strike: (editor, on) => toggle(editor, on, "strikethrough", "removeStrikethrough"),
  h2: (editor) => turn(editor, "H2"),
  h3: (editor) => turn(editor, "H3"),
  bullets: (editor, on) => toggle(editor, on, "makeUnorderedList", "removeList"),
  numbers: (editor, on) => toggle(editor, on, "makeOrderedList", "removeList"),
  quote: (editor, on) => toggle(editor, on, "increaseQuoteLevel", "decreaseQuoteLevel"),
  code: (editor) => editor.toggleCode(),
  clear: (editor) => editor.removeAllFormatting(),
  undo: (editor) => editor.undo(),
  redo: (editor) => editor.redo(),
};
const SHOWN = { bold: "B", italic: "I", underline: "U", strike: "S", h2: "H2", h3: "H3", bullets: "UL", numbers: "OL", quote: "BLOCKQUOTE", code: "CODE", link: "A" };

const startLink = (place, editor) => {
  const row = place.querySelector(".rich-link");
  const input = row.querySelector("input");
  const close = () => {
    row.hidden = true;
    editor.focus();
  };
  const set = () => {
    let address = input.value.trim();
    if (address && !/^[a-z][a-z0-9+.-]*:/i.test(address)) address = address.includes("@") && !address.includes("/") ? `mailto:${address}` : `https://${address}`;
    row.hidden = true;
    editor.focus();
    if (!address) editor.removeLink();
    else if (/^(?:https?:\/\/|mailto:)\S+$/i.test(address)) editor.makeLink(address);
  };
  row.querySelector("[data-link-set]").addEventListener("click", set);
  row.querySelector("[data-link-close]").addEventListener("click", close);
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    event.key === "Enter" ? set() : close();
  });
  return () => {
    const around = editor.getSelection().startContainer;
    input.value = (around.nodeType === 1 ? around : around.parentElement)?.closest("a")?.getAttribute("href") ?? "";
    row.hidden = false;
    input.focus();
    input.select();
  };
};

// One place to come to by the tab key; the arrows go on from there.
const startBar = (bar, work) => {
  const buttons = [...bar.querySelectorAll("button")];
  buttons.forEach((button, place) => (button.tabIndex = place ? -1 : 0));
  bar.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rich]");
    if (button) work(button.dataset.rich, button.getAttribute("aria-pressed") === "true");
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    buttons.forEach((button, place) => (button.tabIndex = place === at ? 0 : -1));
    buttons[at].focus();
  });
  return (on) => {
    for (const button of buttons) {
      const tag = SHOWN[button.dataset.rich];
      if (tag) button.setAttribute("aria-pressed", String(on(tag)));
    }
  };
};

export const startEditor = (place, field) => {
  const page = document.createElement("div");
  page.className = "textarea rich rich-page";
  for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) if (field.hasAttribute(name)) page.setAttribute(name, field.getAttribute(name));
  const label = field.labels?.[0];
  page.setAttribute("role", "textbox");
  page.setAttribute("aria-multiline", "true");
  page.setAttribute("aria-label", field.getAttribute("aria-label") ?? label?.firstChild?.textContent.trim() ?? "");
  field.after(page);
  const editor = new Squire(page, { blockTag: "P", sanitizeToDOMFragment: fragment, tagAttributes: {} });
  let ours = false;
  const read = () => (BLANK.test(page.textContent) ? "" : editor.getHTML());
  const tell = () => {
    field.value = read();
    field.dataset.plain = said(page);
    ours = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    ours = false;
  };
  // Typed without script, or by a program: plain text has its lines.
  const write = () => {
    const typed = field.value;
    const plain = !/<\/?[a-z]/i.test(typed);
    editor.setHTML(plain ? typed.split(/\n/).map((line) => `<p>${line.replace(/&/g, "&amp;").replace(/</g, "&lt;") || "<br>"}</p>`).join("") : typed);
    field.dataset.plain = said(page);
  };
  const link = startLink(place, editor);
  const mark = startBar(place.querySelector(".rich-bar"), (name, on) => {
    if (name === "link") return link();
    ACTS[name](editor, on);
    editor.focus();
  });
  write();
  place.classList.add("started");
  field.tabIndex = -1;
  field.setAttribute("aria-hidden", "true");
  field.addEventListener("focus", () => editor.focus());
  label?.addEventListener("click", () => editor.focus());
  for (const kind of ["input", "change"]) field.addEventListener(kind, () => ours || write());
  editor.addEventListener("input", tell);
  page.addEventListener("focusout", () => field.dispatchEvent(new Event("change", { bubbles: true })) && undefined);
  for (const kind of ["pathChange", "select", "input"]) editor.addEventListener(kind, () => mark((tag) => editor.hasFormat(tag)));
  editor.addEventListener("willPaste", (event) => {
    for (const heading of event.detail.fragment?.querySelectorAll(Object.keys(ALIKE).join(",")) ?? []) {
      const made = document.createElement(ALIKE[heading.tagName]);
      made.append(...heading.childNodes);
      heading.replaceWith(made);
    }
  });
  for (const kind of ["dragover", "drop"]) {
    page.addEventListener(kind, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault(), true);
  }
  page.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      event.stopPropagation();
      link();
    }
  });
};
