// The network: its hidden state and its ranks of words; and continuations.

function drawNetwork(data, figures) {
  const box = byId("network");
  const width = figures.hiddenWidth;
  if (!width) {
    box.replaceChildren(make("p", { class: "note" },
      "These parameters have no network; levels 4 to 9 have one."));
    return;
  }
  const canvas = make("canvas", { id: "hidden", role: "img",
    "aria-label": "The network's hidden state along the content" });
  const n = data.hidden.length / width;
  canvas.width = Math.max(1, n);
  canvas.height = width;
  const image = new ImageData(canvas.width, width);
  const grey = data.hidden;
  const planes = n;
  for (let i = 0; i < planes; i++) {
    for (let u = 0; u < width; u++) {
      const v = grey[i * width + u];
      image.data.set([v, v, v, 255], 4 * (u * canvas.width + i));
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  box.replaceChildren(
    make("p", { class: "note" },
      `The outputs of its ${width} units along the content, one row for each: black is -1, white 1.`),
    canvas);
  if (figures.network_continuation) {
    box.append(make("h3", {}, "How it would go on by itself"),
      make("p", { class: "note" }, "What the network alone, without the experts, considers the " +
        "likeliest continuation after the end of the content:"),
      make("p", { id: "network-continuation", class: "quoted" }, figures.network_continuation));
  }
  const { ranks } = figures;
  if (!ranks) return;
  box.append(make("h3", {}, "The rank of each word in its prediction"),
    make("p", { class: "note" },
      `Among ${ranks.vocabulary} words, before it had seen anything and after this content. ` +
      "A word of rank 1 is what it expects."),
    table("The ranks of words", [
      ["word", (w) => w.word],
      ["rank untrained", (w) => w.untrained, "n"],
      ["rank now", (w) => w.trained, "n"],
      ["bits untrained", (w) => number(w.bits_untrained, 1), "n"],
      ["bits now", (w) => number(w.bits_trained, 1), "n"],
    ], ranks.words));
}

function drawContinuations(figures, view) {
  if (!figures.continuations.length) return;
  byId("continuations").replaceChildren(
    make("h3", {}, "What the whole model would have continued with"),
    scrolled("Continuations", table("Continuations", [
      ["at", (c) => view.link(c.position)],
      ["it expected", (c) => c.expected, "code"],
      ["what followed", (c) => c.followed || (c.recorded ? "(the end)" : "(not in the sample)"), "code"],
    ], figures.continuations)));
}
