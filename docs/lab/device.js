// A browser in the lab: a cookie jar, a frame, and the requests it sends.
import { element } from "./dom.js";
import { listen, mark, show } from "./frame.js";
import { RELOAD } from "./goals.js";
import { CookieJar } from "./jar.js";

const HOME = "https://app.example/";
const LOGIN = `${HOME}login`;
const MOST_REDIRECTS = 10;

export class Device {
  jar = new CookieJar();
  answer = null; // the last one that was shown: { status, path, number }
  wasIn = false;
  #url = HOME;
  #next = null; // the button to press, if it is here

  // `lab` answers requests and keeps the log; `person` has a saved password here, or is null.
  constructor(id, name, person, lab) {
    Object.assign(this, { id, name, person, lab });
    this.frame = element("iframe", { title: name });
    this.frame.setAttribute("sandbox", "allow-scripts allow-forms");
    this.address = element("span", { className: "lab-address" });
    this.state = element("span", { className: "lab-state" });
    this.session = element("div", { className: "lab-session" });
    this.reload = element("button", { type: "button" }, RELOAD);
    this.reload.setAttribute("aria-label", `Reload ${name}`);
    this.reload.addEventListener("click", () => this.open());
    this.tools = element("div", { className: "lab-tools" });
    this.old = element("p", { className: "lab-old", hidden: true }, "Old page: not reloaded");
    this.element = element(
      "section",
      { className: "lab-device", id: `lab-${id}`, attributes: { "aria-label": name } },
      element("h2", {}, name, this.state),
      element("div", { className: "lab-bar" }, this.address, this.reload),
      this.tools,
      element("div", { className: "lab-page" }, this.old, this.frame),
      this.session,
    );
    listen(this.frame, (asked) => this.#follow(asked));
  }

  // Its page is from before its session ended.
  sayOld(isOld) {
    this.element.classList.toggle("lab-is-old", isOld);
    this.old.hidden = !isOld;
  }

  // Ask for the page again, as typing its address does.
  open() {
    return this.#go({ method: "GET", url: this.#url, body: "", from: this.#url });
  }

  // Log in with the saved password, as pressing Log in does.
  signIn() {
    const { email, password } = this.person;
    const body = new URLSearchParams({ email, password }).toString();
    return this.#go({ method: "POST", url: LOGIN, body, from: LOGIN });
  }

  // The cookie that this browser would send to the app.
  get cookie() {
    return this.jar.header(HOME);
  }

  get isIn() {
    return this.answer !== null && this.answer.path !== "/login" && this.answer.status < 500;
  }

  get isOut() {
    return this.wasIn && this.answer.path === "/login";
  }

  get isExpired() {
    return this.answer !== null && new URL(this.#url).searchParams.has("expired");
  }

  forget() {
    this.jar = new CookieJar();
    this.answer = null;
    this.wasIn = false;
    this.#url = HOME;
  }

  remember(answer, url) {
    for (const [name, value] of answer.headers) {
      if (name.toLowerCase() === "set-cookie") this.jar.store(value, url);
    }
  }

  // Mark the button that is next: one of the app's page, or one of this card; null marks none.
  mark(press) {
    this.#next = press;
    markButton(this.reload, press === RELOAD);
    this.markPage();
  }

  markPage() {
    mark(this.frame, [RELOAD, null].includes(this.#next) ? [] : [this.#next, "Log in"]);
  }

  #follow({ method, href, body }) {
    const url = new URL(href, this.#url).href;
    return this.#go({ method, url, body: body ?? "", from: this.#url });
  }

  async #go(asked) {
    const began = performance.now();
    this.element.ariaBusy = "true";
    try {
      await this.#request(asked);
    } catch (error) {
      this.lab.fail(error);
    }
    this.element.ariaBusy = "false";
    performance.measure("lab: click", { start: began });
  }

  async #request(asked) {
    for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
      const { origin } = new URL(asked.url);
      if (`${origin}/` !== HOME) return show(this.frame, "<p>There is no internet in the lab.</p>");
      const cookie = this.cookieFor(asked);
      const answer = await this.lab.request(this, { ...asked, cookie });
      this.remember(answer, asked.url);
      this.#savePassword(asked, answer);
      const next = redirected(asked, answer);
      if (!next) return this.#display(asked.url, answer);
      asked = next;
    }
    throw new Error(`${this.name} was redirected ${MOST_REDIRECTS} times.`);
  }

  cookieFor({ url, method, from }) {
    return this.jar.header(url, { method, from });
  }

  async #display(url, { status, body, number }) {
    this.#url = url;
    this.answer = { status, path: new URL(url).pathname, number };
    this.wasIn ||= this.isIn;
    this.address.textContent = url.replace("https://", "");
    await Promise.all([show(this.frame, body, this.person), this.lab.refresh()]);
    this.markPage();
  }

  // A password manager notices a new password, on all devices of its person.
  #savePassword({ body }, answer) {
    const chosen = new URLSearchParams(body).get("new_password");
    if (chosen && this.person && answer.status === 303) this.person.password = chosen;
  }
}

// Somebody who copied a cookie, and goes on sending that copy, whatever the app answers.
export class Thief extends Device {
  #copy = "";

  steal(cookie) {
    this.#copy = cookie;
    this.reload.disabled = false;
    return this.open();
  }

  forget() {
    super.forget();
    this.#copy = "";
    this.reload.disabled = true;
    this.address.textContent = "";
    show(this.frame, "<p>No cookie yet.</p>");
  }

  get cookie() {
    return this.#copy;
  }

  cookieFor() {
    return this.#copy;
  }

  remember() {}
}

export function markButton(button, isNext) {
  button.classList.toggle("lab-marked", isNext);
  if (isNext) button.setAttribute("aria-description", "next");
  else button.removeAttribute("aria-description");
}

function redirected({ url, method, body }, { status, headers }) {
  const location = headers.find(([name]) => name.toLowerCase() === "location")?.[1];
  if (!location || status < 300 || status > 399) return null;
  const next = new URL(location, url).href;
  if (status === 307 || status === 308) return { method, url: next, body, from: url };
  return { method: "GET", url: next, body: "", from: url };
}
