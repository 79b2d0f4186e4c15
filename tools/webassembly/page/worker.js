// The worker: makes or opens one archive, and ends. The page stops it by terminating it.

const PIECE = 1 << 17;
const PART = 1 << 26; // bytes of output that are gathered before the browser may put them on disk

// An error with the name of the exception that the Python package raises.
class ArchiveError extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

class Module {
  static async start(wasm, progress) {
    const { instance } = await WebAssembly.instantiate(wasm, { weightless: { progress } });
    instance.exports._initialize();
    return new Module(instance.exports);
  }

  constructor(core) {
    this.core = core;
  }

  // What a function of the module returns. A trap has left its reason.
  call(name, ...values) {
    try {
      const result = this.core[name](...values);
      this.check();
      return result;
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      this.check();
      throw error;
    }
  }

  check() {
    const kind = this.text(this.core.wl_error_kind());
    if (kind) throw new ArchiveError(kind, this.text(this.core.wl_error_message()));
  }

  bytes(address, size) {
    return new Uint8Array(this.core.memory.buffer, address >>> 0, size);
  }

  text(address) {
    if (!address) return "";
    const start = address >>> 0;
    const all = new Uint8Array(this.core.memory.buffer);
    return new TextDecoder().decode(all.slice(start, all.indexOf(0, start)));
  }

  // Passes a file to the module, by parts, so that it is never in memory twice.
  async givePrior(file) {
    const address = this.call("wl_prior", file.size);
    for (let at = 0; at < file.size; at += PIECE) {
      const piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
      this.bytes(address + at, piece.length).set(piece);
    }
  }

  feed(piece) {
    const address = this.call("wl_input", piece.length);
    this.bytes(address, piece.length).set(piece);
    this.call("wl_feed", piece.length);
  }

  // The next piece of output; null if there is none before more is fed.
  next() {
    if (!this.call("wl_next")) return null;
    return this.bytes(this.core.wl_output(), this.core.wl_output_size() >>> 0).slice();
  }
}

class Output {
  constructor() {
    this.parts = [];
    this.gathered = 0;
    this.size = 0;
  }
  add(piece) {
    this.parts.push(piece);
    this.size += piece.length;
    this.gathered += piece.length;
    if (this.gathered >= PART) {
      this.parts = [this.blob()];
      this.gathered = 0;
    }
  }
  blob() {
    return new Blob(this.parts, { type: "application/octet-stream" });
  }
}

async function work({ wasm, file, level, memoryLimit, prior }) {
  const output = new Output();
  const module = await Module.start(wasm, (position) => postMessage({ position, size: output.size }));
  if (level) module.call("wl_compress", level, file.size, memoryLimit);
  else module.call("wl_decompress", memoryLimit);
  if (prior) await module.givePrior(prior);
  for (let at = 0, ended = false; !ended; at += PIECE) {
    const piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    ended = piece.length === 0;
    module.feed(piece);
    for (let made = module.next(); made; made = module.next()) output.add(made);
  }
  return output.blob();
}

onmessage = ({ data }) =>
  work(data).then(
    (result) => postMessage({ result }),
    (error) => postMessage({ kind: error.kind || error.name, message: error.message }),
  );
