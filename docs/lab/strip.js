// Every device with in or out. Where there is room for one frame only, it also chooses which.
import { markButton } from "./device.js";
import { element } from "./dom.js";
import { flash } from "./panels.js";

const STATES = {
  new: "not signed in",
  none: "no cookie yet",
  in: "in",
  stale: "in, old stamp",
  out: "out",
  error: "error",
};

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

  // `kind` is one of STATES; `colour` is the stamp's chip, if there is one.
  show(device, kind, colour) {
    for (const place of [this.#tabs.get(device).state, device.state]) {
      place.dataset.kind = kind;
      place.dataset.colour = colour ?? "";
      if (place.textContent !== STATES[kind]) place.textContent = STATES[kind];
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
    });
    this.#tabs.set(device, { button, state });
    this.element.append(button);
  }
}
