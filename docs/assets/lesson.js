// What a reader does in a lesson: answers its questions, and ticks it off. Without it all is there to read.
const KEY = "logout-everywhere: lessons done";
const LESSON = /\/lessons\/(step_\w+)\/$/;

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Questions: the list of choices becomes buttons, and the answer is the one that the app gave.

document.querySelectorAll(".quiz details").forEach(makeAnswerable);

function makeAnswerable(answer, number) {
  const list = answer.previousElementSibling;
  const question = list.previousElementSibling;
  const right = answer.querySelector("strong").textContent.slice(0, -1);
  const verdict = element("p", { className: "quiz-verdict" });
  verdict.setAttribute("role", "status");
  question.id = `question-${number + 1}`;
  list.setAttribute("aria-labelledby", question.id);
  for (const choice of list.children) choice.replaceChildren(choiceButton(choice, right, verdict, answer));
  list.classList.add("quiz-choices");
  answer.before(verdict);
}

function choiceButton(choice, right, verdict, answer) {
  const isRight = choice.textContent.trim() === right;
  const button = element("button", { type: "button" }, ...choice.childNodes);
  button.addEventListener("click", () => {
    button.dataset.verdict = isRight ? "right" : "wrong";
    verdict.textContent = isRight ? "✓ Right. The reason is below." : "✗ Wrong. Choose again, or reveal the answer.";
    verdict.dataset.verdict = button.dataset.verdict;
    answer.open ||= isRight;
  });
  return button;
}

// Ticks: which lessons are done is kept in this browser, and nowhere else.

function lessonsDone() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    return new Set();
  }
}

function keep(done) {
  try {
    localStorage.setItem(KEY, JSON.stringify([...done]));
  } catch {
    // a browser that keeps nothing keeps no ticks
  }
  show(done);
}

function lessonAt(url) {
  return LESSON.exec(new URL(url, location).pathname)?.[1];
}

function show(done) {
  document.querySelectorAll(".lesson-done").forEach((tick) => tick.remove());
  for (const link of document.querySelectorAll(".md-nav--primary a[href], .md-typeset td a[href]")) {
    if (done.has(lessonAt(link.href)) && !link.hash) link.append(tick());
  }
  showButtons(done);
}

function tick() {
  const mark = element("span", { ariaHidden: "true" }, " ✓");
  return element("span", { className: "lesson-done" }, mark, element("span", { className: "unseen" }, " done"));
}

const here = lessonAt(location.href);
const mark = element("button", { type: "button", className: "md-button" });
const clear = element("button", { type: "button", className: "md-button" }, "Remove all ticks");
mark.addEventListener("click", () => {
  const done = lessonsDone();
  if (!done.delete(here)) done.add(here);
  keep(done);
});
clear.addEventListener("click", () => {
  keep(new Set());
  mark.focus();
});

function showButtons(done) {
  mark.textContent = done.has(here) ? "✓ Done. Take the tick away" : "Mark as done";
  clear.hidden = done.size === 0;
}

if (here) {
  const end = document.querySelector("#you-can-now ~ ul");
  end.after(element("p", { className: "lesson-end" }, mark, " ", clear));
}
show(lessonsDone());
