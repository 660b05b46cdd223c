// Every device with in or out. If there is room for only one frame, it also chooses which.
import { markButton } from "./device.js";
import { element } from "./dom.js";
import { flash } from "./panels.js";

const STATES = {
  new: "not signed in",
  none: "no cookie",
  in: "in",
  stale: "in, old token",
  ended: "old page",
  out: "logged out",
  error: "error",
};
const THIEF_OUT = "thrown out";

export class Strip {
  #tabs = new Map();

  constructor(devices) {
    this.element = element("div", { className: "lab-strip" });
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Which device is shown");
    for (const device of devices) this.#add(device);
    this.choose(devices[0]);
  }

  choose(chosen) {
    for (const [device, { button }] of this.#tabs) {
      button.setAttribute("aria-pressed", String(device === chosen));
      device.element.classList.toggle("lab-chosen", device === chosen);
    }
    chosen.markPage();
  }

  // `kind` is one of STATES; `name` is the user's, and `colour` the stamp's chip, if there is one.
  show(device, kind, name, colour) {
    for (const place of [this.#tabs.get(device).state, device.state]) {
      place.dataset.kind = kind;
      place.dataset.colour = colour ?? "";
      const text = textOf(device, kind, name);
      if (place.textContent !== text) place.textContent = text;
    }
  }

  // Mark the way to `next`, if another device is shown.
  mark(next) {
    for (const [device, { button }] of this.#tabs) {
      markButton(button, device === next && button.getAttribute("aria-pressed") === "false");
    }
  }

  flash(device) {
    flash(this.#tabs.get(device).button);
    flash(device.element);
  }

  #add(device) {
    const state = element("span", { className: "lab-state" });
    const button = element("button", { type: "button", data: { device: device.id } }, element("span", {}, device.name), state);
    button.addEventListener("click", () => {
      this.choose(device);
      markButton(button, false);
      device.element.scrollIntoView({ block: "nearest" }); // the strip stays in view, the frame may not
    });
    this.#tabs.set(device, { button, state });
    this.element.append(button);
  }
}

function textOf(device, kind, name) {
  if (kind === "out" && device.id === "thief") return THIEF_OUT;
  const isAnother = kind === "in" && name && name !== device.person?.name;
  return isAnother ? `in as ${name}` : STATES[kind];
}
