// The content, coloured by cost: as text, in hexadecimal, or as a picture. Only the rows in view
// are in the document.

const ROW = 20; // pixels
const GAP = 4; // pixels between strips of the picture
const TALLEST = 8e6; // pixels; browsers limit the height of an element

class ContentView {
  constructor(data, figures, places) {
    Object.assign(this, { data, figures, places });
    this.n = data.content.length;
    this.chosen = -1;
    this.mode = "";
    this.series = "bits";
    this.viewer = byId("viewer");
    this.rows = byId("rows");
    this.picture = byId("picture");
    this.likely = new Map(figures.likely.map((one) => [one.position, one.values]));
    this.starts = new Uint32Array(0);
    this.listen();
  }

  bitsOf(i) {
    if (this.series === "bits") return this.data.bits[i] / FINE;
    return this.data[this.series][i] / COARSE;
  }

  listen() {
    this.viewer.addEventListener("scroll", () => this.plan(), { passive: true });
    new ResizeObserver(() => this.lay()).observe(this.viewer);
    this.rows.addEventListener("click", (event) => {
      const at = event.target.dataset.i;
      if (at !== undefined) this.choose(Number(at));
    });
    this.picture.addEventListener("click", (event) => {
      const box = this.picture.getBoundingClientRect();
      const x = Math.floor(((event.clientX - box.left) / box.width) * this.picture.width);
      const y = Math.floor(((event.clientY - box.top) / box.height) * this.picture.height);
      const i = this.byteAt(x, y);
      if (i >= 0) this.choose(i);
    });
    this.viewer.addEventListener("keydown", (event) => this.key(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.lay());
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || this.n === 0) return;
    const page = Math.max(1, Math.floor(this.viewer.clientHeight / ROW) - 1);
    const now = Math.max(0, this.chosen);
    const moves = {
      ArrowRight: () => now + (this.chosen < 0 ? 0 : 1),
      ArrowLeft: () => now - 1,
      ArrowDown: () => this.beside(now, 1),
      ArrowUp: () => this.beside(now, -1),
      PageDown: () => this.beside(now, page),
      PageUp: () => this.beside(now, -page),
      Home: () => 0,
      End: () => this.n - 1,
      n: () => this.nextDear(now),
      Escape: () => -1,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (event.key === "Escape") this.leave();
    else this.choose(Math.min(this.n - 1, Math.max(0, moves[event.key]())), true);
  }

  nextDear(from) {
    for (let i = from + 1; i < this.n; i++) if (this.bitsOf(i) >= 6) return i;
    return from;
  }

  beside(i, rows) {
    if (this.mode === "Picture") return i + rows * this.width;
    const row = this.rowOf(i);
    const to = Math.min(this.starts.length - 1, Math.max(0, row + rows));
    const end = to + 1 < this.starts.length ? this.starts[to + 1] : this.n;
    return Math.min(end - 1, this.starts[to] + (i - this.starts[row]));
  }

  rowOf(i) {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= i) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  show(mode) {
    this.mode = mode;
    byId("row-label").hidden = mode !== "Picture";
    this.lay();
    if (this.chosen >= 0) this.reveal();
  }

  // Divides the content into rows.
  lay() {
    if (!this.mode) return;
    const picture = this.mode === "Picture";
    this.picture.hidden = !picture;
    this.rows.hidden = picture;
    this.viewer.style.height = "";
    this.mark();
    if (picture) {
      this.paint();
      return;
    }
    const probe = make("span", {}, "0".repeat(50));
    this.rows.replaceChildren(probe);
    const room = (this.viewer.clientWidth - 24) / (probe.getBoundingClientRect().width / 50 || 8);
    const text = this.mode === "Text";
    this.columns = text
      ? Math.max(16, Math.floor(room) - 11)
      : Math.max(4, 4 * Math.floor((room - 12) / (4 * 4)));
    const starts = [];
    const { content } = this.data;
    let start = 0;
    for (let i = 0; i < this.n; i++) {
      const full = i - start >= this.columns && !(text && (content[i] & 0xc0) === 0x80);
      if (i === 0 || full || (text && content[i - 1] === 10) || this.places.starts(i)) {
        starts.push(i);
        start = i;
      }
    }
    this.starts = Uint32Array.from(starts);
    this.height = Math.min(TALLEST, this.starts.length * ROW);
    byId("spacer").style.height = this.height + "px";
    this.drawRows();
  }

  plan() {
    if (this.planned || this.mode === "Picture") return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      this.drawRows();
    });
  }

  drawRows() {
    const visible = Math.ceil(this.viewer.clientHeight / ROW) + 2;
    const total = this.starts.length;
    const top = this.viewer.scrollTop;
    const room = this.height - this.viewer.clientHeight;
    const exact = this.height >= TALLEST && room > 0
      ? (top / room) * (total - visible + 2)
      : top / ROW;
    const first = Math.max(0, Math.min(Math.floor(exact), total - 1));
    const lines = [];
    for (let r = first; r < Math.min(total, first + visible); r++) lines.push(this.line(r));
    this.rows.replaceChildren(...lines);
    const offset = this.height >= TALLEST ? top : first * ROW;
    this.rows.style.transform = `translateY(${offset}px)`;
  }

  line(row) {
    const start = this.starts[row];
    const end = row + 1 < this.starts.length ? this.starts[row + 1] : this.n;
    const place = this.places.of(start);
    const digits = String(this.mode === "Text" ? place : place.toString(16));
    const line = make("div", {},
      make("span", { class: "place" }, digits.padStart(this.mode === "Text" ? 9 : 8, " ")));
    if (this.mode === "Text") this.addText(line, start, end);
    else this.addHex(line, start, end);
    return line;
  }

  cell(i, text, size = 1) {
    let bits = 0;
    for (let k = 0; k < size; k++) bits += this.bitsOf(i + k);
    const chosen = this.chosen >= i && this.chosen < i + size ? " chosen" : "";
    const cell = document.createElement("span");
    cell.className = "b c" + step(bits / size) + chosen;
    cell.dataset.i = i;
    cell.textContent = text;
    return cell;
  }

  addText(line, start, end) {
    for (let i = start; i < end; ) {
      const [text, size] = glyph(this.data.content, i, end);
      line.append(this.cell(i, text, size));
      i += size;
    }
  }

  addHex(line, start, end) {
    const { content } = this.data;
    for (let i = start; i < end; i++) {
      line.append(this.cell(i, content[i].toString(16).padStart(2, "0")), " ");
    }
    line.append("   ".repeat(this.columns - (end - start)) + " ");
    for (let i = start; i < end; i++) {
      const printed = content[i] >= 32 && content[i] < 127 ? String.fromCharCode(content[i]) : "·";
      line.append(this.cell(i, printed));
    }
  }

  // Costs, and beside them the bytes as grey: in strips, each with some of the rows.
  paint() {
    this.width = Math.max(1, Math.min(8192, Number(byId("row").value) || 256));
    // The first row is filled up in front, so that rows start where the content's do.
    this.before = (this.width - (this.figures.rowStart % this.width)) % this.width;
    const rows = Math.max(1, Math.ceil((this.n + this.before) / this.width));
    const room = this.viewer.clientWidth;
    const strip = 2 * this.width + GAP;
    const tall = Math.max(64, Math.sqrt((rows * strip) / 2));
    const strips = Math.max(1, Math.min(Math.floor(room / strip), Math.ceil(rows / tall)));
    this.stripRows = Math.min(8192, Math.ceil(rows / strips));
    this.picture.width = strips * strip - GAP;
    this.picture.height = this.stripRows;
    this.zoom = Math.max(1, Math.min(8, room / this.picture.width));
    this.picture.style.width = this.picture.width * this.zoom + "px";
    const height = this.stripRows * this.zoom;
    this.picture.style.height = byId("spacer").style.height = height + "px";
    // The box is no taller than the picture.
    this.viewer.style.height = `min(28rem, ${Math.ceil(height) + 2}px)`;
    const context = this.picture.getContext("2d");
    context.clearRect(0, 0, this.picture.width, this.picture.height);
    const image = context.createImageData(this.picture.width, this.picture.height);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = stepColours().map(([r, g, b]) => 0xff000000 + (b << 16) + (g << 8) + r);
    for (let i = 0; i < this.n; i++) {
      const { x, y } = this.pixel(i);
      if (x >= this.picture.width) break;
      const at = y * this.picture.width + x;
      pixels[at] = colours[step(this.bitsOf(i))];
      pixels[at + this.width] = 0xff000000 + 0x010101 * this.data.content[i];
    }
    context.putImageData(image, 0, 0);
    this.mark();
  }

  // Where a byte's cost is in the picture.
  pixel(i) {
    const at = i + this.before;
    const row = Math.floor(at / this.width);
    const strip = Math.floor(row / this.stripRows);
    return { x: strip * (2 * this.width + GAP) + (at % this.width), y: row % this.stripRows };
  }

  byteAt(x, y) {
    const size = 2 * this.width + GAP;
    const within = x % size;
    if (within >= 2 * this.width || y < 0 || y >= this.stripRows) return -1;
    const row = Math.floor(x / size) * this.stripRows + y;
    const i = row * this.width + (within % this.width) - this.before;
    return i >= 0 && i < this.n ? i : -1;
  }

  // Frames the chosen byte in the picture.
  mark() {
    const mark = byId("mark");
    mark.hidden = this.mode !== "Picture" || this.chosen < 0;
    if (mark.hidden) return;
    const { x, y } = this.pixel(this.chosen);
    mark.style.left = x * this.zoom + "px";
    mark.style.top = y * this.zoom + "px";
    mark.style.width = mark.style.height = this.zoom + "px";
    const { scrollTop, clientHeight } = this.viewer;
    if (y * this.zoom < scrollTop || y * this.zoom > scrollTop + clientHeight - ROW) {
      this.viewer.scrollTop = Math.max(0, y * this.zoom - clientHeight / 2);
    }
  }

  choose(i, byKey = false) {
    this.chosen = i;
    this.describe(i);
    if (this.mode === "Picture") {
      this.mark();
      return;
    }
    if (byKey || !this.rows.querySelector(`[data-i="${i}"]`)) this.reveal();
    this.drawRows();
  }

  // No byte is chosen any more.
  leave() {
    this.chosen = -1;
    byId("byte").replaceChildren(make("p", { class: "note" }, "No byte is chosen."));
    this.mark();
    if (this.mode !== "Picture") this.drawRows();
  }

  reveal() {
    if (this.mode === "Picture" || !this.starts.length) return;
    const row = this.rowOf(this.chosen);
    const total = this.starts.length;
    const room = this.height - this.viewer.clientHeight;
    const at = this.height >= TALLEST ? (row / total) * room : row * ROW;
    const { scrollTop, clientHeight } = this.viewer;
    if (at < scrollTop || at > scrollTop + clientHeight - 2 * ROW) {
      this.viewer.scrollTop = Math.max(0, at - clientHeight / 2);
    }
  }

  goTo(position) {
    const i = this.places.index(position);
    if (i < 0) return;
    this.choose(i);
    this.viewer.focus();
    this.viewer.scrollIntoView({ block: "center" });
  }

  describe(i) {
    const { data, figures } = this;
    const position = this.places.of(i);
    const rows = [["cost", data.bits[i] / FINE]];
    if (data.network.length) rows.push(["by the network alone", data.network[i] / COARSE]);
    if (data.experts.length) rows.push(["by the experts alone", data.experts[i] / COARSE]);
    const parts = [
      make("h3", {}, `Byte ${whole.format(position)}: ${named(data.content[i])}`),
      table("What this byte cost", [["paid", (row) => row[0]], ["bits", (row) => number(row[1]), "n"]], rows),
      make("p", {}, "Taken for: " + (figures.kinds[data.kinds[i]]?.name ?? "?")),
    ];
    if (data.network.length && data.network[i] === 0 && figures.experts.includes("Copies")) {
      parts.push(make("p", { class: "note" },
        "If the byte was copied from earlier content, the network was not asked: it then shows 0."));
    }
    if (data.ranks.length) {
      const rank = data.ranks[i];
      parts.push(make("p", {}, rank === 0
        ? "The network considered it the likeliest value."
        : `The network considered ${rank} value${rank === 1 ? "" : "s"} likelier.`));
    }
    const length = data.matchLengths[i];
    if (length) {
      const before = position - data.matchDistances[i];
      parts.push(make("p", {},
        `Longest match: ${length}${length === 255 ? " or more" : ""} bytes, which continue at `,
        this.link(before)));
    } else {
      parts.push(make("p", {}, "No match of 12 bytes or more."));
    }
    const values = this.likely.get(position);
    if (values) {
      parts.push(make("h3", {}, "The likeliest values"),
        table("The likeliest values", [["value", (v) => named(v[0])], ["probability", (v) => number(100 * v[1], 3) + " %", "n"]],
          values));
    } else {
      const nearest = this.nearestLikely(position);
      if (nearest !== undefined) {
        parts.push(make("p", { class: "note" },
          "The likeliest values were found for a sample of bytes; the nearest is ",
          this.link(nearest)));
      }
    }
    byId("byte").replaceChildren(...parts);
  }

  nearestLikely(position) {
    let best;
    for (const at of this.likely.keys()) {
      if (best === undefined || Math.abs(at - position) < Math.abs(best - position)) best = at;
    }
    return best;
  }

  link(position) {
    if (this.places.index(position) < 0) return whole.format(position);
    return make("button", { type: "button", class: "link", onclick: () => this.goTo(position) },
      "byte " + whole.format(position));
  }
}

// A character of UTF-8 and its bytes, or the sign for a byte that is none.
function glyph(content, i, end) {
  const first = content[i];
  if (first === 10) return ["↵", 1];
  if (first === 9) return ["→", 1];
  if (first >= 32 && first < 127) return [String.fromCharCode(first), 1];
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (size > 1 && i + size <= end) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(content.subarray(i, i + size));
      return [/^[\p{L}\p{N}\p{P}\p{S}]$/u.test(text) ? text : "·", size];
    } catch {
      return ["·", 1];
    }
  }
  return ["·", 1];
}

function named(byte) {
  const hex = "0x" + byte.toString(16).padStart(2, "0");
  const names = { 9: "tab", 10: "line feed", 13: "carriage return", 32: "space" };
  if (byte in names) return `${hex} (${names[byte]})`;
  return byte > 32 && byte < 127 ? `${hex} “${String.fromCharCode(byte)}”` : hex;
}
