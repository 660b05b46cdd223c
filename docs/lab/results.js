// What is said beside the editor: why the app does not start, or how the tests ended.
import { element } from "./dom.js";

const PLACE = /^([\w/.]+\.\w+), line (\d+)/;

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
    this.way = element("p", { className: "lab-way-back" });
    this.element = element("div", { className: "lab-beside" }, this.status, this.way, this.list);
  }

  say(text) {
    this.status.textContent = text;
  }

  clear() {
    this.#isError = false;
    this.say("");
    this.way.replaceChildren();
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

  // `changed` holds the places that differ from the step's code.
  tests({ tests, said }, changed) {
    this.clear();
    const ended = (how) => tests.filter(({ outcome }) => outcome === how);
    const [failed, passed] = [ended("failed"), ended("passed")];
    if (!tests.length) {
      this.say("The tests could not be run.");
      return this.list.append(element("pre", {}, said));
    }
    const notice = changed.length && failed.length ? "The tests notice: " : "";
    this.say(`${notice}${passed.length} passed, ${failed.length} failed.`);
    if (failed.length) this.list.append(...this.#changed(changed), ...failed.map((test) => this.#failure(test)));
    if (passed.length) this.list.append(listed(passed));
    this.#openFirst();
    this.come();
  }

  // On a phone one open failure would hide the others.
  #openFirst() {
    const first = this.list.querySelector(".lab-failure");
    if (first) first.open = matchMedia("(min-width: 60em)").matches;
  }

  // What to do after the tests.
  offer(...words) {
    this.way.replaceChildren(...words);
    this.come();
  }

  // Bring the results to somebody whose screen ends above them.
  come() {
    this.element.scrollIntoView({ block: "nearest" });
  }

  // A test that fails says what went wrong, and not where: that is what was changed.
  #changed(places) {
    const buttons = places.map(({ file, name }) => this.#button(name ? `${file}, ${name}` : file, file, null, name));
    return places.length ? [element("p", { className: "lab-changed" }, "Changed: ", ...buttons)] : [];
  }

  // In the lesson's words, as `python -m lessons check` has them.
  #failure({ name, told, transcript }) {
    const summary = element("summary", {}, element("h3", {}, "✗\u00a0", ...breakable(name)));
    const words = element("dl", {}, ...definitions(told), ...this.#crash(told.place));
    const pytest = element("details", {}, element("summary", {}, "What pytest says"), element("pre", {}, transcript));
    return element("details", { className: "lab-failure" }, summary, words, pytest);
  }

  #crash(place) {
    const [, file, line] = PLACE.exec(place) ?? [];
    if (!file) return [];
    return [element("dt", {}, "Where"), element("dd", {}, this.#button(place, file, line))];
  }

  #button(text, ...place) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => this.#show(...place));
    return button;
  }
}

// A long name may go on in the next line after each of its words.
function breakable(name) {
  return name.split(/(?<=_)/).flatMap((word) => [word, element("wbr")]);
}

function listed(passed) {
  const names = passed.map(({ name }) => element("li", {}, "✓\u00a0", ...breakable(name)));
  const summary = element("summary", {}, `✓ ${passed.length} passed`);
  return element("details", { className: "lab-passed" }, summary, element("ul", {}, ...names));
}

function definitions({ done, expected, happened }) {
  const terms = { Tried: done, Expected: expected, Happened: happened };
  return Object.entries(terms).flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]);
}
