// View of any contiguous Python buffer as bytes.
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
    explicit ByteView(const pybind11::object& object, bool writable = false) {
        // Without its format: numpy has none for some of its types.
        const int flags = writable ? PyBUF_WRITABLE : PyBUF_SIMPLE;
        if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) {
            throw pybind11::error_already_set();
        }
    }
    ~ByteView() { PyBuffer_Release(&view_); }
    ByteView(const ByteView&) = delete;
    ByteView& operator=(const ByteView&) = delete;

    std::span<const std::uint8_t> bytes() const noexcept {
        return {static_cast<const std::uint8_t*>(view_.buf), static_cast<std::size_t>(view_.len)};
    }

    /// The same for memoryview.
    pybind11::buffer_info info() const {
        return {view_.buf,
                1,
                pybind11::format_descriptor<std::uint8_t>::format(),
                1,
                {view_.len},
                {1},
                view_.readonly != 0};
    }

private:
    Py_buffer view_{};
};

} // namespace weightless::bindings
