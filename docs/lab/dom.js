// Makes an element: element("p", { className: "x" }, "text", otherElement).
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { data = {}, attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
