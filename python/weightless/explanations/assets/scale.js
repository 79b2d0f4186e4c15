// The scale of costs: ten steps that differ in lightness, so that they read in grey as well.

const STEPS = [0.03, 0.1, 0.25, 0.5, 1, 2, 3.5, 5.5, 8];

function step(bits) {
  let i = 0;
  while (i < STEPS.length && bits > STEPS[i]) i++;
  return i;
}

function legend(box) {
  const labels = ["0", ...STEPS.map((s) => "> " + s)];
  box.replaceChildren(...labels.map((label, i) => make("span", { class: "c" + i }, label)),
    make("em", {}, "bits"));
}

function stepColours() {
  const style = getComputedStyle(document.documentElement);
  return Array.from({ length: 10 }, (_, i) => {
    const hex = style.getPropertyValue("--c" + i).trim();
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  });
}
