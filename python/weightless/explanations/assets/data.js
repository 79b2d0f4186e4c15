"use strict";
// The data of the page: arrays that are compressed and in base64, and figures.

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The bytes of the elements stand in planes: all lower ones first.
function joined(planes, size) {
  const n = planes.length / size;
  const out = new Uint32Array(n);
  for (let k = size - 1; k >= 0; k--) {
    for (let i = 0; i < n; i++) out[i] = out[i] * 256 + planes[k * n + i];
  }
  return out;
}

async function load() {
  const packed = JSON.parse(document.getElementById("data").textContent);
  const names = Object.keys(packed);
  const arrays = await Promise.all(names.map((name) => unpack(packed[name])));
  const data = Object.fromEntries(names.map((name, i) => [name, arrays[i]]));
  const figures = JSON.parse(new TextDecoder().decode(data.figures));
  data.bits = joined(data.bits, 2);
  data.matchDistances = joined(data.matchDistances, 4);
  return { data, figures };
}

const FINE = 64;
const COARSE = 8;

// The position in the content of the i-th recorded byte, and the reverse (-1: not recorded).
class Places {
  constructor(windows, n) {
    this.windows = windows;
    this.n = n;
  }
  of(i) {
    let low = 0;
    let high = this.windows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.windows[middle][0] <= i) low = middle;
      else high = middle - 1;
    }
    return this.windows.length ? this.windows[low][1] + (i - this.windows[low][0]) : i;
  }
  starts(i) {
    return i > 0 && this.of(i) !== this.of(i - 1) + 1;
  }
  index(position) {
    let found = -1;
    this.windows.forEach(([i, start], k) => {
      const end = k + 1 < this.windows.length ? this.windows[k + 1][0] : this.n;
      if (position >= start && position < start + (end - i)) found = i + (position - start);
    });
    return found;
  }
}
