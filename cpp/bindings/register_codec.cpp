#include "register.hpp"

#include "buffer.hpp"
#include "codec/codec.hpp"
#include "parameters.hpp"

#include <pybind11/stl.h>

#include <memory>
#include <mutex>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

// A lock beside each codec: the GIL is released while it works, so two threads may call.
struct LockedCodec {
    explicit LockedCodec(const model::Parameters& parameters) : codec(parameters) {}
    explicit LockedCodec(const codec::Codec& other) : codec(other) {}
    codec::Codec codec;
    std::mutex mutex;
};

py::bytes to_bytes(const std::vector<std::uint8_t>& data) {
    return py::bytes(reinterpret_cast<const char*>(data.data()), data.size());
}

} // namespace

void register_codec(py::module_& module) {
    py::register_exception<codec::CorruptPayload>(module, "CorruptPayload", PyExc_ValueError);

    py::class_<LockedCodec>(module, "Codec", "Predictor and coder over one block at a time.")
        .def(py::init([](const std::vector<std::int32_t>& values) {
                 const auto parameters = to_parameters(values);
                 const py::gil_scoped_release release;
                 return std::make_unique<LockedCodec>(parameters);
             }),
             py::arg("parameters"))
        .def(
            "encode",
            [](LockedCodec& self, const py::object& data) {
                const ByteView view(data);
                std::vector<std::uint8_t> payload;
                {
                    const py::gil_scoped_release release;
                    const std::lock_guard lock(self.mutex);
                    payload = self.codec.encode(view.bytes());
                }
                return to_bytes(payload);
            },
            py::arg("data"))
        .def(
            "decode",
            [](LockedCodec& self, const py::object& payload, std::size_t raw_size) {
                const ByteView view(payload);
                std::vector<std::uint8_t> data;
                {
                    const py::gil_scoped_release release;
                    const std::lock_guard lock(self.mutex);
                    data = self.codec.decode(view.bytes(), raw_size);
                }
                return to_bytes(data);
            },
            py::arg("payload"), py::arg("raw_size"))
        .def(
            "absorb",
            [](LockedCodec& self, const py::object& data) {
                const ByteView view(data);
                const py::gil_scoped_release release;
                const std::lock_guard lock(self.mutex);
                self.codec.absorb(view.bytes());
            },
            py::arg("data"))
        .def("copy",
             [](LockedCodec& self) {
                 const py::gil_scoped_release release;
                 const std::lock_guard lock(self.mutex);
                 return std::make_unique<LockedCodec>(self.codec);
             })
        .def_property_readonly("memory", [](LockedCodec& self) { return self.codec.memory(); });
}

} // namespace weightless::bindings
