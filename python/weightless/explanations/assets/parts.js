// Where the bytes go.

function drawParts(figures, view) {
  const { parts } = figures;
  const shown = [
    ["Lines", "lines", "line"], ["Columns", "columns", "column"], ["Fields", "fields", "field"],
    ["Words", "words", "word"], ["Dearest bytes", "bytes", "byte"],
  ].filter(([, key]) => parts[key].length);
  if (!shown.length) {
    byId("parts").textContent = "There is no content.";
    return;
  }
  tabs(byId("part-tabs"), shown.map((s) => s[0]), (name) => {
    const [, key, one] = shown.find((s) => s[0] === name);
    const columns = [
      [one, (p) => key === "bytes" ? p.name : make("span", {}, p.name), "code"],
      ["at", (p) => view.link(p.start)],
      ["bytes paid", (p) => number(p.bits / 8, 1), "n"],
      ["of all", (p) => number((100 * p.bits) / Math.max(1e-9, figures.bits), 2) + " %", "n"],
      ["bits per byte", (p) => number(p.bits / Math.max(1, p.size), 2), "n"],
    ];
    if (key !== "lines" && key !== "bytes") {
      columns.splice(2, 0, ["times", (p) => whole.format(p.count), "n"]);
    }
    byId("parts").replaceChildren(scrolled(name, table(name, columns, parts[key])));
  });
}
