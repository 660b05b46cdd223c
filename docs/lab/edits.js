// The reader's changes to the code. The browser keeps them until they are reset.
const KEY = "logout everywhere lab: edits";
let kept = read();

// A change is kept with the text it was made on. When the site brings a newer text, it is dropped.
export const edits = {
  all: (files) =>
    Object.entries(kept)
      .filter(([path, { original }]) => files[path] === original)
      .map(([path, { text }]) => [path, text]),

  in: (folder, files) =>
    edits.all(files).map(([path]) => path).filter((path) => path.startsWith(`${folder}/`)),

  text: (path, files) => Object.fromEntries(edits.all(files))[path] ?? files[path],

  // The name of the mistake that the change is, until somebody types in it.
  mistake: (path) => kept[path]?.mistake,

  keep(path, text, original, mistake) {
    if (text === original) delete kept[path];
    else kept[path] = { text, original, mistake };
    write();
  },

  drop(paths) {
    for (const path of paths) delete kept[path];
    write();
  },
};

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

// Where the browser keeps nothing, the changes last as long as the page.
function write() {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    return;
  }
}
