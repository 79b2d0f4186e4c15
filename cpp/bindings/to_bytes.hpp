// Conversion of bytes to a Python bytes object.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <vector>

namespace weightless::bindings {

inline pybind11::bytes to_bytes(const std::vector<std::uint8_t>& data) {
    return pybind11::bytes(reinterpret_cast<const char*>(data.data()), data.size());
}

} // namespace weightless::bindings
