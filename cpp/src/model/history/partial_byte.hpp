// The partial byte: those bits of the current byte that are known.
#pragma once

namespace weightless::model {

struct PartialByte {
    unsigned node = 1; // the known bits after a leading 1: a node of the byte's binary tree
    int known = 0;     // the bit position: how many bits are known, 0 to 7
};

} // namespace weightless::model
