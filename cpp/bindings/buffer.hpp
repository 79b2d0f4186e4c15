// Read-only view of any contiguous Python buffer as bytes.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <span>

namespace weightless::bindings {

/// Holds the buffer for as long as it lives, so the GIL may be released meanwhile.
/// Construct and destroy it with the GIL held.
class ByteView {
public:
    /// Throws (BufferError, TypeError) what PyObject_GetBuffer sets.
    explicit ByteView(const pybind11::object& object) {
        if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) {
            throw pybind11::error_already_set();
        }
    }
    ~ByteView() { PyBuffer_Release(&view_); }
    ByteView(const ByteView&) = delete;
    ByteView& operator=(const ByteView&) = delete;

    std::span<const std::uint8_t> bytes() const noexcept {
        return {static_cast<const std::uint8_t*>(view_.buf), static_cast<std::size_t>(view_.len)};
    }

private:
    Py_buffer view_{};
};

} // namespace weightless::bindings
