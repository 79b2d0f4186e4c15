"""Encoder and decoder side by side: equal weights before every byte."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weightless import _core
from weightless.parameters import Parameters

__all__ = ["LONGEST", "Lockstep", "run_lockstep"]

#: Digests of all weights take time; only inputs of up to this many bytes are shown in lockstep.
LONGEST = 512


@dataclass(frozen=True)
class Lockstep:
    """The states in which an encoder and a decoder predicted each byte.

    Attributes
    ----------
    encoder, decoder : ndarray of uint64, shape (n,)
        Digests of the weights that were used for each byte and of the predictions.
    payload : bytes
        What the encoder sent.
    """

    encoder: npt.NDArray[np.uint64]
    decoder: npt.NDArray[np.uint64]
    payload: bytes


def run_lockstep(content: bytes, parameters: Parameters) -> Lockstep:
    """Encode content, decode the payload with a model of its own, and compare the models."""
    encoder, sent = _trace(parameters, len(content))
    payload = encoder.encode(content)
    decoder, received = _trace(parameters, len(content))
    if decoder.decode(payload, len(content)) != content:
        raise AssertionError("encoder and decoder are not in lockstep")
    return Lockstep(sent.arrays()["digests"], received.arrays()["digests"], payload)


def _trace(parameters: Parameters, size: int) -> tuple[_core.Codec, _core.Trace]:
    codec = parameters.codec(brief=True)
    trace = _core.Trace(segment=size, width=size, period=size, probe=0, digests=True)
    codec.observe(trace)
    return codec, trace
