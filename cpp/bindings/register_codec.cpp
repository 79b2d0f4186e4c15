#include "register.hpp"

#include "buffer.hpp"
#include "codec/codec.hpp"
#include "codec/random_bytes.hpp"
#include "gil.hpp"
#include "made.hpp"
#include "one_at_a_time.hpp"
#include "parameters.hpp"
#include "to_bytes.hpp"
#include "trace.hpp"

#include <pybind11/stl.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

struct SharedCodec {
    SharedCodec(const model::Parameters& parameters, bool brief)
        : codec(parameters, brief), memory(codec.memory()) {}
    explicit SharedCodec(const codec::Snapshot& snapshot)
        : codec(snapshot), memory(codec.memory()) {}
    explicit SharedCodec(const codec::Codec& other) : codec(other), memory(codec.memory()) {}
    SharedCodec(const SharedCodec& other)
        : codec(other.codec), memory(other.memory), threads(other.threads) {}
    SharedCodec& operator=(const SharedCodec&) = delete;

    codec::Codec codec;
    std::size_t memory; // constant, so that it can be read during a call
    OneAtATime alone;
    int threads = 1;
    std::shared_ptr<explain::Trace> trace;
};
using MadeCodec = Made<SharedCodec>;

struct SharedSnapshot {
    explicit SharedSnapshot(codec::Snapshot taken) : state(std::move(taken)) {}

    codec::Snapshot state;
};
using MadeSnapshot = Made<SharedSnapshot>;

// The use of a codec by one call. The codec's threads exist only during the call: after a fork
// between two calls, the codec in the child process does not wait for threads that only the parent
// has.
class Call {
public:
    explicit Call(SharedCodec& shared) : shared_(shared) {
        if (shared_.trace) {
            recording_ = std::unique_lock(shared_.trace->recording);
        }
        if (shared_.threads > 1) {
            try {
                shared_.codec.set_threads(shared_.threads);
            } catch (const std::system_error&) {
                // The system cannot create a thread; the codec works with one.
            }
        }
    }
    ~Call() {
        if (shared_.threads > 1) {
            shared_.codec.set_threads(1);
        }
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

private:
    SharedCodec& shared_;
    std::unique_lock<std::mutex> recording_;
};

std::unique_ptr<MadeCodec> copy(MadeCodec& self) {
    return self.alone([&] { return make<SharedCodec>(self); });
}

// Returns the function that the codec calls at intervals, with the GIL released: it runs Python's
// signal handlers (Ctrl-C during a block that takes many seconds) and reports progress.
codec::Tick make_tick(const py::object& progress) {
    // A borrowed reference: the arguments outlive the call, and reference counts must not be
    // changed without the GIL.
    const py::handle report = progress.is_none() ? py::handle() : py::handle(progress);
    return [report](std::size_t done) {
        const TakenGil taken;
        stop_if_ended([&] {
            if (PyErr_CheckSignals() != 0) {
                throw py::error_already_set();
            }
            if (report) {
                report(done);
            }
        });
    };
}

} // namespace

