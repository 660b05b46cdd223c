// The list of what to do. It ticks itself, and says which button is next.
import { element } from "./dom.js";
import { goalsOf, NAMES, RELOAD } from "./goals.js";

export class Checklist {
  #goals = [];
  #ends = new Map(); // goal id to { isDone, answers }: how many answers there were by then
  #show;

  // `show(goal)` marks the goal's button; without a goal, none.
  constructor(show) {
    this.#show = show;
    this.list = element("ol", { className: "lab-goals" });
    this.next = element("p", { className: "lab-next", tabIndex: -1, attributes: { role: "status" } });
    const head = element("h2", {}, "Try it");
    this.element = element("section", { className: "lab-checklist" }, head, this.next, this.list);
    this.element.setAttribute("aria-label", "What to do");
  }

  start(step) {
    this.#goals = goalsOf(step);
    this.#ends.clear();
    this.say("");
  }

  // `facts` holds what each device was last answered, and the number of `answers` so far.
  update(facts) {
    for (const goal of this.#goals) this.#judge(goal, facts);
    this.#render();
  }

  focus() {
    this.next.focus({ preventScroll: true });
  }

  say(text) {
    if (this.next.textContent !== text) this.next.textContent = text;
  }

  #judge(goal, facts) {
    if (this.#ends.get(goal.id)?.isDone) return;
    const before = goal.after ? this.#ends.get(goal.after) : { answers: 0 };
    if (!before) return;
    const isAsked = !goal.again || facts[goal.on].answer > before.answers;
    if (isAsked && goal.done(facts)) this.#end(goal, true, facts);
    else if (isAsked && goal.again) this.#end(goal, false, facts);
  }

  #end(goal, isDone, { answers }) {
    this.#ends.set(goal.id, { isDone, answers });
  }

  #render() {
    const next = this.#goals.find((goal) => !this.#ends.has(goal.id));
    this.list.replaceChildren(...this.#goals.map((goal) => this.#item(goal, goal === next)));
    this.say(next ? `Next: ${sentence(next)}` : this.#summary());
    this.#show(next);
  }

  #item(goal, isNext) {
    const end = this.#ends.get(goal.id);
    const kind = end ? (end.isDone ? "done" : "failed") : isNext ? "next" : "open";
    const sign = { done: "✓", failed: "✗", next: "→", open: "○" }[kind];
    const result = end ? element("strong", {}, end.isDone ? goal.then : goal.instead) : "";
    const item = element("li", { data: { kind } }, element("span", {}, sign), `${sentence(goal)} `, result);
    if (isNext) item.setAttribute("aria-current", "step");
    return item;
  }

  #summary() {
    const failed = this.#goals.filter((goal) => !this.#ends.get(goal.id).isDone);
    if (failed.length) return "The promise does not hold: look for ✗.";
    return "All done. Now break it: change the code below.";
  }
}

function sentence({ on, press }) {
  const name = on === "thief" ? "the thief's browser" : NAMES[on];
  return press === RELOAD ? `reload ${name}.` : `press ${press} on ${name}.`;
}
