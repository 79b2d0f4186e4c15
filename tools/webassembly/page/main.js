// The page: files in, a row for each of them, results out. Text is set as text, never parsed.

async function unpacked(id) {
  const packed = Uint8Array.from(atob(byId(id).textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

// The row of a job, which follows what it does.
function row(job) {
  const bar = make("progress", { max: 1, value: 0, "aria-label": `Progress of ${job.file.name}` });
  const status = make("p", { class: "status", role: "status" });
  const cancel = make("button", { type: "button", onclick: () => job.cancel() }, "Cancel");
  const input = make("input", { type: "file" });
  const prior = make("label", { class: "prior" }, "The prior: ", input);
  input.addEventListener("change", () => { if (input.files.length) job.startAgain(input.files[0]); });
  const element = make("li", {}, make("h3", {}, job.file.name), bar, status, cancel, prior);
  element.takeDropped = ([file]) => {
    if (!file || !job.wantsPrior) return false;
    job.startAgain(file);
    return true;
  };
  const verb = job.level ? `Compressing at level ${job.level}` : "Opening";
  let shown = "";
  const show = (state, text) => {
    element.dataset.state = state;
    // A screen reader is told each state once, not each step.
    status.setAttribute("aria-live", state === shown ? "off" : "polite");
    status.textContent = text;
    shown = state;
  };
  job.changed = () => {
    const { state, file } = job;
    bar.hidden = cancel.hidden = state !== "waiting" && state !== "working";
    prior.hidden = !job.wantsPrior;
    if (prior.hidden) input.value = ""; // so that the same file can be chosen again
    if (state === "waiting") show(state, "Waits for the files before it.");
    else if (state === "cancelled") show(state, "Cancelled.");
    else if (state === "failed") show(state, `${job.error.kind}: ${job.error.message}`);
    else if (state === "working") {
      const share = file.size ? Math.min(1, job.position / file.size) : 0;
      bar.value = share;
      show(state, `${verb}: ${Math.floor(100 * share)} % of ${bytesOf(file.size)}.`);
    } else {
      const address = URL.createObjectURL(job.result);
      const save = make("a", { href: address, download: job.name }, `Save ${job.name}`);
      element.append(save);
      show(state, `${bytesOf(file.size)} became ${bytesOf(job.result.size)}.`);
      if (element.contains(document.activeElement) || document.activeElement === document.body) {
        save.focus();
      }
    }
  };
  job.changed();
  return element;
}

async function take(files) {
  for (const file of files) {
    const level = (await isArchive(file)) ? 0 : Number(byId("level").value);
    const job = new Job(file, level, Number(byId("limit").value));
    jobs.push(job);
    byId("jobs").append(row(job));
  }
  startNext();
}

function listen() {
  const zone = byId("zone");
  const input = byId("files");
  input.addEventListener("change", async () => {
    await take([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("over", name === "dragover");
      if (name !== "drop") return;
      const files = [...event.dataTransfer.files];
      const element = event.target instanceof Element ? event.target.closest("li") : null;
      if (!element?.takeDropped(files)) take(files);
    });
  }
  document.addEventListener("dragleave", () => zone.classList.remove("over"));
}

// A browser that tells how much memory there is has a limit of half of it.
function chooseLimit() {
  const half = (navigator.deviceMemory || 8) * 2 ** 29;
  const options = [...byId("limit").options];
  const fits = options.filter((option) => Number(option.value) <= half);
  (fits.at(-1) || options[0]).selected = true;
}

async function begin() {
  parts.wasm = await unpacked("wasm");
  if (!WebAssembly.validate(parts.wasm)) throw new Error("this browser lacks WebAssembly's SIMD");
  const script = new Blob([byId("worker").textContent], { type: "text/javascript" });
  parts.script = URL.createObjectURL(script);
  chooseLimit();
  listen();
  byId("files").disabled = false;
}

begin().then(
  () => { document.documentElement.dataset.ready = "true"; },
  (error) => {
    byId("problem").textContent = `This page cannot work here: ${error.message}.`;
    document.documentElement.dataset.ready = "failed";
  },
);
