"""Priors in the configurations of codecs, which are JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from weightless.errors import ParameterError
from weightless.files.prior import Prior, check_prior

__all__ = ["prior_from_json", "prior_to_json"]


def prior_to_json(prior: Prior) -> dict[str, Any]:
    """Return what `prior_from_json` makes an equal prior from.

    A prior that was read from a file is represented by the file's name and its hash, any other
    by its content.
    """
    if prior.path is None:
        return {"content": base64.b64encode(prior.content).decode("ascii")}
    return {"path": str(prior.path), "xxh3_128": prior.hash, "size": prior.size}


def prior_from_json(value: Prior | Mapping[str, Any] | None) -> Prior | None:
    """Return the prior that a configuration describes; a `Prior` and None are returned as such.

    Raises
    ------
    OSError
        If the file cannot be read.
    PriorError
        If the file has another content.
    ParameterError
        If the description is not one that `prior_to_json` returns.
    TypeError
        If `value` is none of these.
    """
    if not isinstance(value, Mapping):
        return check_prior(value)
    try:
        if "content" in value:
            content = base64.b64decode(value["content"], validate=True)
        else:
            path, digest, size = value["path"], value["xxh3_128"], value["size"]
    except (KeyError, TypeError, binascii.Error) as error:
        raise ParameterError(f"the prior in the configuration is invalid: {error!r}") from None
    if "content" in value:
        return Prior(content)
    return Prior.from_file(path, digest, size)
