// The page's way to the worker in which Python runs: one call, one answer.

const PATIENCE = 60_000; // the slowest call, the tests of a long step, takes a tenth of that
const PAUSE = 400; // what takes longer can be stopped

export class Stopped extends Error {}

export class Server {
  #worker = null;
  #waiting = new Map();
  #last = 0;
  #heard;

  // `heard.busy(isBusy)` is called when a call takes long, and when nothing runs any more;
  // `heard.late()` when one takes longer than anything should; `heard.loaded(bytes, all)` at the start.
  constructor(heard) {
    this.#heard = heard;
  }

  get isRunning() {
    return this.#worker !== null;
  }

  // Another one each time that Python starts.
  get run() {
    return this.#worker;
  }

  get isWorking() {
    return this.#waiting.size > 0;
  }

  // Start Python, again if it runs. Rejects with the reason if something cannot be loaded.
  start() {
    this.stop(new Stopped("Stopped."));
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#settle(data);
    this.#worker.onerror = (event) =>
      this.stop(new Error(event.message || "Its worker could not be loaded."));
    return this.#ask("start", []).catch((error) => {
      if (!(error instanceof Stopped)) this.stop(error);
      throw error;
    });
  }

  stop(reason) {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
    this.#heard.busy(false);
  }

  async call(name, ...values) {
    if (!this.#worker) throw new Error("Python is not running. Press Start over.");
    const long = setTimeout(() => this.#heard.busy(true), PAUSE);
    const late = setTimeout(() => this.#heard.late(), PATIENCE);
    try {
      return await this.#ask(name, values);
    } finally {
      clearTimeout(long);
      clearTimeout(late);
      if (!this.isWorking) this.#heard.busy(false);
    }
  }

  #ask(name, values) {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, name, values });
    });
  }

  #settle({ id, result, error, loaded }) {
    if (loaded) return this.#heard.loaded(...loaded);
    const { resolve, reject } = this.#waiting.get(id) ?? {};
    this.#waiting.delete(id);
    if (error) reject?.(new Error(error));
    else resolve?.(result);
  }
}
