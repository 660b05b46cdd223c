// Code and tables that are wider than the screen can be scrolled by keyboard too: they take the focus.
const MAY_BE_WIDE = "pre > code, .md-typeset__scrollwrap";

function markWide() {
  for (const place of document.querySelectorAll(MAY_BE_WIDE)) {
    if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
    else place.removeAttribute("tabindex");
  }
}

addEventListener("load", markWide);
addEventListener("resize", markWide);
addEventListener("toggle", markWide, { capture: true }); // a fold-out has no width while it is closed
