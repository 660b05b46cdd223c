// Switches the promise between before and after. Without it, both can be read beside each other.

const promise = document.querySelector(".promise");
const status = promise.querySelector("[role=status]");
const [before, after] = [".before", ".after"].map((side) => status.querySelector(side).textContent);

promise.querySelector("button").addEventListener("click", () => {
  const isDone = promise.classList.toggle("is-done");
  status.textContent = isDone ? after : before;
});
