// What the lab shows beside the browsers: the users, the sessions, the log.
import { element } from "./dom.js";

const COLOURS = 6;

// Names tokens in the order in which they are first seen, as the lessons do.
export class Tokens {
  #names = new Map();

  forget() {
    this.#names.clear();
  }

  chip(token) {
    if (!this.#names.has(token)) this.#names.set(token, this.#names.size + 1);
    const number = this.#names.get(token);
    const text = `token-${number} `;
    const start = element("code", {}, `${String(token).slice(0, 6)}…`);
    const data = { colour: (number - 1) % COLOURS };
    return element("span", { className: "lab-token", title: String(token), data }, text, start);
  }
}

export class UsersTable {
  element = element("div", { className: "lab-table" });
  #tokens;

  constructor(tokens) {
    this.#tokens = tokens;
  }

  show(users) {
    const head = ["id", "name", "email", "session_token"].map((name) =>
      element("th", { scope: "col" }, element("code", {}, name)),
    );
    const rows = users.map((user) =>
      element("tr", {}, ...[user.id, user.name, user.email].map(cell), this.#token(user)),
    );
    const table = element("table", { className: "lab-users" });
    table.append(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
    this.element.replaceChildren(table);
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
  #copy;

  // `copy` hands the cookie to a thief; null if there is nothing to copy.
  constructor(device, tokens, copy) {
    this.#device = device;
    this.#tokens = tokens;
    this.#copy = copy && element("button", { type: "button" }, "Copy this cookie to a thief");
    this.#copy?.setAttribute("aria-label", `Copy this cookie to a thief: ${device.name}`);
    this.#copy?.addEventListener("click", copy);
  }

  show(session, users) {
    const { cookie, session: place } = this.#device;
    if (!cookie) return place.replaceChildren(line("No cookie."));
    const hadFocus = document.activeElement === this.#copy;
    const name = element("code", {}, cookie.slice(0, cookie.indexOf("=")));
    const parts = [line("Cookie ", name, ` ${this.#flags()}`)];
    parts.push(session ? line(...this.#payload(session)) : line("It cannot be read."));
    if (session) parts.push(this.#verdict(session, users));
    if (this.#copy) parts.push(this.#copy);
    place.replaceChildren(...parts);
    if (hadFocus) this.#copy.focus();
  }

  #flags() {
    const [cookie] = this.#device.jar.all();
    if (!cookie) return "(a copy)";
    const flags = [cookie.secure && "Secure", cookie.httpOnly && "HttpOnly"];
    flags.push(`SameSite=${cookie.sameSite}`, `Path=${cookie.path}`);
    return flags.filter(Boolean).join(", ");
  }

  #payload({ session_token: stamp, ...rest }) {
    const others = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return [`${others.join(", ")}, `, ...(stamp ? ["stamp ", this.#tokens.chip(stamp)] : ["no stamp"])];
  }

  #verdict({ user_id: id, session_token: stamp }, users) {
    const user = users.find((one) => one.id === id);
    if (!user) return verdict("bad", "There is no such user.");
    if (!("session_token" in user)) return verdict("none", "The database has no token to compare.");
    if (!stamp) return verdict("none", "The database has a token, the cookie has none.");
    if (stamp === user.session_token) return verdict("good", "✓ The database has the same token.");
    return verdict("bad", "✗ The database has another token.");
  }
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
