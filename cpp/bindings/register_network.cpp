#include "register.hpp"

#include "model/network/network.hpp"
#include "parameters.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

using model::Network;
using model::TensorView;

// A network, a lock for threads, and (when asked for) the last segment's gradients.
struct LockedNetwork {
    LockedNetwork(const model::Parameters& parameters, const kernels::Kernels& kernels)
        : network(parameters, kernels) {}
    // A copy records no gradients: the original's sink is bound to the original.
    LockedNetwork(const LockedNetwork& other) : network(other.network) {
        network.set_gradient_sink(nullptr);
    }
    LockedNetwork& operator=(const LockedNetwork&) = delete;

    struct Gradient {
        std::vector<std::int32_t> mantissa;
        std::vector<std::int32_t> exponent; // real = mantissa 2^-exponent
    };
    Network network;
    std::mutex mutex;
    std::map<std::string, Gradient> gradients;
};

bool is_vector(const TensorView& view) { return view.rows == 1; }

py::array_t<std::int32_t> to_array(const TensorView& view) {
    py::array_t<std::int32_t> out({view.rows, view.columns});
    auto cells = out.mutable_unchecked<2>();
    for (py::ssize_t r = 0; r < view.rows; ++r) {
        for (py::ssize_t c = 0; c < view.columns; ++c) {
            cells(r, c) = view.data[r * view.stride + c];
        }
    }
    return is_vector(view) ? out.reshape({view.columns}) : out;
}

TensorView tensor(Network& network, const std::string& name) {
    for (const TensorView& view : network.tensors()) {
        if (view.name == name) {
            return view;
        }
    }
    throw py::key_error(name);
}

void record(LockedNetwork& self, bool on) {
    if (!on) {
        self.network.set_gradient_sink(nullptr);
        self.gradients.clear();
        return;
    }
    std::map<std::string, std::pair<int, int>> shapes;
    for (const TensorView& view : self.network.tensors()) {
        shapes[view.name] = {view.rows, view.columns};
    }
    self.network.set_gradient_sink(
        [&self, shapes](const std::string& name, int row, std::span<const std::int32_t> mantissa,
                        std::span<const std::int32_t> exponent, int offset) {
            const auto [rows, columns] = shapes.at(name);
            LockedNetwork::Gradient& g = self.gradients[name];
            const auto width = static_cast<std::size_t>(columns);
            g.mantissa.resize(static_cast<std::size_t>(rows) * width);
            g.exponent.resize(width);
            for (std::size_t i = 0; i < width; ++i) {
                g.mantissa[static_cast<std::size_t>(row) * width + i] = mantissa[i];
                g.exponent[i] = 35 - exponent[i] - offset;
            }
        });
}

template <typename T>
void assign(std::span<T> out, const py::array_t<T, py::array::c_style>& values,
            const std::string& name) {
    if (values.size() != static_cast<py::ssize_t>(out.size())) {
        throw py::value_error(name + " has " + std::to_string(out.size()) + " entries, got " +
                              std::to_string(values.size()));
    }
    std::copy_n(values.data(), out.size(), out.begin());
}

} // namespace

