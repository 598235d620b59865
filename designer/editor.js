// The YAML editor: CodeMirror over the form's text area, in a shadow root so that its styles pass our content security policy. Faults come
// from the server while one types; completion and help from the JSON Schema and the names of the model.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { forceLinting, linter, lintGutter } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { send } from "../engine/screens/frontend/src/send.js";
import { completions, explain } from "./completing.js";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent-text)" },
  { tag: tags.string, color: "var(--green-ink)" },
  { tag: [tags.number, tags.bool, tags.keyword], color: "var(--orange-ink)" },
  { tag: tags.comment, color: "var(--ink-3)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "12.5px", color: "var(--ink)", backgroundColor: "var(--bg)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-gutters": { backgroundColor: "var(--bg-soft)", color: "var(--ink-3)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 6%, transparent)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent) !important" },
  ".cm-tooltip": { backgroundColor: "var(--bg-float)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "var(--shadow-2)", padding: "4px 6px", maxWidth: "420px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
});

const place = (state, line, column) => {
  const at = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  const from = Math.min(at.from + Math.max(column, 1) - 1, at.to);
  const word = /^[^\s,}\]]+/.exec(state.sliceDoc(from, at.to));
  return { from, to: Math.min(from + (word ? word[0].length : 1), at.to) };
};

export const start = async () => {
  const box = document.querySelector("[data-yaml]");
  const area = box.querySelector("[data-text]");
  const { kind, name, line, good, bad } = box.dataset;
  const loading = send(`/designer/hints/${kind}`).then((answer) => answer.json()).catch(() => null);
  const check = async (view) => {
    const body = new FormData();
    body.set("text", view.state.doc.toString());
    const answer = await send(`/designer/check/${kind}/${name}`, body);
    if (!answer.ok) return [];
    const found = await answer.json();
    const lost = box.querySelector("[data-gone]");
    lost.querySelector("ul").replaceChildren(...found.gone.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    lost.hidden = !found.gone.length;
    const told = [...found.faults.map((one) => `${one.line}:${one.column} ${one.message}`), ...found.elsewhere];
    const list = box.querySelector("[data-faults]");
    list.replaceChildren(...told.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    list.hidden = !told.length;
    box.querySelector("[data-verdict]").textContent = told.length ? bad.replace("{count}", told.length) : good;
    const picture = document.createElement("template");
    picture.innerHTML = found.picture;
    box.querySelector("[data-picture]").replaceChildren(picture.content);
    return found.faults.map((one) => ({ ...place(view.state, one.line, one.column), severity: one.warning ? "warning" : "error", message: one.message }));
  };
  const root = box.querySelector("[data-host]").attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), indentUnit.of("  "),
        yaml(), syntaxHighlighting(colours), look, lintGutter(), linter(check, { delay: 500 }),
        autocompletion({ override: [async (context) => completions(context, await loading)] }),
        hoverTooltip(async (at, position) => {
          const found = explain(at.state, position, await loading);
          return found && { pos: found.from, end: found.to, above: true, create: () => ({ dom: Object.assign(document.createElement("div"), { textContent: found.text }) }) };
        }),
        keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, indentWithTab, { key: "Mod-s", run: () => (area.form.requestSubmit(), true) }]),
        EditorView.contentAttributes.of({ "aria-label": area.getAttribute("aria-label"), tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  const editor = box.querySelector(".dz-editor");
  const saved = editor.matches(".dz-unsaved") ? null : area.value;
  let leaving = false;
  area.form.addEventListener("submit", () => (leaving = true));
  addEventListener("beforeunload", (event) => !leaving && area.value !== saved && event.preventDefault()); // what was typed is not lost by a wrong click
  editor.classList.add("live");
  if (line) {
    const at = view.state.doc.line(Math.min(Number(line), view.state.doc.lines));
    view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: "center" }) });
  }
  view.focus();
  forceLinting(view);
};
