// The step's code to change, and its tests to run.
import { markButton } from "./device.js";
import { element } from "./dom.js";
import { edits } from "./edits.js";
import { changedFunctions, functionsOf } from "./functions.js";
import { checkOf } from "./goals.js";
import { Results } from "./results.js";
import { Stopped } from "./server.js";

const PAUSE = 500; // milliseconds without a key before a change is taken over

export class Workbench {
  isHeld = false; // the changes are in the editor, and do not run
  #server;
  #texts;
  #lab;
  #step = null;
  #editor = null;
  #pending = null;
  #error = null;

  // `lab.changed()` is called after the app has started again; `lab.startPython()`, `lab.restart()`
  // and `lab.followAgain()` begin from nothing, `lab.putBack()` with the step's own code;
  // `lab.tested()` is called after tests that the list asked for; `lab.stop()` ends what runs.
  constructor(server, files, lab) {
    this.#server = server;
    this.#texts = files;
    this.#lab = lab;
    this.results = new Results((...place) => this.#come(...place));
    this.#build();
  }

  showStep(step) {
    this.#step = step;
    const options = [...step.files, step.tests].map((path) => element("option", { value: path }, path));
    this.files.replaceChildren(...options);
    this.results.clear();
    this.task.replaceChildren();
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
    if (own && !confirm("This step has changes of yours. Replace them with the mistake?")) return;
    edits.drop(this.#paths);
    for (const { file, old, new: wrong } of mistake.patch) this.#patch(file, old, wrong, name);
    this.#showMistake();
    const [{ file, old }] = mistake.patch;
    this.#chooseFile(file);
    this.#editor.reveal(this.#texts[this.#path].indexOf(old));
    await this.#write();
    await this.#lab.restart();
    this.element.scrollIntoView({ block: "start" });
  }

  // Bring the reader to the line that keeps the thief out, or to what the step is about.
  async comeToCheck() {
    this.element.open = true;
    await this.#open();
    const check = checkOf(this.#step);
    if (check) this.#showCheck(check);
    await editorScrolled();
    this.element.scrollIntoView({ block: "start" });
    this.summary.focus({ preventScroll: true });
  }

  // Run the tests, and offer the way back beside what they say.
  comeToTests() {
    return this.#try(async () => {
      if (this.run.disabled) return;
      this.element.open = true;
      await this.#open();
      await editorScrolled();
      await this.#runTests();
      if (!this.#edited.length) return;
      const way = this.#next("Reset the code", () => this.#lab.putBack());
      this.results.offer(way);
      this.#lab.tested();
      if (document.activeElement === document.body) way.focus({ preventScroll: true });
    });
  }

  get offersWay() {
    return this.results.way.hasChildNodes();
  }

  withdrawWay() {
    this.results.way.replaceChildren();
  }

  // Whether the reader took out the line that keeps the thief out.
  get isCheckGone() {
    const check = checkOf(this.#step);
    return Boolean(check) && !edits.text(this.#pathOf("sessions.py"), this.#texts).includes(check);
  }

  #showCheck(check) {
    this.#chooseFile("sessions.py");
    const text = edits.text(this.#path, this.#texts);
    const from = text.indexOf(check);
    if (from < 0) return; // the reader has changed it
    const line = `In line ${text.slice(0, from).split("\n").length}, delete `;
    const way = this.#next("Delete it", () => this.#editor.delete(from, from + check.length));
    this.task.replaceChildren(line, element("code", {}, check), ". ", way);
    this.#editor.reveal(from);
    this.#editor.point(from, from + check.length);
  }

  // Once the check is gone, the list shows what that does.
  #showTaskDone() {
    if (!this.task.hasChildNodes() || !this.isCheckGone) return;
    const hadFocus = this.task.contains(document.activeElement);
    const way = this.#next("Follow the list again", () => this.#followAgain());
    this.task.replaceChildren("It is gone. Is the thief still thrown out? ", way);
    if (hadFocus) way.focus();
  }

  #followAgain() {
    this.task.replaceChildren();
    return this.#lab.followAgain();
  }

  #next(text, act) {
    const button = this.#button(text, act);
    markButton(button, true);
    return button;
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
    this.reset = this.#button("Reset the code", () => this.resetCode());
    this.find = this.#button("Find", () => this.#editor?.find());
    this.mistake = element("div", { className: "lab-mistake" });
    this.task = element("p", { className: "lab-task" });
    this.editorPlace = element("div", { className: "lab-editor" });
    const bar = element("div", { className: "lab-toolbar" },
      choice("File", this.files), choice("Go to", this.functions), this.find, this.run, this.stop, this.reset);
    const hint = element("p", { className: "lab-note" },
      "What you type runs after a moment. This browser keeps it until you reset the code.");
    this.summary = element("summary", {}, "Change the code, run the tests");
    this.element = element("details", { className: "lab-workbench" }, this.summary, hint, this.mistake, bar, this.task, this.editorPlace, this.results.element);
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
    const text = edits.text(this.#path, this.#texts);
    const at = line ? Number(line) - 1 : functionsOf(text).find((one) => one.name === name)?.line;
    if (at === undefined) return;
    this.functions.value = name ?? "";
    this.#editor?.reveal(text.split("\n").slice(0, at).join("\n").length + 1);
  }

  #come(...place) {
    this.#show(...place);
    this.editorPlace.scrollIntoView({ block: "nearest" });
  }

  #listFunctions(text) {
    const options = functionsOf(text).map(({ name, indent }) =>
      element("option", { value: name }, `${"\u00a0\u00a0".repeat(indent / 4)}${name}`),
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
    this.#showTaskDone();
    this.#listFunctions(text);
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => this.#try(() => this.#takeOver()), PAUSE);
  }

  // Run what is in the editor.
  async #takeOver() {
    await this.#write();
    await this.#lab.changed();
  }

  #write() {
    clearTimeout(this.#pending);
    this.isHeld = false;
    const files = this.#paths.map((path) => [path, edits.text(path, this.#texts)]);
    return this.#server.call("edit", files);
  }

  async resetCode() {
    clearTimeout(this.#pending);
    edits.drop(this.#paths);
    this.isHeld = false;
    this.#error = null;
    this.task.replaceChildren();
    this.#showFile();
    this.#showMistake();
    this.results.clear();
    if (this.#server.isWorking || !this.#server.isRunning) await this.#beginAnew();
    else await this.#takeOver();
    this.results.say("The code is unchanged.");
  }

  async #beginAnew() {
    await this.#lab.startPython();
    await this.#lab.restart();
  }

  async #runTests() {
    this.run.disabled = true;
    this.results.clear();
    this.results.say("The tests run…");
    this.results.come();
    try {
      await this.#takeOver();
      const began = performance.now();
      this.results.tests(await this.#server.call("test", this.#tests, this.#step.number), this.#changedPlaces);
      performance.measure("lab: tests", { start: began });
    } finally {
      this.run.disabled = false;
    }
  }

  // What the reader or a mistake has changed: { file, name } of each function, or the file alone.
  get #changedPlaces() {
    const place = (path) => ({ file: path.replace(`${this.#step.folder}/`, "") });
    return this.#edited.flatMap((path) => {
      const names = changedFunctions(edits.text(path, this.#texts), this.#texts[path]);
      return names.length ? names.map((name) => ({ ...place(path), name })) : [place(path)];
    });
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

// The editor brings its line to the top of the page too, when it draws: what scrolls the page waits.
function editorScrolled() {
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
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
