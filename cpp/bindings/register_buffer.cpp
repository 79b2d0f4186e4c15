#include "register.hpp"

#include "buffer.hpp"
#include "made.hpp"

namespace py = pybind11;

namespace weightless::bindings {

void register_buffer(py::module_& module) {
    class_of<ByteView>(module, "ByteView", "The bytes of any contiguous buffer, for memoryview.",
                       py::buffer_protocol())
        .def(py::init([](const py::object& buffer, bool writable) {
                 return make<ByteView>(buffer, writable);
             }),
             py::arg("buffer"), py::arg("writable") = false)
        .def_buffer([](Made<ByteView>& self) { return self.info(); });
}

} // namespace weightless::bindings
