// A browser's cookies, by the rules of RFC 6265 that the lessons rely on.

export class CookieJar {
  #cookies = new Map();
  #now;

  constructor(now = Date.now) {
    this.#now = now;
  }

  // Take the Set-Cookie line of an answer from `url`.
  store(line, url) {
    const cookie = parse(line, new URL(url), this.#now());
    if (!isAllowed(cookie, new URL(url))) return;
    this.#cookies.delete(key(cookie));
    if (cookie.expires > this.#now()) this.#cookies.set(key(cookie), cookie);
  }

  // The Cookie header of a request to `url`. `from` is the page whose form or link asks for it;
  // without one, the reader typed the address.
  header(url, { method = "GET", from = url } = {}) {
    const sent = this.all().filter((cookie) => goesTo(cookie, new URL(url), method, new URL(from)));
    sent.sort((one, other) => other.path.length - one.path.length);
    return sent.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  all() {
    const cookies = [...this.#cookies.values()];
    return cookies.filter((cookie) => cookie.expires > this.#now());
  }
}

function key({ name, host, path }) {
  return [name, host, path].join(" ");
}

function parse(line, url, now) {
  const [pair, ...attributes] = line.split(";").map((part) => part.trim());
  const [name, value] = split(pair);
  const found = new Map(attributes.map(split).map(([key, text]) => [key.toLowerCase(), text]));
  return {
    name,
    value: value.replace(/^"(.*)"$/, "$1"),
    host: url.hostname,
    path: found.get("path")?.startsWith("/") ? found.get("path") : defaultPath(url),
    secure: found.has("secure"),
    httpOnly: found.has("httponly"),
    sameSite: found.get("samesite")?.toLowerCase() ?? "lax",
    hasDomain: found.has("domain"),
    expires: expiry(found, now),
  };
}

function split(pair) {
  const at = pair.indexOf("=");
  return at < 0 ? [pair, ""] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

function defaultPath(url) {
  return url.pathname.slice(0, url.pathname.lastIndexOf("/")) || "/";
}

function expiry(attributes, now) {
  const seconds = attributes.get("max-age");
  if (/^-?\d+$/.test(seconds)) return now + Number(seconds) * 1000;
  const date = Date.parse(attributes.get("expires"));
  return Number.isNaN(date) ? Infinity : date;
}

function isAllowed(cookie, url) {
  const isHttps = url.protocol === "https:";
  if (cookie.secure && !isHttps) return false;
  if (cookie.sameSite === "none" && !cookie.secure) return false;
  if (cookie.name.startsWith("__Secure-") && !cookie.secure) return false;
  if (!cookie.name.startsWith("__Host-")) return true;
  return cookie.secure && cookie.path === "/" && !cookie.hasDomain;
}

function goesTo(cookie, url, method, from) {
  if (cookie.host !== url.hostname || (cookie.secure && url.protocol !== "https:")) return false;
  if (!isBelow(url.pathname, cookie.path)) return false;
  if (from.hostname === url.hostname || cookie.sameSite === "none") return true;
  return cookie.sameSite === "lax" && method === "GET";
}

function isBelow(path, folder) {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
