#include "register.hpp"

#include "buffer.hpp"
#include "codec/codec.hpp"
#include "parameters.hpp"
#include "to_bytes.hpp"

#include <pybind11/stl.h>

#include <memory>
#include <mutex>
#include <system_error>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

// A lock beside each codec: the GIL is released while it works, so two threads may call.
struct LockedCodec {
    explicit LockedCodec(const model::Parameters& parameters) : codec(parameters) {}
    LockedCodec(const LockedCodec& other) : codec(other.codec), threads(other.threads) {}
    LockedCodec& operator=(const LockedCodec&) = delete;
    codec::Codec codec;
    std::mutex mutex;
    int threads = 1;
};

// One call's use of a codec. Its threads live no longer than that: a process that forks
// between two calls takes no codec along that would wait for a thread left behind.
class Call {
public:
    explicit Call(LockedCodec& locked) : lock_(locked.mutex), locked_(locked) {
        if (locked_.threads > 1) {
            try {
                locked_.codec.set_threads(locked_.threads);
            } catch (const std::system_error&) {
                // The system gives us no thread: one will do.
            }
        }
    }
    ~Call() {
        if (locked_.threads > 1) {
            locked_.codec.set_threads(1);
        }
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

private:
    std::lock_guard<std::mutex> lock_;
    LockedCodec& locked_;
};

// Between two pieces of work: lets Python's signal handlers run (Ctrl-C during a block of
// many seconds) and reports progress. Called with the GIL released.
codec::Tick make_tick(const py::object& progress) {
    // A borrowed handle: the caller's arguments outlive the call, and a reference count
    // must not change without the GIL.
    const py::handle report = progress.is_none() ? py::handle() : py::handle(progress);
    return [report](std::size_t done) {
        const py::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) {
            throw py::error_already_set();
        }
        if (report) {
            report(done);
        }
    };
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
            [](LockedCodec& self, const py::object& data, const py::object& progress) {
                const ByteView view(data);
                const auto tick = make_tick(progress);
                std::vector<std::uint8_t> payload;
                {
                    const py::gil_scoped_release release;
                    const Call call(self);
                    payload = self.codec.encode(view.bytes(), tick);
                }
                return to_bytes(payload);
            },
            py::arg("data"), py::arg("progress") = py::none())
        .def(
            "decode",
            [](LockedCodec& self, const py::object& payload, std::size_t raw_size,
               const py::object& progress) {
                const ByteView view(payload);
                const auto tick = make_tick(progress);
                std::vector<std::uint8_t> data;
                {
                    const py::gil_scoped_release release;
                    const Call call(self);
                    data = self.codec.decode(view.bytes(), raw_size, tick);
                }
                return to_bytes(data);
            },
            py::arg("payload"), py::arg("raw_size"), py::arg("progress") = py::none())
        .def(
            "absorb",
            [](LockedCodec& self, const py::object& data, const py::object& progress) {
                const ByteView view(data);
                const auto tick = make_tick(progress);
                const py::gil_scoped_release release;
                const Call call(self);
                self.codec.absorb(view.bytes(), tick);
            },
            py::arg("data"), py::arg("progress") = py::none())
        .def_static(
            "memory_for",
            [](const std::vector<std::int32_t>& values) {
                return codec::Codec::memory_for(to_parameters(values));
            },
            py::arg("parameters"))
        .def(
            "set_threads",
            [](LockedCodec& self, int threads) {
                const py::gil_scoped_release release;
                const std::lock_guard lock(self.mutex);
                self.threads = threads;
            },
            py::arg("threads"))
        .def("copy",
             [](LockedCodec& self) {
                 const py::gil_scoped_release release;
                 const std::lock_guard lock(self.mutex);
                 return std::make_unique<LockedCodec>(self);
             })
        .def_property_readonly("memory", [](LockedCodec& self) { return self.codec.memory(); });
}

} // namespace weightless::bindings
