// Jobs: one file each, done one after another, each in a worker of its own.

// Set once the page has been read: the worker's script and the module's bytes.
const parts = { script: null, wasm: null };

// What the page adds to the messages of the module, which has no options.
const ADVICE = {
  MemoryLimitError: "choose a larger limit, or open it with the command",
  CostLimitError: "open it with the command and --cost-limit",
  PriorError: "choose it, or drop it here",
};

class Job {
  // level: 0 to open an archive.
  constructor(file, level, memoryLimit) {
    this.file = file;
    this.level = level;
    this.memoryLimit = memoryLimit;
    this.prior = null; // the file, once it has been asked for and given
    this.state = "waiting"; // then "working", then "done", "failed" or "cancelled"
    this.position = 0;
    this.size = 0;
    this.result = null;
    this.error = null;
    this.name = level ? archiveName(file.name) : contentName(file.name);
    this.changed = () => {};
  }

  start() {
    this.state = "working";
    this.changed();
    this.worker = new Worker(parts.script);
    this.worker.onmessage = ({ data }) => this.take(data);
    this.worker.onerror = (event) => this.take({ kind: "Error", message: event.message });
    const { file, level, memoryLimit, prior } = this;
    this.worker.postMessage({ wasm: parts.wasm, file, level, memoryLimit, prior });
  }

  // Whether it has ended for want of a prior, or of another one.
  get wantsPrior() {
    return this.state === "failed" && ["PriorError", "ParameterError"].includes(this.error.kind);
  }

  startAgain(prior) {
    this.prior = prior;
    this.position = 0;
    this.error = null;
    this.state = "waiting";
    this.changed();
    startNext();
  }

  take({ position, size, result, kind, message }) {
    if (this.state !== "working") return;
    if (result) {
      this.result = result;
      this.end("done");
    } else if (kind) {
      const advice = ADVICE[kind];
      this.error = { kind, message: advice ? `${message}; ${advice}` : message };
      this.end("failed");
    } else {
      this.position = position;
      this.size = size;
      this.changed();
    }
  }

  cancel() {
    if (this.state === "waiting" || this.state === "working") this.end("cancelled");
  }

  end(state) {
    if (this.worker) this.worker.terminate(); // which returns its memory
    this.worker = null;
    this.state = state;
    this.changed();
    startNext();
  }
}

const jobs = [];

function startNext() {
  if (jobs.some((job) => job.state === "working")) return;
  const next = jobs.find((job) => job.state === "waiting");
  if (next) next.start();
}

// Names as the command's.
const archiveName = (name) => `${name}.wl`;
function contentName(name) {
  const stem = name.replace(/\.wl$/, "").replace(/\.twl$/, ".tar");
  return stem === name || stem === "" || stem === "." || stem === ".." ? `${name}.content` : stem;
}

async function isArchive(file) {
  const magic = new Uint8Array(await file.slice(0, 3).arrayBuffer()).join();
  return magic === "215,10,14" || magic === "151,87,76" || /\.t?wl$/.test(file.name);
}
