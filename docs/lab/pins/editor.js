// The code editor: the parts of CodeMirror that the lab uses, bundled into one file.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import {
  bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--md-code-hl-keyword-color)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--md-code-hl-string-color)" },
  { tag: tags.comment, color: "var(--md-code-hl-comment-color)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--md-code-hl-number-color)" },
  { tag: tags.function(tags.definition(tags.variableName)), color: "var(--md-code-hl-function-color)" },
]);

// One part of the text that the reader is asked to change. It goes with its last letter.
const pointAt = StateEffect.define();
const pointed = StateField.define({
  create: () => Decoration.none,
  update(part, transaction) {
    const asked = transaction.effects.find((effect) => effect.is(pointAt));
    if (!asked) return part.map(transaction.changes);
    const { from, to } = asked.value;
    return Decoration.set([Decoration.mark({ class: "cm-pointed" }).range(from, to)]);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// A wide screen has room for every line. There the editor need not measure each one.
function wrapping() {
  return matchMedia("(max-width: 60em)").matches ? EditorView.lineWrapping : [];
}

// Tab is left alone: it must lead out of the editor. Enter indents; Ctrl+] and Ctrl+[ shift lines.
export function createEditor({ parent, label, changed }) {
  const extensions = [
    lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(),
    highlightActiveLine(), wrapping(), pointed, search({ top: true }), indentUnit.of("    "), EditorState.tabSize.of(4),
    keymap.of([...searchKeymap, ...defaultKeymap, ...historyKeymap]),
    syntaxHighlighting(colours),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString());
    }),
  ];
  const view = new EditorView({ parent });
  return {
    hasText: () => view.state.doc.length > 0,

    show(text, language) {
      const more = language === "python" ? [python()] : [];
      view.setState(EditorState.create({ doc: text, extensions: [...extensions, ...more] }));
    },

    // Bring the line that holds this position near the top, and put the cursor there.
    reveal(position) {
      const { from } = view.state.doc.lineAt(Math.min(position, view.state.doc.length));
      const effects = EditorView.scrollIntoView(from, { y: "start", yMargin: 24 });
      view.dispatch({ selection: { anchor: from }, effects });
    },

    delete: (from, to) => view.dispatch({ changes: { from, to } }),

    // Show this part as the one that is spoken of.
    point: (from, to) => view.dispatch({ effects: pointAt.of({ from, to }) }),

    // Underline this line, with what is wrong; null takes the mark away.
    mark(number, message) {
      const lines = number && number <= view.state.doc.lines ? [view.state.doc.line(number)] : [];
      const found = lines.map(({ from, to }) => ({ from, to, severity: "error", message }));
      view.dispatch(setDiagnostics(view.state, found));
    },

    find: () => openSearchPanel(view),
  };
}
