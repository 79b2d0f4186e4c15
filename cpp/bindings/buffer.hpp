// A view of any contiguous Python buffer as bytes.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <span>

namespace weightless::bindings {

/// Holds the buffer during its lifetime, so that the GIL may be released. Construct and destroy
/// it with the GIL held.
class ByteView {
public:
    /// Throws the Python exception of PyObject_GetBuffer (BufferError, TypeError).
    explicit ByteView(const pybind11::object& object, bool writable = false) {
        // The format is not requested, because numpy has none for some of its types.
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

    /// The same bytes as a buffer that memoryview accepts.
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
