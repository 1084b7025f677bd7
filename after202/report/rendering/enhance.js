// Nothing here is needed to read the page: columns of the longest tables become sortable.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const written = new Intl.Collator("en", { numeric: true });
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const text = (row) => row.cells[column].textContent.trim();
      const figure = (row) => parseFloat(text(row).replace(/[^\d.−-]/g, "").replace("−", "-"));
      const rows = [...table.tBodies[0].rows];
      const numbers = rows.every((row) => !Number.isNaN(figure(row)));
      const order = numbers
        ? (a, b) => figure(a) - figure(b)
        : (a, b) => written.compare(text(a), text(b));
      table.tBodies[0].append(...rows.sort((a, b) => (up ? 1 : -1) * order(a, b)));
    });
  });
}
