// The lab: three browsers and a thief before one app, and what is in its database.
import { Checklist } from "./checklist.js";
import { Device, Thief } from "./device.js";
import { element } from "./dom.js";
import { edits } from "./edits.js";
import { NAMES, startsSignedIn, STEAL } from "./goals.js";
import { Log, SessionView, Tokens, UsersTable } from "./panels.js";
import { Server, Stopped } from "./server.js";
import { Strip } from "./strip.js";
import { Workbench } from "./workbench.js";

const BUSY = "Python is busy. Stop ends what it does.";

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
  #newSince = new Map(); // user id to how many answers there were when its token changed
  #isNewToken = false; // whether Alice has another token than at the start
  #isMended = false; // whether the list began with code that was broken before
  #facts = {};
  #error = null; // why the app does not start
  #note = "";
  #isBeginning = false;
  #begun = Promise.resolve();

  constructor(place, status) {
    this.place = place;
    this.status = status;
    this.progress = place.querySelector(".lab-progress");
    this.isLesson = "lesson" in place.dataset;
    this.devices = Object.entries(NAMES).map(([id, name]) =>
      id === "thief" ? new Thief(id, name, null, this) : new Device(id, name, null, this),
    );
    [this.laptop, , , this.thief] = this.devices;
    this.sessions = new Map(this.devices.map((device) => [device, this.#sessionView(device)]));
    this.strip = new Strip(this.devices);
    this.checklist = new Checklist({
      show: (goal) => this.#mark(goal),
      openCode: () => this.#try(() => this.workbench.comeToCheck()),
      lastWays: () => this.#lastWays(),
      waysBack: () => this.#waysBack(),
    });
  }

  async start(number, mistake) {
    await this.#startPython();
    this.#step = this.#steps.find((step) => step.number === number) ?? this.#steps.at(-1);
    const isWatched = document.activeElement === this.status;
    this.#build();
    if (isWatched) this.checklist.focus();
    await this.#startOver();
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
    this.#error = state.error;
    this.#showState(state);
    this.admin.disabled = !state.can_end_sessions;
    this.adminNote.textContent = state.can_end_sessions || state.error ? "" : this.#whyNoAdmin();
    this.workbench.showError(state.error);
    if (!this.#isBeginning) this.#sayHowItRuns();
  }

  fail(error) {
    if (error instanceof Stopped) return;
    this.#say(error.message, { isFailure: true });
  }

  // What the app's answers and its database say.

  #showState({ users, sessions }) {
    const changed = this.#changedTokens(users);
    if (changed.has(users[0]?.id)) this.#isNewToken = true;
    this.#users.show(users, changed);
    for (const id of changed) this.#newSince.set(id, this.#answers);
    const isMended = this.#isMended && !this.#changes.length;
    const facts = { hasNewToken: this.#isNewToken, answers: this.#answers, isMended };
    this.#facts = facts;
    for (const [device, view] of this.sessions) {
      const session = sessions[device.id];
      const user = users.find(({ id }) => id === session?.user_id);
      facts[device.id] = this.#factsOf(device, session, user);
      view.show(session, users, facts[device.id]);
      const colour = this.#tokens.colour(session?.session_token);
      this.strip.show(device, kindOf(device, facts[device.id]), user?.name, colour);
      if (changed.has(session?.user_id)) this.strip.flash(device);
    }
    if (!this.#isBeginning) this.checklist.update(facts);
  }

  #changedTokens(users) {
    const changed = users.filter(
      ({ id, session_token: token }) => this.#known.has(id) && this.#known.get(id) !== token,
    );
    this.#known = new Map(users.map(({ id, session_token: token }) => [id, token]));
    return new Set(changed.map(({ id }) => id));
  }

  #factsOf(device, session, user) {
    const { isIn, wasIn, isOut, isExpired, answer } = device;
    const stamp = session?.session_token;
    const isStale = Boolean(stamp && user && stamp !== user.session_token);
    const hasNoRow = Boolean(session?.session_id && !stamp);
    const hasEnded = this.#isChecked && (isStale || Boolean(session && !stamp));
    const number = answer?.number ?? 0;
    const isLetIn = isStale && isIn && number > this.#newSince.get(user.id);
    return { isIn, wasIn, isOut, isExpired, isStale, hasNoRow, hasEnded, isLetIn, isCompared: this.#isCompared, answer: number };
  }

  get #isCompared() {
    return this.#step.number >= 3 && !this.workbench.isCheckGone;
  }

  // Whether the app surely refuses an old stamp: only the unchanged code was proved to.
  get #isChecked() {
    return this.#step.number > 3 && !this.#changes.length;
  }

  // The files of the step that run with the reader's changes.
  get #changes() {
    return this.workbench.isHeld ? [] : this.#edited;
  }

  get #edited() {
    const { folder } = this.#step;
    return edits.in(folder, this.files).map((path) => path.slice(folder.length + 1));
  }

  #mark(goal) {
    for (const [device, view] of this.sessions) {
      const press = goal?.on === device.id ? goal.press : null;
      device.mark(press);
      view.mark(press === STEAL && Boolean(device.cookie));
    }
    this.strip.mark(this.devices.find(({ id }) => id === goal?.on));
  }

  // What the buttons do.

  // A second one waits for the first.
  #startOver(isMended = false) {
    this.#begun = this.#begun.catch(() => {}).then(() => this.#begin(isMended));
    return this.#begun;
  }

  async #begin(isMended) {
    if (!this.#server.isRunning) await this.#startPython();
    const { run } = this.#server;
    this.#isBeginning = true;
    this.workbench.withdrawWay();
    try {
      await this.#openBrowsers(run);
    } finally {
      this.#isBeginning = false;
    }
    if (run !== this.#server.run) return; // it was stopped meanwhile
    this.#isNewToken = false;
    this.#isMended = isMended;
    this.checklist.start(this.#step);
    await this.refresh();
  }

  async #openBrowsers(run) {
    const [alice, bob] = structuredClone(this.#people);
    for (const device of this.devices) {
      if (device !== this.thief) device.person = device.id.startsWith("alice") ? alice : bob;
      device.forget();
    }
    this.#tokens.forget();
    this.#known.clear();
    this.#newSince.clear();
    this.#log.clear();
    this.strip.choose(this.laptop);
    await this.#server.call("choose", this.#step.folder, this.#people);
    for (const device of this.devices.filter(({ person }) => person)) {
      if (run !== this.#server.run) return;
      await (startsSignedIn(this.#step) ? device.signIn() : device.open());
    }
  }

  // The list needs people who are in. If no login worked, the changed code gets its chance now.
  #changed() {
    const isNobodyIn = startsSignedIn(this.#step) && !this.devices.some(({ wasIn }) => wasIn);
    return isNobodyIn ? this.#startOver() : this.refresh();
  }

  // After a list that came out otherwise: to the tests, and back to the code that keeps the promise;
  // or to the start.
  #waysBack() {
    if (!this.#changes.length) return [{ name: "Start over", press: () => this.#try(() => this.#followAgain()), isNext: true }];
    const reset = { name: "Reset the code", press: () => this.#try(() => this.#putBack()) };
    return this.workbench.offersWay ? [reset] : [{ ...this.#wayToTests(), asks: "Do the tests notice? " }, reset];
  }

  // After the list of the mended code.
  #lastWays() {
    if (this.isLesson) return [this.#wayToTests()];
    const [first] = this.#steps;
    const here = { name: `Read lesson ${this.#step.number}`, href: addressOf(this.#step), isNext: true };
    const start = { name: `Begin with lesson ${first.number}`, href: addressOf(first) };
    return first === this.#step ? [here] : [here, start];
  }

  #wayToTests() {
    return { name: "Run the tests", press: () => this.workbench.comeToTests(), isNext: true };
  }

  async #putBack() {
    this.#comeToList();
    this.#isBeginning = true;
    try {
      await this.workbench.resetCode();
    } finally {
      this.#isBeginning = false;
    }
    await this.#followAgain({ isMended: true });
  }

  async #followAgain({ isMended = false } = {}) {
    this.#comeToList();
    await this.#startOver(isMended);
    this.checklist.focus();
  }

  #comeToList() {
    this.checklist.wait();
    this.place.scrollIntoView({ block: "start" });
  }

  // Stop Python, and start it again with the unchanged code: the learner's change would only stop
  // it again.
  async #stop(reason) {
    this.workbench.hold();
    await this.#startPython(`${reason} Python starts again…`);
    await this.#startOver();
    this.#note = ` ${reason} Python started again.`;
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

  // What is `calm` is for a screen reader: nobody else must read it before each press.
  #say(text, { isFailure = false, isCalm = false } = {}) {
    this.status.classList.toggle("lab-failed", isFailure);
    this.status.classList.toggle("lab-calm", isCalm);
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  #sayLoaded(bytes, all) {
    Object.assign(this.progress, { hidden: false, max: all, value: bytes });
    const [so, total] = [bytes, all].map((size) => (size / 1e6).toFixed(1));
    this.#say(bytes < all ? `${this.loading} ${so} of ${total} MB` : `${this.loading} All ${total} MB are here. Python starts.`);
  }

  #sayBusy(isBusy) {
    if (this.stopButton) this.stopButton.disabled = !isBusy;
    this.workbench?.showBusy(isBusy);
    if (this.#isBeginning && !this.#changes.length) return; // the step's own code comes to its end
    if (isBusy) this.#say(BUSY);
    else if (this.status.textContent === BUSY && !this.#isBeginning) this.#sayHowItRuns();
  }

  #sayHowItRuns() {
    const error = this.#error;
    const names = this.#changes;
    const changes = names.length ? `, with your changes to ${names.join(", ")}` : "";
    const held = this.#edited.length > names.length ? " Your changes are in the editor, and do not run." : "";
    const app = `A real app runs in this page: step ${this.#step.number} of the lessons${changes}.`;
    const where = error ? `The app does not start. ${error.text}` : app;
    const isCalm = !(error || changes || held || this.#note);
    this.#say(`${where}${held}${this.#note}`, { isFailure: Boolean(error), isCalm });
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
    this.#log.note(`The thief copies the cookie of ${victim.name}`);
    await this.thief.steal(victim.cookie);
    this.strip.flash(this.thief);
  }

  async #choose(number) {
    this.#step = this.#steps.find((step) => step.number === number);
    history.replaceState(null, "", `#step=${number}`);
    this.#linkLesson();
    this.workbench.showStep(this.#step);
    await this.#startOver();
  }

  // What the page is made of.

  #build() {
    const frames = element("div", { className: "lab-devices" }, ...this.devices.map((device) => device.element));
    const users = element("section", { className: "lab-table-of-users" }, element("h2", {}, "Users table"), this.#users.element);
    const said = element("div", { className: "lab-said" }, this.status, this.progress, this.checklist.next);
    const lead = element("div", { className: "lab-lead" }, said, this.strip.element);
    const stage = element("div", { className: "lab-stage" }, lead, users, frames, this.checklist.element, this.#toolbar());
    this.place.append(stage, this.#observations(), this.#buildWorkbench());
    this.place.classList.add("lab-open");
  }

  #toolbar() {
    const startOver = this.#button("Start over", () => this.#followAgain());
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
    this.lesson = element("a", {}, "Its lesson");
    this.#linkLesson();
    const label = element("label", { htmlFor: "lab-step" }, "Step");
    return [element("span", { className: "lab-choice" }, label, select, this.lesson)];
  }

  #linkLesson() {
    this.lesson.href = addressOf(this.#step);
  }

  #observations() {
    this.admin = this.#button("An admin ends Alice's sessions", () => this.#endSessions());
    this.adminNote = element("p", { className: "lab-note" });
    const head = element("h2", {}, "The log of requests");
    return element("section", { className: "lab-observations" }, head, this.#log.element, this.admin, this.adminNote);
  }

  #buildWorkbench() {
    this.workbench = new Workbench(this.#server, this.files, {
      changed: () => this.#changed(),
      restart: () => this.#startOver(),
      followAgain: () => this.#followAgain(),
      putBack: () => this.#putBack(),
      tested: () => this.checklist.update(this.#facts),
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

// The page of a step's lesson.
function addressOf({ folder }) {
  return new URL(`../${folder}/`, import.meta.url);
}

function kindOf(device, { isIn, isOut, isStale, hasEnded }) {
  if (!device.answer) return device instanceof Thief ? "none" : "new";
  if (device.answer.status >= 500) return "error";
  if (isIn && hasEnded) return "ended";
  if (isIn) return isStale ? "stale" : "in";
  return isOut ? "out" : "new";
}

function valueOf(cookie) {
  return cookie.slice(cookie.indexOf("=") + 1);
}
