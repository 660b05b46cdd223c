// The button that starts the lab. Until it is pressed, nothing else is loaded.
for (const place of document.querySelectorAll(".lab")) {
  const button = place.querySelector(".lab-start");
  const status = place.querySelector(".lab-status");
  button.hidden = false;
  status.textContent = "Nothing is loaded until you press it. Then 7 to 14 MB come from this site, once.";
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "Loading the lab…";
    try {
      const { openLab } = await import("./lab.js");
      await openLab(place, status);
      button.remove();
    } catch (error) {
      status.textContent = `The lab could not start: ${error.message}`;
      status.classList.add("lab-failed");
      button.disabled = false;
    }
  });
}
