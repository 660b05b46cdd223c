// The functions and classes of a Python file, found by their first lines.
const FIRST_LINE = /^( *)(?:async )?(?:def|class) (\w+)/;

// In order: { name, indent, line } with `line` counted from 0.
export function functionsOf(text) {
  const found = text.split("\n").map((line, at) => [FIRST_LINE.exec(line), at]).filter(([match]) => match);
  return found.map(([[, indent, name], line]) => ({ name, indent: indent.length, line }));
}

// The names of those that differ, as far as `text` still has them.
export function changedFunctions(text, original) {
  const before = bodies(original);
  return [...bodies(text)].filter(([name, body]) => before.get(name) !== body).map(([name]) => name);
}

// Each name with the lines from its own to the next one's, or to the end of its indentation.
function bodies(text) {
  const lines = text.split("\n");
  const found = functionsOf(text);
  return new Map(found.map(({ name, indent, line }, at) => {
    const rest = lines.slice(line + 1, found[at + 1]?.line);
    const end = rest.findIndex((one) => one.trim() && one.search(/\S/) <= indent && !one.trim().startsWith(")"));
    const body = end < 0 ? rest : rest.slice(0, end);
    return [name, [decorator(lines, line), lines[line], ...body].join("\n").trimEnd()];
  }));
}

function decorator(lines, at) {
  return /^ *@/.test(lines[at - 1]) ? lines[at - 1] : "";
}
