// The lab: three browsers before one app, and what is in its database.
import { Device, Thief } from "./device.js";
import { element } from "./dom.js";
import { edits } from "./edits.js";
import { Log, SessionView, Tokens, UsersTable } from "./panels.js";
import { Server } from "./server.js";
import { Workbench } from "./workbench.js";

// `place` is the section that the lab goes into. It says which step, and whether that is fixed:
// a lesson shows its own step, as it is written; the lab's page lets the reader choose and edit.
export async function openLab(place, status) {
  const began = performance.now();
  const lab = new Lab(place, status);
  await lab.start(Number(stepInAddress() ?? place.dataset.step));
  performance.measure("lab: start", { start: began });
}

function stepInAddress() {
  return /^#step-(\d+)$/.exec(location.hash)?.[1];
}

class Lab {
  #server = new Server();
  #tokens = new Tokens();
  #users = new UsersTable(this.#tokens);
  #log = new Log();
  #steps = [];
  #step = null;
  #people = [];
  #thief = null;

  constructor(place, status) {
    this.place = place;
    this.status = status;
    this.isLesson = "lesson" in place.dataset;
    this.devices = [
      new Device("alice-laptop", "Alice's laptop", null, this),
      new Device("alice-phone", "Alice's phone", null, this),
      new Device("bob-laptop", "Bob's laptop", null, this),
    ];
    this.sessions = new Map(this.devices.map((device) => [device, this.#sessionView(device)]));
  }

  async start(number) {
    await this.#startPython();
    this.#step = this.#steps.find((step) => step.number === number) ?? this.#steps.at(-1);
    this.#build();
    await this.#startOver();
  }

  // What a device calls.

  async request(device, asked) {
    const began = performance.now();
    const answer = await this.#server.call("request", asked);
    this.#log.add(device, asked, answer, performance.now() - began);
    return answer;
  }

  async refresh() {
    const cookies = [...this.sessions.keys()].map((device) => [device.id, valueOf(device.cookie)]);
    const state = await this.#server.call("state", Object.fromEntries(cookies));
    this.#users.show(state.users);
    for (const [device, view] of this.sessions) view.show(state.sessions[device.id], state.users);
    this.admin.disabled = !state.can_end_sessions;
    this.adminNote.textContent = state.can_end_sessions || state.error ? "" : this.#whyNoAdmin();
    this.#sayHowItRuns(state.error);
  }

  fail(error) {
    this.status.textContent = error.message;
    this.status.classList.add("lab-failed");
  }

  // What the buttons do.

  async #startOver() {
    if (!this.#server.isRunning) await this.#startPython();
    const [alice, bob] = structuredClone(this.#people);
    for (const device of this.devices) {
      device.person = device.id.startsWith("alice") ? alice : bob;
      device.forget();
    }
    this.#sendThiefAway();
    this.#log.clear();
    this.#tokens.forget();
    await this.#server.call("choose", this.#step.folder, this.#people);
    await Promise.all(this.devices.map((device) => device.open()));
    this.#log.clear();
  }

  async #startPython() {
    this.status.textContent = "Loading Python…";
    const { steps, files, people } = await this.#server.start();
    this.#steps = steps;
    this.#people = people;
    this.files = files;
    if (this.isLesson) return;
    for (const [path, text] of edits.all(files)) await this.#server.call("write", path, text);
  }

  #sayHowItRuns(error) {
    const step = `Step ${this.#step.number}`;
    const changed = this.isLesson ? [] : edits.in(this.#step.folder, this.files);
    const names = changed.map((path) => path.slice(this.#step.folder.length + 1)).join(", ");
    const changes = names ? `with your changes to ${names}` : "as it is written";
    const text = error ? `${step} does not start. ${error}` : `${step} runs ${changes}.`;
    this.status.classList.toggle("lab-failed", Boolean(error));
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  #whyNoAdmin() {
    return `In step ${this.#step.number} nobody can end Alice's sessions: invalidate_sessions() comes with step 2.`;
  }

  async #endSessions() {
    await this.#server.call("endSessions", this.#people[0].email);
    this.#log.note("An admin calls invalidate_sessions() for Alice");
    await this.refresh();
  }

  async #copyCookie(victim) {
    if (!this.#thief) {
      this.#thief = new Thief("thief", "A thief", null, this);
      this.sessions.set(this.#thief, this.#sessionView(this.#thief));
      this.deviceList.append(this.#thief.element);
    }
    this.#log.note(`A thief copies the cookie of ${victim.name}`);
    await this.#thief.steal(victim.cookie);
    this.#thief.element.scrollIntoView({ block: "nearest" });
  }

  #sendThiefAway() {
    this.#thief?.element.remove();
    this.sessions.delete(this.#thief);
    this.#thief = null;
  }

  async #choose(number) {
    this.#step = this.#steps.find((step) => step.number === number);
    history.replaceState(null, "", `#step-${number}`);
    this.#describeStep();
    this.workbench.showStep(this.#step);
    await this.#startOver();
  }

  // What the page is made of.

  #build() {
    this.deviceList = element("div", { className: "lab-devices" });
    this.deviceList.append(...this.devices.map((device) => device.element));
    const parts = [this.#toolbar(), this.deviceList, this.#observations()];
    if (!this.isLesson) parts.push(this.#buildWorkbench());
    this.place.append(...parts);
    this.place.classList.add("lab-open");
  }

  #toolbar() {
    this.admin = this.#button("An admin ends Alice's sessions", () => this.#endSessions());
    this.adminNote = element("p", { className: "lab-note" });
    const startOver = this.#button("Start over", () => this.#startOver());
    const chooser = this.isLesson ? [] : this.#chooser();
    const bar = element("div", { className: "lab-toolbar" }, ...chooser, this.admin, startOver);
    return element("div", {}, bar, this.adminNote);
  }

  #chooser() {
    const options = this.#steps.map(({ number, title }) =>
      element("option", { value: number }, `${number} ${title}`),
    );
    const select = element("select", { id: "lab-step" }, ...options);
    select.value = this.#step.number;
    select.addEventListener("change", () => this.#try(() => this.#choose(Number(select.value))));
    this.lesson = element("a");
    this.#describeStep();
    const label = element("label", { htmlFor: "lab-step" }, "Step");
    return [element("span", { className: "lab-choice" }, label, select, this.lesson)];
  }

  #describeStep() {
    const { folder, state } = this.#step;
    this.lesson.textContent = `its lesson (${state.replaceAll("_", " ")})`;
    this.lesson.href = new URL(`../${folder}/`, import.meta.url);
  }

  #observations() {
    const users = element("section", {}, element("h2", {}, "The users table"), this.#users.element);
    const log = element("section", {}, element("h2", {}, "The log of requests"), this.#log.element);
    return element("div", { className: "lab-observations" }, users, log);
  }

  #buildWorkbench() {
    this.workbench = new Workbench(this.#server, this.files, {
      changed: () => this.refresh(),
      restart: () => this.#startOver(),
    });
    this.workbench.showStep(this.#step);
    return this.workbench.element;
  }

  #sessionView(device) {
    const copy = device instanceof Thief ? null : () => this.#try(() => this.#copyCookie(device));
    return new SessionView(device, this.#tokens, copy);
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
      this.fail(error);
    }
  }
}

function valueOf(cookie) {
  return cookie.slice(cookie.indexOf("=") + 1);
}
