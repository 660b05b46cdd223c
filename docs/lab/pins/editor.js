// The code editor: the parts of CodeMirror that the lab uses, bundled into one file.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import {
  bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--md-code-hl-keyword-color)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--md-code-hl-string-color)" },
  { tag: tags.comment, color: "var(--md-code-hl-comment-color)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--md-code-hl-number-color)" },
  { tag: tags.function(tags.definition(tags.variableName)), color: "var(--md-code-hl-function-color)" },
]);

// Tab is left alone: it must lead out of the editor. Enter indents; Ctrl+] and Ctrl+[ shift lines.
export function createEditor({ parent, label, changed }) {
  const extensions = [
    lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(),
    indentUnit.of("    "), EditorState.tabSize.of(4),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    syntaxHighlighting(colours),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString());
    }),
  ];
  const view = new EditorView({ parent });
  const show = (text, language) => view.setState(
    EditorState.create({ doc: text, extensions: language === "python" ? [...extensions, python()] : extensions }),
  );
  return { show };
}
