// The learning curve, other programs beside it, and repeats.

function smooth(values, sizes, points) {
  const out = [];
  const each = Math.max(1, Math.ceil(values.length / points));
  for (let i = 0; i < values.length; i += each) {
    let bits = 0;
    let bytes = 0;
    for (let k = i; k < Math.min(values.length, i + each); k++) {
      bits += values[k];
      bytes += sizes[k];
    }
    out.push(bytes ? bits / bytes : 0);
  }
  return out;
}

// What another program paid between two points of its curve: where, from 0 to 1, and bits per byte.
function localCosts(curve) {
  const size = curve[curve.length - 1][0];
  return curve.map(([at, sum], i) => {
    const [before, less] = i ? curve[i - 1] : [0, 0];
    return [(before + at) / 2 / size, (8 * (sum - less)) / (at - before)];
  });
}

function drawCurve(figures) {
  const box = byId("curve");
  byId("network-line").hidden = !figures.has_network;
  const n = figures.segment_bits.whole.length;
  if (n === 0) {
    box.replaceChildren(make("p", {}, "There is no content."));
    return;
  }
  const sizes = Array.from({ length: n }, (_, i) =>
    Math.min(figures.segment_size, figures.content_size - i * figures.segment_size));
  const lines = [["whole", "the whole", smooth(figures.segment_bits.whole, sizes, 200)]];
  lines.push(["mixers", "the mixers", smooth(figures.segment_bits.mixers, sizes, 200)]);
  if (figures.has_network) {
    lines.push(["network", "the network alone", smooth(figures.segment_bits.network, sizes, 200)]);
  }
  const [width, height, left, top, bottom] = [860, 260, 40, 8, 24];
  const beside = Object.values(figures.curves).flatMap((curve) => localCosts(curve));
  const most = Math.max(1, ...lines.flatMap((line) => line[2]), ...beside.map(([, v]) => v)) * 1.05;
  const x = (i, count) => left + ((width - left - 8) * (i + 0.5)) / count;
  const y = (v) => top + (height - top - bottom) * (1 - v / most);
  const svg = drawn("svg", {
    viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Bits for each byte along the content",
  });
  let step = 0.5;
  while (most > 6 * step) step *= 2; // the header of another program is much for a few bytes
  for (let v = 0; v <= most; v += step) {
    svg.append(drawn("line", { class: "grid", x1: left, x2: width - 8, y1: y(v), y2: y(v) }));
    svg.append(drawn("text", { x: 8, y: y(v) + 4 }, String(v)));
  }
  svg.append(drawn("text", { x: left, y: height - 6 }, "0"));
  const end = drawn("text", { x: width - 8, y: height - 6, "text-anchor": "end" },
    bytesOf(figures.content_size));
  svg.append(end);
  for (const [k, [name, curve]] of Object.entries(figures.curves).entries()) {
    const packed = curve[curve.length - 1][1];
    const path = localCosts(curve).map(([at, v], i) =>
      `${i ? "L" : "M"}${left + (width - left - 8) * at} ${y(v)}`).join("");
    svg.append(drawn("path", { class: "line other" + k, d: path }, drawn("title", {}, name)));
    lines.push(["other" + k, `${name}: ${bytesOf(packed)}`, null]);
  }
  for (const [kind, , values] of lines) {
    if (!values) continue;
    const path = values.length === 1 ? `M${left} ${y(values[0])}H${width - 8}`
      : values.map((v, i) => `${i ? "L" : "M"}${x(i, values.length)} ${y(v)}`).join("");
    svg.append(drawn("path", { class: "line " + kind, d: path }));
  }
  const keys = lines.map(([kind, label]) => make("span", { class: "key" },
    drawn("svg", { viewBox: "0 0 28 8" }, drawn("path", { class: "line " + kind, d: "M0 4H28" })),
    label));
  box.replaceChildren(svg, make("p", {}, keys));
  if (figures.has_network && figures.experts.includes("Copies")) {
    box.append(make("p", { class: "note" }, "Of bytes that are copied from earlier content the " +
      "network is not asked; its line shows 0 for them."));
  }
}

function drawBeside(figures) {
  const rows = [["this archive", figures.archive_size]];
  if (figures.experts_alone_bits !== null) {
    rows.push(["the experts without the network", Math.ceil(figures.experts_alone_bits / 8)]);
  }
  for (const [name, curve] of Object.entries(figures.curves)) {
    rows.push([name, curve[curve.length - 1][1]]);
  }
  if (rows.length < 2 || !figures.content_size) return;
  byId("beside").replaceChildren(table("Other ways to compress the content", [
    ["compressed by", (row) => row[0]],
    ["bytes", (row) => whole.format(row[1]), "n"],
    ["bits per byte", (row) => number((8 * row[1]) / figures.content_size, 3), "n"],
  ], rows));
}

function drawRepeats(figures, view) {
  if (!figures.repeats.length) return;
  byId("repeats").replaceChildren(
    make("h3", {}, "What occurs twice"),
    scrolled("What occurs twice", table("What occurs twice", [
      ["first", (r) => view.link(r.first)],
      ["again", (r) => view.link(r.second)],
      ["bytes", (r) => whole.format(r.size), "n"],
      ["first cost, bytes", (r) => number(r.first_bits / 8, 1), "n"],
      ["then", (r) => number(r.second_bits / 8, 1), "n"],
      ["of the first", (r) => r.first_bits > 0 ? number((100 * r.second_bits) / r.first_bits, 0) + " %" : "–", "n"],
    ], figures.repeats)));
}