void register_codec(py::module_& module) {
    module.attr("BRIEF") = codec::kBrief;
    module.def(
        "look_random",
        [](const py::object& data) {
            const ByteView view(data);
            const ReleasedGil released;
            return codec::look_random(view.bytes());
        },
        py::arg("data"));
    py::register_exception<codec::CorruptPayload>(module, "CorruptPayload", PyExc_ValueError);

    class_of<SharedSnapshot>(module, "Snapshot", "A state that codecs start from and return to.")
        .def("codec", [](const MadeSnapshot& self) {
            const ReleasedGil released;
            return make<SharedCodec>(self.state);
        });

    class_of<SharedCodec>(module, "Codec",
                          "Predictor and arithmetic coder for one block after another.")
        .def(py::init([](const std::vector<std::int32_t>& values, bool brief) {
                 const auto parameters = to_parameters(values);
                 const ReleasedGil released;
                 return make<SharedCodec>(parameters, brief);
             }),
             py::arg("parameters"), py::arg("brief") = false)
        .def(
            "reset",
            [](MadeCodec& self, bool brief) {
                self.alone([&] {
                    self.codec.reset(brief);
                    self.trace = nullptr;
                });
            },
            py::arg("brief") = false)
        .def("freeze",
             [](MadeCodec& self) {
                 return make<SharedSnapshot>(self.alone([&] { return self.codec.freeze(); }));
             })
        .def("revert", [](MadeCodec& self) { self.alone([&] { self.codec.revert(); }); })
        .def(
            "encode",
            [](MadeCodec& self, const py::object& data, const py::object& progress) {
                const ByteView view(data);
                const auto tick = make_tick(progress);
                return to_bytes(self.alone([&] {
                    const Call call(self);
                    return self.codec.encode(view.bytes(), tick);
                }));
            },
            py::arg("data"), py::arg("progress") = py::none())
        .def(
            "decode",
            [](MadeCodec& self, const py::object& payload, std::size_t raw_size,
               const py::object& progress) {
                const ByteView view(payload);
                const auto tick = make_tick(progress);
                return to_bytes(self.alone([&] {
                    const Call call(self);
                    return self.codec.decode(view.bytes(), raw_size, tick);
                }));
            },
            py::arg("payload"), py::arg("raw_size"), py::arg("progress") = py::none())
        .def(
            "absorb",
            [](MadeCodec& self, const py::object& data, const py::object& progress) {
                const ByteView view(data);
                const auto tick = make_tick(progress);
                self.alone([&] {
                    const Call call(self);
                    self.codec.absorb(view.bytes(), tick);
                });
            },
            py::arg("data"), py::arg("progress") = py::none())
        .def(
            "skip",
            [](MadeCodec& self, const py::object& data) {
                const ByteView view(data);
                self.alone([&] { self.codec.skip(view.bytes()); });
            },
            py::arg("data"))
        .def(
            "find_any",
            [](MadeCodec& self, const py::object& data) {
                const ByteView view(data);
                return self.alone([&] { return self.codec.find_any(view.bytes()); });
            },
            py::arg("data"))
        .def("trained",
             [](MadeCodec& self) { return self.alone([&] { return self.codec.trained(); }); })
        .def_static(
            "memory_for",
            [](const std::vector<std::int32_t>& values, std::uint64_t content) {
                return codec::Codec::memory_for(to_parameters(values), content);
            },
            py::arg("parameters"), py::arg("content") = 0)
        .def(
            "observe",
            [](MadeCodec& self, const MadeTrace* trace) {
                const auto observer = trace != nullptr ? trace->trace : nullptr;
                self.alone([&] {
                    if (observer) {
                        const std::lock_guard recording(observer->recording);
                        observer->begin(self.codec.layouts());
                    }
                    self.codec.observe(observer);
                    self.trace = observer;
                });
            },
            py::arg("trace").none(true))
        .def(
            "likeliest",
            [](MadeCodec& self, int count) {
                const auto values = self.alone([&] { return self.codec.likeliest(count); });
                py::list all;
                for (const model::LikelyByte& value : values) {
                    all.append(py::make_tuple(value.byte, value.p / static_cast<double>(1 << 30)));
                }
                return all;
            },
            py::arg("count"))
        .def(
            "cost",
            [](MadeCodec& self, const py::object& data) {
                const ByteView view(data);
                const auto chances = self.alone([&] { return self.codec.chances(view.bytes()); });
                double bits = 0;
                for (const std::uint32_t p : chances) {
                    bits -= std::log2(static_cast<double>(p) / (1 << 22));
                }
                return bits;
            },
            py::arg("data"))
        .def("network_alone",
             [](MadeCodec& self) {
                 return self.alone([&] { return make<SharedCodec>(*self.codec.network_alone()); });
             })
        .def(
            "continuation",
            [](MadeCodec& self, int count) {
                return to_bytes(self.alone([&] { return self.codec.continuation(count); }));
            },
            py::arg("count"))
        .def(
            "set_threads",
            [](MadeCodec& self, int threads) { self.alone([&] { self.threads = threads; }); },
            py::arg("threads"))
        .def("copy", copy)
        .def("__copy__", copy)
        .def(
            "__deepcopy__", [](MadeCodec& self, const py::object&) { return copy(self); },
            py::arg("memo"))
        .def_property_readonly("memory", [](const MadeCodec& self) { return self.memory; });
}

} // namespace weightless::bindings
