// What is wider than a narrow screen scrolls inside its own line (book.css), with the keyboard too.
"use strict";
window.addEventListener("load", () => {
  for (const image of document.querySelectorAll(".cell_output img"))
    if (image.naturalWidth > 800) image.classList.add("wide");
  for (const line of document.querySelectorAll("div.math, .cell_output figure, .cell_output > .output"))
    if (line.scrollWidth > line.clientWidth) line.tabIndex = 0;
});
