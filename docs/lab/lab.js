// The lab: three browsers and a thief before one app, and what is in its database.
import { Checklist } from "./checklist.js";
import { Device, Thief } from "./device.js";
import { element } from "./dom.js";
import { edits } from "./edits.js";
import { COPY, NAMES } from "./goals.js";
import { Log, SessionView, Tokens, UsersTable } from "./panels.js";
import { Server, Stopped } from "./server.js";
import { Strip } from "./strip.js";
import { Workbench } from "./workbench.js";

// `place` is the section that the lab goes into. It says which step, and whether that is fixed:
// a lesson shows its own step; the lab's page lets the reader choose.
export async function openLab(place, status) {
  const began = performance.now();
  const lab = new Lab(place, status);
  const { step, mistake } = asked(place);
  await lab.start(step, mistake);
  performance.measure("lab: start", { start: began });
}

// What the address asks for: #step=4, or #step=4&mistake=nobody_can_stay_in.
function asked(place) {
  const wanted = new URLSearchParams("lesson" in place.dataset ? "" : location.hash.slice(1));
  return { step: Number(wanted.get("step") ?? place.dataset.step), mistake: wanted.get("mistake") };
}

class Lab {
  #server = new Server({
    busy: (isBusy) => this.#sayBusy(isBusy),
    late: () => this.#try(() => this.#stop("Python did not answer for a minute, and was stopped.")),
    loaded: (bytes, all) => this.#sayLoaded(bytes, all),
  });
  #tokens = new Tokens();
  #users = new UsersTable(this.#tokens);
  #log = new Log();
  #steps = [];
  #step = null;
  #people = [];
  #answers = 0;
  #known = new Map(); // user id to the token that was last shown
  #isNewToken = false; // whether Alice has another token than at the start
  #note = "";

  constructor(place, status) {
    this.place = place;
    this.status = status;
    this.progress = place.querySelector(".lab-progress");
    this.isLesson = "lesson" in place.dataset;
    this.devices = Object.entries(NAMES).map(([id, name]) =>
      id === "thief" ? new Thief(id, "A thief", null, this) : new Device(id, name, null, this),
    );
    [this.laptop, , , this.thief] = this.devices;
    this.sessions = new Map(this.devices.map((device) => [device, this.#sessionView(device)]));
    this.strip = new Strip(this.devices);
    this.checklist = new Checklist((goal) => this.#mark(goal));
  }

  async start(number, mistake) {
    await this.#startPython();
    this.#step = this.#steps.find((step) => step.number === number) ?? this.#steps.at(-1);
    this.#build();
    await this.#startOver();
    if (document.activeElement === this.status) this.checklist.focus();
    if (mistake) await this.workbench.loadMistake(mistake);
  }

  // What a device calls.

  async request(device, asked) {
    const began = performance.now();
    const answer = await this.#server.call("request", asked);
    this.#log.add(device, asked, answer, performance.now() - began);
    this.#answers += 1;
    return { ...answer, number: this.#answers };
  }

  async refresh() {
    const cookies = this.devices.map((device) => [device.id, valueOf(device.cookie)]);
    const state = await this.#server.call("state", Object.fromEntries(cookies));
    this.#showState(state);
    this.admin.disabled = !state.can_end_sessions;
    this.adminNote.textContent = state.can_end_sessions || state.error ? "" : this.#whyNoAdmin();
    this.workbench.showError(state.error);
    this.#sayHowItRuns(state.error);
  }

  fail(error) {
    if (error instanceof Stopped) return;
    this.status.textContent = error.message;
    this.status.classList.add("lab-failed");
  }

  // What the app's answers and its database say.

  #showState({ users, sessions }) {
    const changed = this.#changedTokens(users);
    if (changed.has(users[0]?.id)) this.#isNewToken = true;
    this.#users.show(users, changed);
    const facts = { hasNewToken: this.#isNewToken, answers: this.#answers };
    for (const [device, view] of this.sessions) {
      const session = sessions[device.id];
      view.show(session, users);
      facts[device.id] = this.#factsOf(device, session, users);
      this.strip.show(device, kindOf(device, facts[device.id]), this.#tokens.colour(session?.session_token));
      if (changed.has(session?.user_id)) this.strip.flash(device);
    }
    this.checklist.update(facts);
  }

  #changedTokens(users) {
    const changed = users.filter(
      ({ id, session_token: token }) => this.#known.has(id) && this.#known.get(id) !== token,
    );
    this.#known = new Map(users.map(({ id, session_token: token }) => [id, token]));
    return new Set(changed.map(({ id }) => id));
  }

  #factsOf(device, session, users) {
    const { isIn, isOut, isExpired, answer } = device;
    const stamp = session?.session_token;
    const user = users.find(({ id }) => id === session?.user_id);
    const isStale = Boolean(stamp && user && stamp !== user.session_token);
    return { isIn, isOut, isExpired, isStale, answer: answer?.number ?? 0 };
  }

  #mark(goal) {
    for (const [device, view] of this.sessions) {
      const press = goal?.on === device.id ? goal.press : null;
      device.mark(press);
      view.mark(press === COPY && Boolean(device.cookie));
    }
    this.strip.mark(this.devices.find(({ id }) => id === goal?.on));
  }

  // What the buttons do.

  async #startOver() {
    if (!this.#server.isRunning) await this.#startPython();
    const [alice, bob] = structuredClone(this.#people);
    for (const device of this.devices) {
      if (device !== this.thief) device.person = device.id.startsWith("alice") ? alice : bob;
      device.forget();
    }
    this.#tokens.forget();
    this.#known.clear();
    this.#isNewToken = false;
    this.strip.choose(this.laptop);
    this.checklist.start(this.#step);
    await this.#server.call("choose", this.#step.folder, this.#people);
    await Promise.all(this.devices.filter((device) => device !== this.thief).map((device) => device.open()));
    this.#log.clear();
  }

  // End what Python does, and start it again with the code as it was written: the change that it
  // was stopped for would only stop it again.
  async #stop(reason) {
    this.workbench.hold();
    await this.#startPython(`${reason} Python starts again…`);
    await this.#startOver();
    this.#note = ` ${reason} Python began anew, and everybody is signed out.`;
    await this.refresh();
    this.#note = "";
  }

  async #startPython(text = "Loading Python…") {
    this.#say(text);
    this.loading = text;
    const { steps, files, people } = await this.#server.start();
    this.#steps = steps;
    this.#people = people;
    this.files = files;
    this.progress.hidden = true;
    if (this.workbench?.isHeld) return;
    for (const [path, text] of edits.all(files)) await this.#server.call("write", path, text);
  }

  #say(text, isFailure = false) {
    this.status.classList.toggle("lab-failed", isFailure);
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  #sayLoaded(bytes, all) {
    Object.assign(this.progress, { hidden: false, max: all, value: bytes });
    const [so, total] = [bytes, all].map((size) => (size / 1e6).toFixed(1));
    this.#say(bytes < all ? `${this.loading} ${so} of ${total} MB` : `${this.loading} It is here, and starts.`);
  }

  #sayBusy(isBusy) {
    if (this.stopButton) this.stopButton.disabled = !isBusy;
    this.workbench?.showBusy(isBusy);
    if (isBusy) this.#say("Python is busy. Stop ends what it does.");
  }

  #sayHowItRuns(error) {
    const step = `Step ${this.#step.number}`;
    const names = edits.in(this.#step.folder, this.files).map((path) => path.slice(this.#step.folder.length + 1));
    const changes = names.length && !this.workbench.isHeld ? `with your changes to ${names.join(", ")}` : "as it is written";
    const held = names.length && this.workbench.isHeld ? " Your changes are in the editor, and do not run." : "";
    const where = error ? `${step} does not start. ${error.text}` : `${step} runs ${changes}.`;
    this.#say(`${where}${held}${this.#note}`, Boolean(error));
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
    this.#log.note(`A thief copies the cookie of ${victim.name}`);
    await this.thief.steal(victim.cookie);
    this.strip.flash(this.thief);
  }

  async #choose(number) {
    this.#step = this.#steps.find((step) => step.number === number);
    history.replaceState(null, "", `#step=${number}`);
    this.#describeStep();
    this.workbench.showStep(this.#step);
    await this.#startOver();
  }

  // What the page is made of.

  #build() {
    const frames = element("div", { className: "lab-devices" }, ...this.devices.map((device) => device.element));
    const users = element("section", { className: "lab-table-of-users" }, element("h2", {}, "The users table"), this.#users.element);
    const stage = element("div", { className: "lab-stage" }, this.checklist.element, this.strip.element, frames, users);
    this.place.append(this.#toolbar(), stage, this.#observations(), this.#buildWorkbench());
    this.place.classList.add("lab-open");
  }

  #toolbar() {
    const startOver = this.#button("Start over", () => this.#startOver());
    this.stopButton = this.#button("Stop", () => this.#stop("Stopped."));
    this.stopButton.disabled = true;
    const chooser = this.isLesson ? [] : this.#chooser();
    return element("div", { className: "lab-toolbar" }, ...chooser, startOver, this.stopButton);
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
    this.admin = this.#button("An admin ends Alice's sessions", () => this.#endSessions());
    this.adminNote = element("p", { className: "lab-note" });
    const head = element("h2", {}, "The log of requests");
    return element("section", { className: "lab-observations" }, head, this.#log.element, this.admin, this.adminNote);
  }

  #buildWorkbench() {
    this.workbench = new Workbench(this.#server, this.files, {
      changed: () => this.refresh(),
      restart: () => this.#startOver(),
      startPython: () => this.#startPython("The code is reset. Python starts again…"),
      stop: () => this.#try(() => this.#stop("Stopped.")),
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

function kindOf(device, { isIn, isOut, isStale }) {
  if (!device.answer) return device instanceof Thief ? "none" : "new";
  if (device.answer.status >= 500) return "error";
  if (isIn) return isStale ? "stale" : "in";
  return isOut ? "out" : "new";
}

function valueOf(cookie) {
  return cookie.slice(cookie.indexOf("=") + 1);
}
