// Encoder and decoder side by side.

function drawLockstep(data, figures) {
  const { lockstep } = figures;
  if (!lockstep) {
    byId("lockstep").replaceChildren(make("p", { class: "note" },
      "Shown for inputs of up to 512 bytes."));
    return;
  }
  const steps = lockstep.encoder.map((_, i) => i);
  byId("lockstep").replaceChildren(
    make("p", {}, `The encoder sent ${lockstep.payload.length / 2} bytes: `,
      make("code", {}, lockstep.payload)),
    scrolled("Encoder and decoder", table("Encoder and decoder", [
      ["step", (i) => i + 1, "n"],
      ["byte", (i) => named(data.content[i])],
      ["bits sent", (i) => number(data.bits[i] / FINE), "n"],
      ["encoder's weights", (i) => lockstep.encoder[i], "code"],
      ["decoder's weights", (i) => lockstep.decoder[i], "code"],
      ["they are", (i) => lockstep.encoder[i] === lockstep.decoder[i] ? "equal" : "different"],
    ], steps)));
}
