// Encoder and decoder side by side.

function drawLockstep(data, figures) {
  const { lockstep } = figures;
  if (!lockstep) {
    byId("lockstep").replaceChildren(make("p", { class: "note" },
      figures.content_size ? "Shown for inputs of up to 512 bytes." : "There is no content."));
    return;
  }
  const steps = lockstep.encoder.map((_, i) => i);
  byId("lockstep").replaceChildren(
    make("p", {}, `The encoder sent ${bytesOf(lockstep.payload.length / 2)}: `,
      make("code", {}, lockstep.payload), lockstep.payload.length / 2 > figures.content_size
        ? ". The archive contains the content itself instead, which is shorter." : ""),
    scrolled("Encoder and decoder", table("Encoder and decoder", [
      ["step", (i) => i + 1, "n"],
      ["byte", (i) => named(data.content[i])],
      ["bits sent", (i) => number(data.bits[i] / FINE), "n"],
      ["encoder's weights", (i) => lockstep.encoder[i], "code"],
      ["decoder's weights", (i) => lockstep.decoder[i], "code"],
      ["they are", (i) => lockstep.encoder[i] === lockstep.decoder[i] ? "equal" : "different"],
    ], steps)));
}
