// The button that starts the lab. Until it is pressed, nothing else is loaded.
for (const place of document.querySelectorAll(".lab")) {
  const button = place.querySelector(".lab-start");
  const status = place.querySelector(".lab-status");
  button.hidden = false;
  status.textContent = "It loads 7 to 14 MB from this site, once.";
  button.addEventListener("click", async () => {
    status.textContent = "Loading the lab…";
    status.tabIndex = -1;
    status.focus({ preventScroll: true });
    button.hidden = true;
    place.classList.add("lab-opening"); // it takes its room now, so that nothing moves later
    place.scrollIntoView({ block: "start" });
    try {
      const { openLab } = await import("./lab.js");
      await openLab(place, status);
    } catch (error) {
      status.textContent = `The lab could not start: ${error.message}`;
      status.classList.add("lab-failed");
      place.querySelector(".lab-progress").hidden = true;
      place.classList.remove("lab-opening");
      button.hidden = false;
      button.focus();
    }
  });
}
