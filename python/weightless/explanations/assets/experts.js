// What each expert saved.

const sum = (values) => values.reduce((a, b) => a + b, 0);

// 8 bits for each byte: what was saved, and what was paid.
function drawAccount(figures) {
  const bytes = figures.content_size;
  if (!bytes) return;
  const paid = figures.bits / bytes;
  const svg = drawn("svg", { viewBox: "0 0 800 26" });
  const split = (800 * Math.min(8, paid)) / 8;
  svg.append(drawn("rect", { class: "paid", x: 0, y: 2, width: split, height: 22 }),
    drawn("rect", { class: "saved", x: split, y: 2, width: 800 - split, height: 22 }));
  byId("account").replaceChildren(svg);
  const text = `Of 8 bits for each byte ${number(paid, 3)} were paid and ${number(8 - paid, 3)} saved.`;
  byId("account").setAttribute("aria-label", text);
  byId("account-note").textContent = text;
}

function drawExperts(figures) {
  const totals = figures.saved.map(sum);
  const most = Math.max(1e-9, ...totals.map(Math.abs));
  const kinds = figures.kinds;
  const columns = [
    ["expert", (i) => figures.experts[i]],
    ["saved", (i) => drawn("svg", { viewBox: "0 0 160 12", "aria-hidden": "true" }, drawn("rect", {
      class: totals[i] < 0 ? "lost" : "saved", x: 0, y: 1, height: 10,
      width: Math.max(0.5, (160 * Math.abs(totals[i])) / most),
    })), "share"],
    ["bits per byte", (i) => number(totals[i] / Math.max(1, figures.content_size), 3), "n"],
    ["bytes in all", (i) => number(totals[i] / 8, 0), "n"],
  ];
  if (kinds.length > 1) {
    kinds.forEach((kind) => columns.push([
      `in ${kind.name}`,
      (i) => number(kind.saved[i] / Math.max(1, kind.bytes), 3), "n",
    ]));
  }
  const rows = figures.experts.map((_, i) => i).filter((i) => totals[i] !== 0);
  const offers = Object.entries(figures.offers);
  byId("experts").replaceChildren(
    scrolled("What each expert saved", table("What each expert saved", columns, rows)),
    ...(kinds.length > 1 ? [make("p", { class: "note" }, "Of the content, " + kinds.map((kind) =>
      `${bytesOf(kind.bytes)} ${kind.bytes === 1 ? "was" : "were"} taken for ${kind.name}`).join(", ") +
      ". The columns of these kinds are in bits for each of their bytes.")] : []),
    make("details", {}, make("summary", {}, "By what each expert offers"),
      scrolled("By what each expert offers", table("By what each expert offers", [
        ["offer", (o) => o[0], "code"],
        ["bytes", (o) => number(o[1] / 8, 1), "n"],
      ], offers))));
}

// A picture with a row for each of the best experts, and a column for each segment.
function drawAlong(figures) {
  const canvas = byId("along");
  const rows = Math.min(12, figures.experts.length);
  const n = figures.segment_bits.whole.length;
  if (!rows || !n) {
    canvas.hidden = true;
    return;
  }
  canvas.width = n;
  canvas.height = rows;
  const image = new ImageData(n, rows);
  const colours = stepColours();
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < n; i++) {
      const size = Math.min(figures.segment_size, figures.content_size - i * figures.segment_size);
      const saved = Math.max(0, figures.saved[r][i] / Math.max(1, size));
      image.data.set([...colours[step(2 * saved)], 255], 4 * (r * n + i));
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  byId("along-names").textContent =
    "From top to bottom: " + figures.experts.slice(0, rows).join(", ") + ".";
}
