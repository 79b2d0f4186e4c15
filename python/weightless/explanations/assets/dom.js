// Small helpers. Text is always set as text, never parsed.

const byId = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const whole = new Intl.NumberFormat("en-US");
const number = (value, digits = 2) => unsignedZero(
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const unsignedZero = (text) => /[1-9]/.test(text) ? text : text.replace("-", "");
const bytesOf = (count) => whole.format(count) + (count === 1 ? " byte" : " bytes");

// Columns: [heading, function of a row, "n" for numbers or a class]. The name is for readers that do
// not see where the table stands.
function table(name, columns, rows) {
  const head = make("tr", {}, columns.map(([name, , kind]) =>
    make("th", { scope: "col", class: kind === "n" || kind === "share" ? kind : "" }, name)));
  const body = rows.map((row) =>
    make("tr", {}, columns.map(([, of, kind]) => make("td", { class: kind || "" }, of(row)))));
  return make("table", { "aria-label": name }, make("thead", {}, head), make("tbody", {}, body));
}

// Something that may be wider or higher than its place, and is then scrolled, also by keys.
const scrolled = (name, ...children) =>
  make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, children);

function tabs(box, names, choose) {
  const buttons = names.map((name, i) =>
    make("button", { type: "button", "aria-pressed": "false", onclick: () => select(i) }, name));
  function select(i) {
    buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === i)));
    choose(names[i]);
  }
  box.replaceChildren(...buttons);
  if (buttons.length) select(0);
}
