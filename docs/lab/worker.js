// The lab's server: Python, and the chosen step's app in it. Every file is checked as it is loaded.

const ASSETS = new URL("./assets/", import.meta.url).href;
const PYTHON = ["bcrypt.py", "server.py"];
const hashes = new Map();
let all = 0; // the bytes to load before Python can start
let hasStarted = false;
let pyodide;
let server;
let hasTestLibraries = false;

// Pyodide fetches two of its files itself: so every fetch is a checked one. Pyodide waits for ever
// for a file that did not arrive; `lost` does not.
const plainFetch = self.fetch;
let lose;
const lost = new Promise((_, reject) => { lose = reject; });

async function fetched(url) {
  const name = new URL(url).pathname.split("/").pop();
  const answer = await arrived(String(url)).catch(() => {
    throw new Error(`${name} did not arrive, or is not the file that this site was built with.`);
  });
  if (!answer.ok) throw new Error(`${name} is not there (${answer.status}).`);
  return answer;
}

// A browser that checks a hash hands out nothing before all is there. So the bytes are counted as
// they come, and then checked.
async function arrived(url) {
  const answer = await plainFetch(url);
  if (!answer.ok || !hashes.has(url)) return answer;
  const chunks = [];
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    count(value.length);
  }
  const bytes = new Blob(chunks, { type: answer.headers.get("content-type") ?? "" });
  const address = URL.createObjectURL(bytes);
  return plainFetch(address, { integrity: hashes.get(url) }).finally(() => URL.revokeObjectURL(address));
}

let loaded = 0;
function count(bytes) {
  if (hasStarted) return;
  loaded += bytes;
  postMessage({ loaded: [loaded, all] });
}

self.fetch = (url) => {
  const answer = fetched(url);
  answer.catch(lose);
  return answer;
};

async function readManifest() {
  const manifest = await (await fetched(`${ASSETS}manifest.json`)).json();
  for (const [name, hash] of Object.entries(manifest.files)) hashes.set(ASSETS + name, hash);
  all = manifest.bytes_to_start;
}

// A module is imported from exactly the bytes that were checked.
async function checkedModule(name) {
  const code = await (await fetched(ASSETS + name)).blob();
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return import(url);
}

async function loadPython() {
  const [{ loadPyodide }, { default: createPyodideModule }, lock] = await Promise.all([
    checkedModule("pyodide/pyodide.mjs"),
    checkedModule("pyodide/pyodide.asm.mjs"),
    fetched(`${ASSETS}pyodide/pyodide-lock.json`).then((answer) => answer.json()),
  ]);
  return loadPyodide({
    indexURL: `${ASSETS}pyodide/`,
    packageBaseUrl: `${ASSETS}wheels/`,
    lockFileContents: { ...lock, packages: {} },
    createPyodideModule,
  });
}

async function loadEverything() {
  const [loaded, ...others] = await Promise.all([
    loadPython(),
    checkedModule("bcryptjs/umd/index.js").then(() => self.bcrypt),
    loadWheels("app"),
    Promise.all(PYTHON.map(readPython)),
    fetched(new URL("./repository.json", import.meta.url)).then((answer) => answer.json()),
  ]);
  pyodide = loaded;
  return others;
}

function loadWheels(group) {
  const urls = [...hashes.keys()].filter((url) => url.startsWith(`${ASSETS}wheels/${group}/`));
  return Promise.all(urls.map(async (url) => (await fetched(url)).arrayBuffer()));
}

async function readPython(name) {
  const answer = await fetched(new URL(`./python/${name}`, import.meta.url));
  return [name, await answer.text()];
}

function install(wheels) {
  for (const wheel of wheels) pyodide.unpackArchive(wheel, "wheel");
}

const calls = {
  async start() {
    await readManifest();
    const [bcryptjs, wheels, python, repository] = await Promise.race([lost, loadEverything()]);
    install(wheels);
    pyodide.registerJsModule("_bcryptjs", bcryptjs);
    for (const [name, text] of python) pyodide.FS.writeFile(`/home/pyodide/${name}`, text);
    server = pyodide.pyimport("server");
    for (const [path, text] of Object.entries(repository.files)) server.write(path, text);
    hasStarted = true;
    return repository;
  },

  choose: (folder, people) => server.choose(folder, JSON.stringify(people)),
  request: (asked) => JSON.parse(server.handle(JSON.stringify(asked))),
  state: (cookies) => JSON.parse(server.state(JSON.stringify(cookies))),
  endSessions: (email) => server.end_sessions(email),

  edit(files) {
    for (const [path, text] of files) server.write(path, text);
    server.restart();
  },

  write: (path, text) => server.write(path, text),

  async test(ids, step) {
    if (!hasTestLibraries) install(await loadWheels("tests"));
    hasTestLibraries = true;
    return JSON.parse(server.run_tests(JSON.stringify(ids), step));
  },
};

self.onmessage = async ({ data: { id, name, values } }) => {
  try {
    postMessage({ id, result: await calls[name](...values) });
  } catch (error) {
    postMessage({ id, error: error.message });
  }
};
