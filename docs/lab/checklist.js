// The list of what to do. It ticks itself, and says which button is next.
import { markButton } from "./device.js";
import { element } from "./dom.js";
import { checkOf, goalsOf, LOG_IN, NAMES, RELOAD, startsSignedIn } from "./goals.js";

const SIGNS = { done: "✓", failed: "✗", harm: "!", next: "→", open: "○" };

export class Checklist {
  #step = null;
  #goals = [];
  #ends = new Map(); // goal id to { isDone, answers }: how many answers there were by then
  #lab;

  // `lab.show(goal)` marks the goal's button; without a goal, none. `lab.openCode()` follows the list
  // that came out well; `lab.lastWays()` end it once the code is mended; `lab.waysBack()` follow one
  // that did not. A way is a button or a link: { name, press or href, isNext, asks }.
  constructor(lab) {
    this.#lab = lab;
    this.list = element("ol", { className: "lab-goals" });
    this.next = element("p", { className: "lab-next", tabIndex: -1, attributes: { role: "status" } });
    const head = element("h2", {}, "Try it");
    this.element = element("section", { className: "lab-checklist" }, head, this.list);
    this.element.setAttribute("aria-label", "What to do");
  }

  start(step) {
    this.#step = step;
    this.#goals = goalsOf(step);
    this.#ends.clear();
    this.#say([]);
  }

  // `facts` holds what each device was last answered, and the number of `answers` so far.
  update(facts) {
    for (const goal of this.#goals) this.#judge(goal, facts);
    this.#render(facts);
  }

  // Nothing is to be pressed until the list begins again.
  wait() {
    this.#lab.show(undefined);
    this.#say(["The list begins again…"]);
  }

  focus() {
    this.next.focus({ preventScroll: true });
  }

  #say(words, results = []) {
    const said = element("span", {}, ...results.map(result), ...words);
    if (this.next.textContent !== said.textContent) this.next.replaceChildren(said);
  }

  #judge(goal, facts) {
    if (this.#ends.get(goal.id)?.isDone) return;
    const before = goal.after ? this.#ends.get(goal.after) : { answers: 0 };
    if (!before) return;
    const isAsked = !goal.again || (facts[goal.on].wasIn && facts[goal.on].answer > before.answers);
    if (isAsked && goal.done(facts)) this.#end(goal, true, facts);
    else if (isAsked && goal.again) this.#end(goal, false, facts);
  }

  #end(goal, isDone, { answers }) {
    if (this.#ends.get(goal.id)?.isDone === isDone) return;
    this.#ends.delete(goal.id); // the newest stands last
    this.#ends.set(goal.id, { isDone, answers });
  }

  #render(facts) {
    if (facts.isMended && !this.#ends.size) return this.#renderEnd();
    const next = this.#goals.find((goal) => !this.#ends.has(goal.id));
    const first = next && firstOf(next, facts);
    this.list.replaceChildren(...this.#goals.map((goal) => this.#item(goal, next)));
    if (next) this.#say(sentence(first), this.#lastResult(facts));
    else this.#say(...this.#summary(facts));
    this.#lab.show(first);
  }

  // The code is mended. The list can be followed once more, but nothing is left to do.
  #renderEnd() {
    this.list.replaceChildren(...this.#goals.map((goal) => this.#item(goal)));
    this.#say(["All done. ", ...this.#lab.lastWays().flatMap(wayOn)], [{ text: "The code is as it was." }]);
    this.#lab.show(undefined);
  }

  #lastResult(facts) {
    if (this.#ends.size) return [this.#endOf(this.#newest)];
    if (!startsSignedIn(this.#step)) return [];
    const isAnybodyIn = Object.keys(NAMES).some((id) => facts[id].wasIn);
    if (!isAnybodyIn) return [{ kind: "failed", text: "The app refused every login." }];
    return [{ text: "Alice and Bob are signed in." }];
  }

  get #newest() {
    return this.#goals.find((goal) => goal.id === [...this.#ends.keys()].at(-1));
  }

  #endOf(goal) {
    const kind = goal.isHarm ? "harm" : this.#kindOf(goal);
    return { kind, text: this.#resultOf(goal) };
  }

  #resultOf(goal) {
    return this.#ends.get(goal.id).isDone ? goal.then : goal.instead;
  }

  #kindOf(goal, next) {
    const end = this.#ends.get(goal.id);
    if (end) return end.isDone ? "done" : "failed";
    return goal === next ? "next" : "open";
  }

  #item(goal, next) {
    const kind = this.#kindOf(goal, next);
    const result = this.#ends.has(goal.id) ? element("strong", { className: goal.isHarm ? "lab-harm" : "" }, this.#resultOf(goal)) : "";
    const item = element("li", { data: { kind } }, element("span", { className: "lab-sign" }, SIGNS[kind]), ...sentence(goal), result);
    if (goal === next) item.setAttribute("aria-current", "step");
    return item;
  }

  // What follows the list, and what came out of it.
  #summary({ isMended }) {
    const failed = this.#goals.filter((goal) => !this.#ends.get(goal.id).isDone);
    if (failed.length) return [this.#lab.waysBack().flatMap(wayOn), failed.map((goal) => this.#endOf(goal))];
    const code = { name: "Change the code", press: this.#lab.openCode, isNext: true };
    const text = checkOf(this.#step) && !isMended ? "All done. Now break it: " : "All done. ";
    return [[text, ...(isMended ? this.#lab.lastWays() : [code]).flatMap(wayOn)], [this.#endOf(this.#newest)]];
  }
}

function result({ kind, text }) {
  const sign = kind ? `${SIGNS[kind]} ` : "";
  return element("span", { className: "lab-result", data: { kind: kind ?? "" } }, `${sign}${text} `);
}

function wayOn({ name, press, href, isNext = false, asks = "" }) {
  const [tag, how] = href ? ["a", { href }] : ["button", { type: "button", onclick: press }];
  const way = element(tag, { className: "md-button", ...how }, name);
  markButton(way, isNext);
  return [asks, way];
}

// Without a session there is nothing to copy or to end.
function firstOf(goal, facts) {
  const { isIn, wasIn } = facts[goal.on];
  return (goal.press === RELOAD ? wasIn : isIn) ? goal : { ...goal, press: LOG_IN };
}

// Where one device is shown at a time, it needs no name; if it is another one, its name is the first
// thing to press.
function sentence({ on, press }) {
  const [name, button] = [NAMES[on], press].map((text) => element("b", {}, text));
  const place = on === "thief" ? "In the thief's browser" : `On ${NAMES[on]}`;
  const way = element("span", { className: "lab-way" }, "Press ", name, ", then ", button.cloneNode(true), ".");
  const here = element("span", { className: "lab-here" }, "Press ", button.cloneNode(true), ".");
  const there = element("span", { className: "lab-there" }, `${place}, press `, button, ".");
  return [way, here, there, " "];
}
