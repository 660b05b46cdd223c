// What is said beside the editor: why the app does not start, or how the tests ended.
import { element } from "./dom.js";

const PLACE = /^([\w/.]+\.\w+)(?:, line (\d+)|, (?:\w+\.)?(\w+))?/;

export class Results {
  #show;
  #isError = false;

  // `show(file, line, name)` brings a place into the editor, by its line or by a function's name.
  constructor(show) {
    this.#show = show;
    this.status = element("p", { className: "lab-tests-status", attributes: { role: "status" } });
    this.list = element("div", { className: "lab-results", tabIndex: 0 });
    this.list.setAttribute("role", "region");
    this.list.setAttribute("aria-label", "What the tests say");
    this.element = element("div", { className: "lab-beside" }, this.status, this.list);
  }

  say(text) {
    this.status.textContent = text;
  }

  clear() {
    this.#isError = false;
    this.say("");
    this.list.replaceChildren();
  }

  // The app's own error. What older tests said does not hold for this code.
  error(error) {
    if (!error && !this.#isError) return;
    this.clear();
    if (!error) return;
    this.#isError = true;
    this.say("The app does not start.");
    this.list.append(element("p", { className: "lab-error" }, error.text));
  }

  tests({ tests, said }) {
    this.clear();
    const ended = (how) => tests.filter(({ outcome }) => outcome === how);
    const [failed, passed] = [ended("failed"), ended("passed")];
    if (!tests.length) {
      this.say("The tests could not be run.");
      return this.list.append(element("pre", {}, said));
    }
    this.say(`${passed.length} passed, ${failed.length} failed.`);
    this.list.append(
      ...failed.map((test) => this.#failure(test)),
      element("ul", { className: "lab-passed" }, ...passed.map(({ name }) => element("li", {}, `✓ ${name}`))),
    );
  }

  // In the lesson's words, as `python -m lessons check` has them.
  #failure({ name, told, transcript }) {
    const words = element("dl", {}, ...definitions(told), element("dt", {}, "Look at"), this.#place(told.look));
    const pytest = element("details", {}, element("summary", {}, "What pytest says"), element("pre", {}, transcript));
    return element("section", { className: "lab-failure" }, element("h3", {}, `✗ ${name}`), words, pytest);
  }

  #place(look) {
    const [, file, line, name] = PLACE.exec(look) ?? [];
    const button = element("button", { type: "button" }, look);
    button.addEventListener("click", () => this.#show(file, line, name));
    return element("dd", {}, file ? button : look);
  }
}

function definitions({ done, expected, happened }) {
  const terms = { Done: done, Expected: expected, Happened: happened };
  return Object.entries(terms).flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]);
}
