// The step's code to change, and its tests to run.
import { element } from "./dom.js";
import { edits } from "./edits.js";
import { Results } from "./results.js";
import { Stopped } from "./server.js";

const PAUSE = 500; // milliseconds without a key before a change is taken over
const FUNCTION = /^( *)(?:async )?(?:def|class) (\w+)/;

export class Workbench {
  isHeld = false; // the changes are in the editor, and do not run
  #server;
  #texts;
  #lab;
  #step = null;
  #editor = null;
  #pending = null;
  #error = null;

  // `lab.changed()` is called after the app was started anew; `lab.startPython()` and
  // `lab.restart()` begin from nothing; `lab.stop()` ends what runs.
  constructor(server, files, lab) {
    this.#server = server;
    this.#texts = files;
    this.#lab = lab;
    this.results = new Results((...place) => this.#show(...place));
    this.#build();
  }

  showStep(step) {
    this.#step = step;
    const options = [...step.files, step.tests].map((path) => element("option", { value: path }, path));
    this.files.replaceChildren(...options);
    this.results.clear();
    this.#showMistake();
    this.#showStart();
  }

  // Put the mistake in place of what the step says. The reader's own changes are not lost unasked.
  async loadMistake(name) {
    const mistake = this.#step.mistakes.find((one) => one.name === name);
    this.element.open = true;
    await this.#open();
    if (!mistake) return this.results.say(`Step ${this.#step.number} has no such mistake.`);
    const own = this.#edited.some((path) => !edits.mistake(path));
    if (own && !confirm("This step has changes of yours. Replace them by the mistake?")) return;
    edits.drop(this.#paths);
    for (const { file, old, new: wrong } of mistake.patch) this.#patch(file, old, wrong, name);
    this.#showMistake();
    const [{ file, old }] = mistake.patch;
    this.#chooseFile(file);
    this.#editor.reveal(this.#texts[this.#path].indexOf(old));
    await this.#takeOver();
    this.element.scrollIntoView({ block: "start" });
  }

  // Keep the changes in the editor, and out of the app.
  hold() {
    clearTimeout(this.#pending);
    this.isHeld = true;
  }

  showError(error) {
    this.#error = error;
    this.results.error(error);
    this.#markError();
  }

  showBusy(isBusy) {
    this.stop.disabled = !isBusy;
  }

  #build() {
    this.files = this.#select("lab-file", () => this.#showFile());
    this.functions = this.#select("lab-function", () => this.#show(this.files.value, null, this.functions.value));
    this.run = this.#button("Run the tests", () => this.#runTests());
    this.run.classList.add("md-button--primary");
    this.stop = this.#button("Stop the tests", () => this.#lab.stop());
    this.stop.disabled = true;
    this.reset = this.#button("Reset the code", () => this.#resetCode());
    this.find = this.#button("Find", () => this.#editor?.find());
    this.mistake = element("div", { className: "lab-mistake" });
    this.editorPlace = element("div", { className: "lab-editor" });
    const bar = element("div", { className: "lab-toolbar" },
      choice("File", this.files), choice("Go to", this.functions), this.find, this.run, this.stop, this.reset);
    const bench = element("div", { className: "lab-bench" }, this.editorPlace, this.results.element);
    const hint = element("p", { className: "lab-note" },
      "What you type runs after a moment. This browser keeps it until you reset the code.");
    const summary = element("summary", {}, "Change the code, run the tests");
    this.element = element("details", { className: "lab-workbench" }, summary, hint, this.mistake, bar, bench);
    this.element.addEventListener("toggle", () => this.#try(() => this.#open()));
  }

  async #open() {
    if (this.#editor || !this.element.open) return;
    this.opened ??= import("./assets/editor.js");
    const { createEditor } = await this.opened;
    this.#editor ??= createEditor({
      parent: this.editorPlace,
      label: "The code of the step",
      changed: (text) => this.#typed(text),
    });
    this.#showStart();
  }

  get #path() {
    return this.#pathOf(this.files.value);
  }

