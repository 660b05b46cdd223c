// Shows a page of the app in a frame that can do nothing but say what was clicked.

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'";
const SIZE = "75%"; // the frames are small
const FADE = "1.2rem";
const MARKED = "[aria-description=next] { outline: 3px solid #e8590c !important; outline-offset: 2px }";

// Resolves once the page is shown. `saved` is the password manager's: an address and a password.
export function show(frame, html, saved) {
  const nonce = crypto.getRandomValues(new Uint32Array(4)).join("");
  const fill = JSON.stringify(saved ?? null).replaceAll("<", "\\u003c");
  const head =
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}; script-src 'nonce-${nonce}'">` +
    `<style>:root { font-family: system-ui, sans-serif; font-size: ${SIZE}; color-scheme: ${scheme()} !important } ${MARKED}</style>` +
    `<script nonce="${nonce}">(${insideTheFrame})(${fill})</script>`;
  const page = html.replace(/ autofocus\b/g, ""); // three frames cannot all have the focus
  return new Promise((shown) => {
    frame.addEventListener("load", shown, { once: true });
    frame.srcdoc = /<!doctype[^>]*>/i.test(page)
      ? page.replace(/<!doctype[^>]*>/i, (doctype) => doctype + head)
      : `<!doctype html>${head}${page}`;
  });
}

// Light or dark, as the reader chose for the site.
function scheme() {
  return document.body.dataset.mdColorScheme === "slate" ? "dark" : "light";
}

// Mark the first of these buttons that is on the page, and bring it into view; none for [].
export function mark(frame, names) {
  frame.contentWindow?.postMessage({ mark: names }, "*");
}

// Calls `go({ method, href, body })` for each form and link used in the frame.
export function listen(frame, go) {
  const repaint = () => frame.contentWindow?.postMessage({ scheme: scheme() }, "*");
  const chosen = new MutationObserver(repaint);
  chosen.observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    if (data?.lab === "go") go(data);
    if (data?.lab === "edges") fade(frame, data);
  });
}

// Where the page goes on beyond the frame's edge, it fades.
function fade(frame, { above, below }) {
  frame.style.setProperty("--above", above ? FADE : "0px");
  frame.style.setProperty("--below", below ? FADE : "0px");
}

// This function's text goes into the frame; it can use nothing from here.
function insideTheFrame(saved) {
  const say = (method, href, body) => parent.postMessage({ lab: "go", method, href, body }, "*");
  const fill = (autocomplete, value) => {
    for (const field of document.querySelectorAll(`[autocomplete=${autocomplete}]`)) {
      field.value = value;
    }
  };
  addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const fields = new URLSearchParams(new FormData(form, event.submitter)).toString();
    const action = form.getAttribute("action") ?? "";
    if (form.method === "post") say("POST", action, fields);
    else say("GET", `${action.split("?")[0]}?${fields}`, "");
  });
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    if (!link.getAttribute("href").startsWith("#")) say("GET", link.getAttribute("href"), "");
  });
  addEventListener("message", ({ source, data }) => {
    if (source !== parent) return;
    if (data.scheme) document.documentElement.style.setProperty("color-scheme", data.scheme, "important");
    if (data.mark) markOne(data.mark);
  });
  const edge = 32; // the fade, and the mark's outline
  // The page itself must not move, so the button is not asked to scroll into view.
  const markOne = (names) => {
    document.querySelector("[aria-description=next]")?.removeAttribute("aria-description");
    const buttons = [...document.querySelectorAll("button")];
    const named = (name) => buttons.find((button) => button.textContent.trim() === name);
    const button = names.map(named).find(Boolean);
    if (!button) return;
    button.setAttribute("aria-description", "next");
    const { top, bottom } = button.getBoundingClientRect();
    if (top < 0 || bottom + edge > innerHeight) scrollBy(0, bottom - innerHeight + edge);
  };
  const showEdges = () => {
    const { scrollHeight } = document.documentElement;
    parent.postMessage({ lab: "edges", above: scrollY > 1, below: scrollY + innerHeight < scrollHeight - 1 }, "*");
  };
  for (const moment of ["load", "scroll", "resize"]) addEventListener(moment, showEdges);
  addEventListener("DOMContentLoaded", () => {
    if (!saved) return;
    fill("username", saved.email);
    fill("current-password", saved.password);
  });
}
