// The page's way to the worker in which Python runs: one call, one answer.

const PATIENCE = 60_000; // the slowest call, the tests of a long step, takes a tenth of that

export class Server {
  #worker = null;
  #waiting = new Map();
  #last = 0;

  get isRunning() {
    return this.#worker !== null;
  }

  // Start Python, anew if it runs. Rejects with the reason if something cannot be loaded.
  start() {
    this.stop(new Error("The lab was started again."));
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#settle(data);
    this.#worker.onerror = (event) =>
      this.stop(new Error(event.message || "Its worker could not be loaded."));
    return this.call("start");
  }

  stop(reason) {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  call(name, ...values) {
    if (!this.#worker) return Promise.reject(new Error("Python is not running. Press Start over."));
    this.#last += 1;
    const id = this.#last;
    const late = setTimeout(() => {
      const seconds = PATIENCE / 1000;
      this.stop(new Error(`Python did not answer for ${seconds} seconds. Press Start over.`));
    }, PATIENCE);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, name, values });
    }).finally(() => clearTimeout(late));
  }

  #settle({ id, result, error }) {
    const { resolve, reject } = this.#waiting.get(id) ?? {};
    this.#waiting.delete(id);
    if (error) reject?.(new Error(error));
    else resolve?.(result);
  }
}
