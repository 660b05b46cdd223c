// The step's code to change, and its tests to run.
import { element } from "./dom.js";
import { edits } from "./edits.js";

const PAUSE = 500; // milliseconds without a key before a change is taken over
const FIRST = "sessions.py";

export class Workbench {
  #server;
  #files;
  #lab;
  #step = null;
  #editor = null;
  #pending = null;

  // `lab.changed()` is called after the app was started anew, `lab.restart()` starts over.
  constructor(server, files, lab) {
    this.#server = server;
    this.#files = files;
    this.#lab = lab;
    this.#build();
  }

  showStep(step) {
    this.#step = step;
    const options = [...step.files, step.tests].map((path) => element("option", { value: path }, path));
    this.files.replaceChildren(...options);
    this.files.value = FIRST;
    this.results.replaceChildren();
    this.say("");
    this.#showFile();
  }

  say(text) {
    this.status.textContent = text;
  }

  #build() {
    this.files = element("select", { id: "lab-file" });
    this.files.addEventListener("change", () => this.#showFile());
    this.run = this.#button("Run the tests", () => this.#runTests());
    this.run.classList.add("md-button--primary");
    this.reset = this.#button("Reset the code", () => this.#resetCode());
    this.status = element("p", { className: "lab-tests-status", attributes: { role: "status" } });
    this.results = element("div", { className: "lab-results" });
    this.editorPlace = element("div", { className: "lab-editor" });
    const label = element("label", { htmlFor: "lab-file" }, "File");
    const choice = element("span", { className: "lab-choice" }, label, this.files);
    const bar = element("div", { className: "lab-toolbar" }, choice, this.run, this.reset);
    const summary = element("summary", {}, "Change the code, run the tests");
    const hint = element("p", { className: "lab-note" },
      "What you type runs after a moment. This browser keeps it until you reset the code.");
    this.element = element("details", { className: "lab-workbench" });
    this.element.append(summary, hint, bar, this.editorPlace, this.status, this.results);
    this.element.addEventListener("toggle", () => this.#try(() => this.#open()));
  }

  async #open() {
    if (this.#editor || !this.element.open) return;
    const { createEditor } = await import("./assets/editor.js");
    this.#editor = createEditor({
      parent: this.editorPlace,
      label: "The code of the step",
      changed: (text) => this.#typed(text),
    });
    this.#showFile();
  }

  get #path() {
    const chosen = this.files.value;
    return chosen === this.#step.tests ? chosen : `${this.#step.folder}/${chosen}`;
  }

  #showFile() {
    const language = this.files.value.endsWith(".py") ? "python" : "text";
    this.#editor?.show(edits.text(this.#path, this.#files), language);
  }

  #typed(text) {
    const path = this.#path;
    edits.keep(path, text, this.#files[path]);
    clearTimeout(this.#pending?.timer);
    const timer = setTimeout(() => this.#try(() => this.#takeOver()), PAUSE);
    this.#pending = { path, text, timer };
  }

  // Run what was typed last, if it does not run already.
  async #takeOver() {
    if (!this.#pending) return;
    const { path, text, timer } = this.#pending;
    clearTimeout(timer);
    this.#pending = null;
    await this.#server.call("edit", path, text);
    await this.#lab.changed();
  }

  async #resetCode() {
    clearTimeout(this.#pending?.timer);
    this.#pending = null;
    const paths = [...this.#step.files.map((file) => `${this.#step.folder}/${file}`), this.#step.tests];
    edits.drop(paths);
    this.#showFile();
    this.results.replaceChildren();
    this.say("The code is as it was written.");
    if (!this.#server.isRunning) return this.#lab.restart();
    for (const path of paths) await this.#server.call("write", path, this.#files[path]);
    await this.#server.call("restart");
    await this.#lab.changed();
  }

  async #runTests() {
    this.run.disabled = true;
    this.results.replaceChildren();
    this.say("The tests run…");
    try {
      await this.#takeOver();
      const began = performance.now();
      this.#showResults(await this.#server.call("test", this.#step.tests));
      performance.measure("lab: tests", { start: began });
    } finally {
      this.run.disabled = false;
    }
  }

  #showResults({ outcomes, said }) {
    const tests = Object.entries(outcomes).map(([id, outcome]) => ({ name: id.split("::").pop(), ...outcome }));
    const failed = tests.filter(({ outcome }) => outcome === "failed");
    const passed = tests.filter(({ outcome }) => outcome === "passed");
    if (!tests.length) {
      this.say("The tests could not be run.");
      return this.results.append(element("pre", {}, said));
    }
    this.say(`${passed.length} passed, ${failed.length} failed.`);
    this.results.append(
      ...failed.map(failure),
      element("ul", { className: "lab-passed" }, ...passed.map(({ name }) => element("li", {}, `✓ ${name}`))),
    );
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
      this.say(error.message);
    }
  }
}

function failure({ name, error, message }) {
  const reason = message.startsWith(error) ? message : `${error}: ${message}`;
  return element("section", { className: "lab-failure" }, element("h3", {}, `✗ ${name}`), element("pre", {}, reason));
}
