"""What data cost with some of the experts, as payloads without a container."""

from __future__ import annotations

from weightless import _core

_DEFAULTS = {name: default for name, default, _, _ in _core.FIELDS}


def codec(experts: int, memory_bits: int = 18, width: int = 0) -> _core.Codec:
    """Return a new codec, by default without a network."""
    fields = _DEFAULTS | {
        "width": width,
        "experts": experts,
        "memory_bits": memory_bits,
        "delay": 1,
    }
    return _core.Codec(list(fields.values()))


def coded(data: bytes, experts: int = 3, memory_bits: int = 18) -> int:
    """Return the payload's size in bytes, after checking the round trip."""
    payload = codec(experts, memory_bits).encode(data)
    assert codec(experts, memory_bits).decode(payload, len(data)) == data
    return len(payload)
