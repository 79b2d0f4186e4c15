// Puts the page together.

function drawTotals(figures) {
  byId("name").textContent = figures.name;
  const level = figures.level === null ? "parameters of its own" : `level ${figures.level}`;
  const sampled = figures.recorded_bytes < figures.content_size
    ? ` The content is a sample: ${whole.format(figures.recorded_bytes)} of its bytes, evenly ` +
      "spread. Sums along the content cover all of it."
    : "";
  const source = figures.from_archive ? "Decoded" : "Compressed";
  byId("summary").textContent = `${source} at ${level}.${sampled}`;
  const facts = [
    ["content", bytesOf(figures.content_size)],
    ["archive", bytesOf(figures.archive_size)],
    ["payload", bytesOf(figures.payload_size)],
    ["sum of costs", number(figures.bits / 8, 1) + " bytes"],
    ["bits per byte", number(figures.bits_per_byte, 3)],
    ["data", figures.kinds.map((kind) => kind.name).join(", ") || "none"],
  ];
  byId("totals").replaceChildren(...facts.map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

// The dearest of the first bytes whose likeliest values are known.
function firstChoice(view, figures) {
  let best = 0;
  for (const { position } of figures.likely) {
    const i = view.places.index(position);
    if (i > 0 && i < 700 && (!best || view.bitsOf(i) > view.bitsOf(best))) best = i;
  }
  return best;
}

async function start() {
  const { data, figures } = await load();
  const places = new Places(figures.windows, data.content.length);
  const view = new ContentView(data, figures, places);
  drawTotals(figures);
  drawAccount(figures);
  legend(byId("legend"));
  byId("row").value = figures.row || 256;
  byId("row").addEventListener("change", () => view.lay());
  const series = [["bits", "the whole"]];
  if (data.network.length) series.push(["network", "the network alone"]);
  if (data.experts.length) series.push(["experts", "the experts alone"]);
  byId("series").replaceChildren(
    ...series.map(([value, name]) => make("option", { value }, name)));
  byId("series").addEventListener("change", (event) => {
    view.series = event.target.value;
    view.lay();
  });
  const { text } = figures;
  const modes = text ? ["Text", "Hexadecimal", "Picture"] : ["Hexadecimal", "Text", "Picture"];
  if (!text && figures.row) modes.unshift(modes.pop());
  tabs(byId("modes"), modes, (mode) => view.show(mode));
  if (view.n) view.choose(firstChoice(view, figures));
  drawCurve(figures);
  drawBeside(figures);
  drawRepeats(figures, view);
  drawExperts(figures);
  drawAlong(figures);
  drawParts(figures, view);
  drawNetwork(data, figures);
  drawContinuations(figures, view);
  drawLockstep(data, figures);
  document.documentElement.dataset.ready = "true";
}

start().catch((error) => {
  byId("summary").textContent = "The page could not be drawn: " + error.message;
  document.documentElement.dataset.ready = "failed";
});