void register_network(py::module_& module) {
    py::class_<LockedNetwork>(module, "Network", "The LSTM alone, a byte at a time.")
        .def(py::init([](const std::vector<std::int32_t>& values, const std::string& target) {
                 const auto parameters = to_parameters(values);
                 const kernels::Kernels* kernels =
                     target.empty() ? &kernels::active() : kernels::find(target);
                 if (kernels == nullptr) {
                     throw py::value_error("target " + target + " is not available here");
                 }
                 return std::make_unique<LockedNetwork>(parameters, *kernels);
             }),
             py::arg("parameters"), py::arg("target") = "")
        .def("predict",
             [](LockedNetwork& self) {
                 const std::lock_guard lock(self.mutex);
                 const auto p = self.network.predict();
                 return py::array_t<std::uint32_t>(256, p.data());
             })
        .def(
            "update",
            [](LockedNetwork& self, int byte) {
                if (byte < 0 || byte > 255) {
                    throw py::value_error("a byte is in 0..255, got " + std::to_string(byte));
                }
                const std::lock_guard lock(self.mutex);
                for (auto& entry : self.gradients) {
                    // Rows that the segment does not touch have no gradient.
                    std::fill(entry.second.mantissa.begin(), entry.second.mantissa.end(), 0);
                }
                self.network.update(static_cast<std::uint8_t>(byte));
            },
            py::arg("byte"))
        .def("tensors",
             [](LockedNetwork& self) {
                 const std::lock_guard lock(self.mutex);
                 py::dict all;
                 for (const TensorView& view : self.network.tensors()) {
                     all[py::str(view.name)] = to_array(view);
                 }
                 return all;
             })
        .def(
            "set_tensor",
            [](LockedNetwork& self, const std::string& name,
               const py::array_t<std::int32_t, py::array::c_style>& values) {
                const std::lock_guard lock(self.mutex);
                const TensorView view = tensor(self.network, name);
                if (values.size() != py::ssize_t{view.rows} * view.columns) {
                    throw py::value_error(name + " has another shape");
                }
                // No weight may be past what its working copy holds.
                const bool recurrent = name.ends_with("recurrent");
                const std::int32_t limit =
                    recurrent ? model::kRecurrentFormat.limit
                              : (name == "output.weight" ? model::kOutputFormat.limit
                                                         : model::kVectorLimit);
                const std::int32_t* from = values.data();
                for (int r = 0; r < view.rows; ++r) {
                    for (int c = 0; c < view.columns; ++c) {
                        view.data[std::ptrdiff_t{r} * view.stride + c] =
                            std::clamp(*from++, -limit, limit);
                    }
                }
                self.network.refresh();
            },
            py::arg("name"), py::arg("values"))
        .def(
            "record_gradients",
            [](LockedNetwork& self, bool on) {
                const std::lock_guard lock(self.mutex);
                record(self, on);
            },
            py::arg("on") = true)
        .def("gradients",
             [](LockedNetwork& self) {
                 const std::lock_guard lock(self.mutex);
                 py::dict all;
                 for (const TensorView& view : self.network.tensors()) {
                     const auto found = self.gradients.find(view.name);
                     if (found == self.gradients.end()) {
                         continue;
                     }
                     const auto& g = found->second;
                     py::array_t<std::int32_t> mantissa(static_cast<py::ssize_t>(g.mantissa.size()),
                                                        g.mantissa.data());
                     py::array_t<std::int32_t> exponent(static_cast<py::ssize_t>(g.exponent.size()),
                                                        g.exponent.data());
                     py::object shaped = mantissa;
                     if (!is_vector(view)) {
                         shaped = mantissa.reshape({view.rows, view.columns});
                     }
                     all[py::str(view.name)] = py::make_tuple(shaped, exponent);
                 }
                 return all;
             })
        .def("state",
             [](LockedNetwork& self) {
                 const std::lock_guard lock(self.mutex);
                 py::dict all;
                 for (int l = 0; l < self.network.layers(); ++l) {
                     const std::string name = "layer" + std::to_string(l);
                     const auto h = self.network.hidden(l);
                     const auto c = self.network.cell(l);
                     all[py::str(name + ".h")] =
                         py::array_t<std::int16_t>(static_cast<py::ssize_t>(h.size()), h.data());
                     all[py::str(name + ".c")] =
                         py::array_t<std::int32_t>(static_cast<py::ssize_t>(c.size()), c.data());
                 }
                 return all;
             })
        .def(
            "set_state",
            [](LockedNetwork& self, const std::string& name, const py::array& values) {
                const std::lock_guard lock(self.mutex);
                for (int l = 0; l < self.network.layers(); ++l) {
                    const std::string layer = "layer" + std::to_string(l);
                    if (name == layer + ".h") {
                        assign(self.network.hidden(l),
                               py::array_t<std::int16_t, py::array::c_style>(values), name);
                        return;
                    }
                    if (name == layer + ".c") {
                        assign(self.network.cell(l),
                               py::array_t<std::int32_t, py::array::c_style>(values), name);
                        return;
                    }
                }
                throw py::key_error(name);
            },
            py::arg("name"), py::arg("values"))
        .def("copy",
             [](LockedNetwork& self) {
                 const std::lock_guard lock(self.mutex);
                 return std::make_unique<LockedNetwork>(self);
             })
        .def_property_readonly("memory", [](LockedNetwork& self) { return self.network.memory(); });

    module.def(
        "targets",
        [] {
            std::vector<std::string> names;
            for (const kernels::Kernels* kernels : kernels::available()) {
                names.emplace_back(kernels->name);
            }
            return names;
        },
        "Instruction sets that this machine can run, best last.");
    module.def(
        "target", [] { return std::string(kernels::active().name); },
        "The instruction set in use.");
}

} // namespace weightless::bindings