  #pathOf(file) {
    return file === this.#step.tests ? file : `${this.#step.folder}/${file}`;
  }

  get #paths() {
    return [...this.#step.files, this.#step.tests].map((file) => this.#pathOf(file));
  }

  get #edited() {
    const changed = new Map(edits.all(this.#texts));
    return this.#paths.filter((path) => changed.has(path));
  }

  // The function that the step is about.
  #showStart() {
    const { file, name } = this.#step.opens_at;
    this.#show(file, null, name);
  }

  #chooseFile(file) {
    this.files.value = file;
    this.#showFile();
  }

  #showFile() {
    const text = edits.text(this.#path, this.#texts);
    const language = this.files.value.endsWith(".py") ? "python" : "text";
    this.#editor?.show(text, language);
    this.#listFunctions(text);
    this.#markError();
  }

  #show(file, line, name) {
    if (![...this.files.options].some(({ value }) => value === file)) return;
    if (this.files.value !== file || !this.#editor?.hasText()) this.#chooseFile(file);
    const lines = edits.text(this.#path, this.#texts).split("\n");
    const at = line ? Number(line) - 1 : lines.findIndex((text) => FUNCTION.exec(text)?.[2] === name);
    if (at < 0) return;
    this.functions.value = name ?? "";
    this.#editor?.reveal(lines.slice(0, at).join("\n").length + 1);
  }

  #listFunctions(text) {
    const found = text.split("\n").map((line) => FUNCTION.exec(line)).filter(Boolean);
    const options = found.map(([, indent, name]) =>
      element("option", { value: name }, `${"\u00a0\u00a0".repeat(indent.length / 4)}${name}`),
    );
    this.functions.replaceChildren(element("option", { value: "" }, "a function"), ...options);
  }

  #markError() {
    const isHere = this.#error?.path === this.#path;
    this.#editor?.mark(isHere ? this.#error.line : null, this.#error?.text);
  }

  #typed(text) {
    const path = this.#path;
    edits.keep(path, text, this.#texts[path]);
    this.#showMistake();
    this.#listFunctions(text);
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => this.#try(() => this.#takeOver()), PAUSE);
  }

  // Run what is in the editor.
  async #takeOver() {
    clearTimeout(this.#pending);
    this.isHeld = false;
    const files = this.#paths.map((path) => [path, edits.text(path, this.#texts)]);
    await this.#server.call("edit", files);
    await this.#lab.changed();
  }

  async #resetCode() {
    clearTimeout(this.#pending);
    edits.drop(this.#paths);
    this.isHeld = false;
    this.#error = null;
    this.#showFile();
    this.#showMistake();
    this.results.clear();
    if (this.#server.isWorking || !this.#server.isRunning) await this.#beginAnew();
    else await this.#takeOver();
    this.results.say("The code is as it was written.");
  }

  async #beginAnew() {
    await this.#lab.startPython();
    await this.#lab.restart();
  }

  async #runTests() {
    this.run.disabled = true;
    this.results.clear();
    this.results.say("The tests run…");
    try {
      await this.#takeOver();
      const began = performance.now();
      this.results.tests(await this.#server.call("test", this.#tests, this.#step.number));
      performance.measure("lab: tests", { start: began });
    } finally {
      this.run.disabled = false;
    }
  }

  // The step's own, and the one that catches the mistake, if it lies elsewhere.
  get #tests() {
    const { tests } = this.#step;
    const other = this.#loaded?.killed_by;
    return other?.startsWith("tests/steps/") && !other.startsWith(tests) ? [tests, other] : [tests];
  }

  get #loaded() {
    const names = this.#edited.map((path) => edits.mistake(path));
    return this.#step.mistakes.find(({ name }) => names.includes(name));
  }

  #patch(file, old, wrong, name) {
    const path = this.#pathOf(file);
    const text = edits.text(path, this.#texts).replace(old, () => wrong);
    edits.keep(path, text, this.#texts[path], name);
  }

  #showMistake() {
    const mistake = this.#loaded;
    this.mistake.replaceChildren(...(mistake ? described(mistake) : []));
  }

  #select(id, act) {
    const select = element("select", { id });
    select.addEventListener("change", act);
    return select;
  }

  #button(text, act) {
    const button = element("button", { type: "button", className: "md-button" }, text);
    button.addEventListener("click", () => this.#try(act));
    return button;
  }

  async #try(act) {
    try {
      await act();
    } catch (error) {
      this.results.say(error instanceof Stopped ? "Stopped." : error.message);
    }
  }
}

function choice(name, select) {
  const label = element("label", { htmlFor: select.id }, name);
  return element("span", { className: "lab-choice" }, label, select);
}

function described({ name, title, seen, killed_by: test }) {
  const runsHere = test.startsWith("tests/steps/");
  const where = runsHere ? "Run the tests to see it caught" : `The test that catches it runs in the repository: python -m lessons mistake ${name}`;
  return [
    element("p", {}, element("strong", {}, "A mistake is loaded: "), `${title}. ${seen}`),
    element("p", {}, `${where}. Reset the code takes it out.`),
  ];
}
