// What the lab shows beside the browsers: the users, the sessions, the log.
import { markButton } from "./device.js";
import { element } from "./dom.js";
import { STEAL } from "./goals.js";

const COLOURS = 6;
// A frame, and no ground: what is written stays as easy to read.
const FLASH = ["#f0b429", "#f0b42900"].map((colour) => ({ boxShadow: `0 0 0 5px ${colour}` }));

// Names tokens in the order in which they are first seen, as the lessons do.
export class Tokens {
  #names = new Map();

  forget() {
    this.#names.clear();
  }

  // The number of the token's colour; none for no token.
  colour(token) {
    return token ? (this.#number(token) - 1) % COLOURS : undefined;
  }

  #number(token) {
    if (!this.#names.has(token)) this.#names.set(token, this.#names.size + 1);
    return this.#names.get(token);
  }

  chip(token) {
    const text = `token-${this.#number(token)} `;
    const start = element("code", {}, `${String(token).slice(0, 6)}…`);
    const data = { colour: this.colour(token) };
    return element("span", { className: "lab-token", title: String(token), data }, text, start);
  }
}

// Draw the eye to what a new token concerns. Who asked for less motion gets none.
export function flash(place) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  place.animate(FLASH, { duration: 1600, easing: "ease-out" });
}

export class UsersTable {
  element = element("div", { className: "lab-table" });
  #tokens;

  constructor(tokens) {
    this.#tokens = tokens;
  }

  // Flashes the rows of the users whose ids are in `changed`.
  show(users, changed) {
    const head = ["name", "session_token"].map((name) =>
      element("th", { scope: "col" }, element("code", {}, name)),
    );
    const rows = users.map((user) => element("tr", {}, cell(user.name), this.#token(user)));
    const table = element("table", { className: "lab-users" });
    table.append(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
    this.element.replaceChildren(table);
    users.forEach(({ id }, at) => changed.has(id) && flash(rows[at]));
  }

  #token(user) {
    if (!("session_token" in user)) return cell("no such column yet");
    return element("td", {}, this.#tokens.chip(user.session_token));
  }
}

function cell(text) {
  return element("td", {}, String(text));
}

// What one device's cookie holds, and how its stamp compares with the database.
export class SessionView {
  #device;
  #tokens;
  #verdict = element("div", {});
  #details = element("details", { className: "lab-cookie" });
  #cookie = element("div", {});
  #copy;

  // `copy` hands the cookie to a thief; null if there is nothing to copy.
  constructor(device, tokens, copy) {
    this.#device = device;
    this.#tokens = tokens;
    this.#copy = copy && element("button", { type: "button" }, STEAL);
    this.#copy?.setAttribute("aria-label", `${STEAL}: ${device.name}`);
    this.#copy?.addEventListener("click", copy);
    this.#details.append(element("summary", {}, "Its cookie"), this.#cookie);
    if (copy) device.tools.append(this.#copy);
    device.session.replaceChildren(this.#verdict, this.#details);
  }

  mark(isNext) {
    if (this.#copy) markButton(this.#copy, isNext);
  }

  show(session, users, { hasEnded, isLetIn, isCompared }) {
    const { cookie, isIn } = this.#device;
    if (this.#copy) this.#copy.disabled = !cookie;
    this.#device.sayOld(hasEnded && isIn);
    const refused = hasEnded && !isIn ? [line("The app refuses the copy.")] : [];
    const letIn = isLetIn ? [line(this.#whyIn(isCompared))] : [];
    this.#verdict.replaceChildren(...this.#compared(cookie, session, users), ...refused, ...letIn);
    this.#cookie.replaceChildren(...this.#described(cookie, session));
  }

  #whyIn(isCompared) {
    const what = this.#copy ? "cookie" : "copy";
    return isCompared ? `The app lets the ${what} in.` : `The app does not compare them: it lets the ${what} in.`;
  }

  #compared(cookie, session, users) {
    if (!cookie) return [line(this.#device.isOut ? "The app deleted its cookie." : "No cookie.")];
    if (!session) return [line("Its cookie cannot be read.")];
    const { session_id: id, session_token: stamp } = session;
    const none = id ? "Its session has no row." : "Its cookie has no stamp (a copy of a token).";
    const where = `Its ${id ? "row" : "cookie"} holds `;
    return [line(...(stamp ? [where, this.#tokens.chip(stamp)] : [none])), compare(session, users)];
  }

  #described(cookie, session) {
    if (!cookie) return [line("None.")];
    const name = element("code", {}, cookie.slice(0, cookie.indexOf("=")));
    return [line(name, ` ${this.#flags()}`), session ? line(...payload(session)) : ""];
  }

  #flags() {
    const [cookie] = this.#device.jar.all();
    if (!cookie) return "(a copy)";
    const flags = [cookie.secure && "Secure", cookie.httpOnly && "HttpOnly"];
    flags.push(`SameSite=${cookie.sameSite}`, `Path=${cookie.path}`);
    return flags.filter(Boolean).join(", ");
  }
}

function payload({ session_id: random, session_token: stamp, ...rest }) {
  if (random) return [`session_id ${random}`]; // the rest is in its row
  const others = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [`${others.join(", ")}, `, stamp ? `session_token ${stamp} (the stamp: a copy of the token)` : "no session_token"];
}

function compare({ session_id: random, user_id: id, session_token: stamp }, users) {
  if (random && !stamp) return verdict("bad", "✗ The database does not know this session.");
  const user = users.find((one) => one.id === id);
  if (!user) return verdict("bad", "There is no such user.");
  if (!("session_token" in user)) return verdict("none", "The database has no token to compare.");
  if (!stamp) return verdict("none", "The database has a token, the cookie has none.");
  if (stamp === user.session_token) return verdict("good", "✓ The database has the same token.");
  return verdict("bad", "✗ The database has another token.");
}

function line(...children) {
  return element("p", {}, ...children);
}

function verdict(kind, text) {
  return element("p", { className: "lab-verdict", data: { kind } }, text);
}

// Newest first.
export class Log {
  element = element("div", { className: "lab-log", tabIndex: 0 });

  constructor() {
    this.element.setAttribute("role", "log");
    this.element.setAttribute("aria-label", "Requests, newest first");
  }

  clear() {
    this.element.replaceChildren();
  }

  add(device, { method, url }, { status, headers, error }, milliseconds) {
    const { pathname, search } = new URL(url);
    const location = headers.find(([name]) => name.toLowerCase() === "location")?.[1];
    const answer = location ? `${status} to ${location}` : `${status}`;
    const asked = element("code", {}, `${method} ${pathname}${search}`);
    const took = ` (${Math.max(1, Math.round(milliseconds))} ms)`;
    this.#show(element("p", {}, `${device.name}: `, asked, ` → ${answer}`, took));
    if (error) this.note(error, "lab-failed");
  }

  note(text, className = "lab-noted") {
    this.#show(element("p", { className }, text));
  }

  #show(entry) {
    this.element.prepend(entry);
  }
}
