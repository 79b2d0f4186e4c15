// The bits of a byte so far.
#pragma once

namespace weightless::model {

struct PartialByte {
    unsigned node = 1; // the bits behind a 1: a node of the byte's binary tree
    int known = 0;     // how many there are, 0 to 7
};

} // namespace weightless::model
