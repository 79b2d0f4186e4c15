#include "register.hpp"

#include "gil.hpp"
#include "made.hpp"
#include "model/network/network.hpp"
#include "one_at_a_time.hpp"
#include "parameters.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

using model::Network;
using model::TensorView;

// A network with the gradients of its last segment, if they are recorded.
struct SharedNetwork {
    SharedNetwork(const model::Parameters& parameters, const kernels::Kernels& kernels)
        : network(parameters, kernels), full(parameters.gates == 1), memory(network.memory()) {}
    // A copy does not record gradients, because the gradient sink refers to the original.
    SharedNetwork(const SharedNetwork& other)
        : network(other.network), full(other.full), memory(other.memory) {
        network.set_gradient_sink(nullptr);
    }
    SharedNetwork& operator=(const SharedNetwork&) = delete;

    struct Gradient {
        std::vector<std::int32_t> mantissa;
        std::vector<std::int32_t> exponent; // real = mantissa 2^-exponent
    };
    Network network;
    bool full;          // full gates
    std::size_t memory; // constant, so that it can be read during a call
    OneAtATime alone;
    std::map<std::string, Gradient> gradients;
};
using MadeNetwork = Made<SharedNetwork>;

// A copy of a tensor, which is converted to an array after the call, with the GIL held.
struct Table {
    std::string name;
    py::ssize_t rows; // 1: a vector
    py::ssize_t columns;
    std::vector<std::int32_t> cells;

    py::array_t<std::int32_t> array() const {
        return rows == 1 ? py::array_t<std::int32_t>(columns, cells.data())
                         : py::array_t<std::int32_t>({rows, columns}, cells.data());
    }
};

Table copy_of(const TensorView& view) {
    Table table{view.name, view.rows, view.columns, {}};
    for (std::ptrdiff_t r = 0; r < view.rows; ++r) {
        const std::int32_t* row = view.data + r * view.stride;
        table.cells.insert(table.cells.end(), row, row + view.columns);
    }
    return table;
}

template <typename T> py::array_t<T> array_of(const std::vector<T>& values) {
    return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

std::unique_ptr<MadeNetwork> copy(MadeNetwork& self) {
    return self.alone([&] { return make<SharedNetwork>(self); });
}

TensorView tensor(Network& network, const std::string& name) {
    for (const TensorView& view : network.tensors()) {
        if (view.name == name) {
            return view;
        }
    }
    throw py::key_error(name);
}

void record(SharedNetwork& self, bool on) {
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
            SharedNetwork::Gradient& g = self.gradients[name];
            const auto width = static_cast<std::size_t>(columns);
            g.mantissa.resize(static_cast<std::size_t>(rows) * width);
            g.exponent.resize(width);
            for (std::size_t i = 0; i < width; ++i) {
                g.mantissa[static_cast<std::size_t>(row) * width + i] = mantissa[i];
                g.exponent[i] = 35 - exponent[i] - offset;
            }
        });
}

// Converts an array of any shape to values within +-limit. Throws for larger values, from which
// an update could exceed the range of its arithmetic.
template <typename T>
std::vector<T> within(const py::array_t<std::int64_t, py::array::c_style>& values,
                      std::int64_t limit, const std::string& name) {
    std::vector<T> out;
    for (py::ssize_t i = 0; i < values.size(); ++i) {
        const std::int64_t value = values.data()[i];
        if (value < -limit || value > limit) {
            throw py::value_error(name + " must be within +-" + std::to_string(limit) + ", got " +
                                  std::to_string(value));
        }
        out.push_back(static_cast<T>(value));
    }
    return out;
}

template <typename T>
void assign(std::span<T> out, const std::vector<T>& values, const std::string& name) {
    if (values.size() != out.size()) {
        throw py::value_error(name + " must have " + std::to_string(out.size()) + " entries, got " +
                              std::to_string(values.size()));
    }
    std::copy(values.begin(), values.end(), out.begin());
}

py::array_t<std::uint32_t> predict(MadeNetwork& self) {
    std::array<std::uint32_t, 256> p{};
    self.alone([&] {
        const auto now = self.network.predict();
        std::copy(now.begin(), now.end(), p.begin());
    });
    return py::array_t<std::uint32_t>(256, p.data());
}

void update(MadeNetwork& self, int byte) {
    if (byte < 0 || byte > 255) {
        throw py::value_error("byte must be in [0, 255], got " + std::to_string(byte));
    }
    self.alone([&] {
        for (auto& entry : self.gradients) {
            // Rows that the segment does not use have a gradient of 0.
            std::fill(entry.second.mantissa.begin(), entry.second.mantissa.end(), 0);
        }
        self.network.update(static_cast<std::uint8_t>(byte));
    });
}

py::dict tensors(MadeNetwork& self) {
    const auto tables = self.alone([&] {
        std::vector<Table> all;
        for (const TensorView& view : self.network.tensors()) {
            all.push_back(copy_of(view));
        }
        return all;
    });
    py::dict all;
    for (const Table& table : tables) {
        all[py::str(table.name)] = table.array();
    }
    return all;
}

void set_tensor(MadeNetwork& self, const std::string& name,
                const py::array_t<std::int32_t, py::array::c_style>& values) {
    const std::int32_t* from = values.data();
    const py::ssize_t size = values.size();
    self.alone([&] {
        const TensorView view = tensor(self.network, name);
        if (size != py::ssize_t{view.rows} * view.columns) {
            throw py::value_error(name + ": wrong number of values");
        }
        // Weights are clamped to the range of their working copies.
        const bool recurrent = name.ends_with("recurrent");
        const std::int32_t limit = recurrent ? model::kRecurrentFormat.limit
                                             : (name == "output.weight" ? model::kOutputFormat.limit
                                                                        : model::kVectorLimit);
        for (int r = 0; r < view.rows; ++r) {
            for (int c = 0; c < view.columns; ++c) {
                view.data[std::ptrdiff_t{r} * view.stride + c] = std::clamp(*from++, -limit, limit);
            }
        }
        self.network.refresh();
    });
}

py::dict gradients(MadeNetwork& self) {
    struct Kept {
        Table mantissa;
        std::vector<std::int32_t> exponent;
    };
    const auto kept = self.alone([&] {
        std::vector<Kept> all;
        for (const TensorView& view : self.network.tensors()) {
            const auto found = self.gradients.find(view.name);
            if (found != self.gradients.end()) {
                all.push_back({{view.name, view.rows, view.columns, found->second.mantissa},
                               found->second.exponent});
            }
        }
        return all;
    });
    py::dict all;
    for (const Kept& one : kept) {
        all[py::str(one.mantissa.name)] =
            py::make_tuple(one.mantissa.array(), array_of(one.exponent));
    }
    return all;
}

std::string layer_name(int layer) { return "layer" + std::to_string(layer); }

py::dict state(MadeNetwork& self) {
    std::vector<std::vector<std::int16_t>> hidden;
    std::vector<std::vector<std::int32_t>> cells;
    self.alone([&] {
        for (int l = 0; l < self.network.layers(); ++l) {
            const auto h = self.network.hidden(l);
            const auto c = self.network.cell(l);
            hidden.emplace_back(h.begin(), h.end());
            cells.emplace_back(c.begin(), c.end());
        }
    });
    py::dict all;
    for (std::size_t l = 0; l < hidden.size(); ++l) {
        const std::string name = layer_name(static_cast<int>(l));
        all[py::str(name + ".h")] = array_of(hidden[l]);
        all[py::str(name + ".c")] = array_of(cells[l]);
    }
    return all;
}

void set_state(MadeNetwork& self, const std::string& name,
               const py::array_t<std::int64_t, py::array::c_style>& values) {
    if (name == "segments") {
        // A frame has less than 2^63 bytes, and a segment at least two.
        const auto segments = within<std::int64_t>(values, std::int64_t{1} << 62, name);
        if (segments.size() != 1 || segments.front() < 0) {
            throw py::value_error("segments must be one number >= 0");
        }
        self.alone(
            [&] { self.network.set_segments(static_cast<std::uint64_t>(segments.front())); });
        return;
    }
    for (int l = 0; l < self.network.layers(); ++l) {
        if (name == layer_name(l) + ".h") {
            const auto h = within<std::int16_t>(values, 1 << 11, name);
            self.alone([&] { assign(self.network.hidden(l), h, name); });
            return;
        }
        if (name == layer_name(l) + ".c") {
            // docs/network.md: c is within +-16 with full gates and within +-1 with coupled gates,
            // whose cell states are weighted means.
            const auto c = within<std::int32_t>(values, self.full ? 16 << 24 : 1 << 24, name);
            self.alone([&] { assign(self.network.cell(l), c, name); });
            return;
        }
    }
    throw py::key_error(name);
}

} // namespace

void register_network(py::module_& module) {
    class_of<SharedNetwork>(module, "Network", "The LSTM on its own, one byte at a time.")
        .def(py::init([](const std::vector<std::int32_t>& values, const std::string& target) {
                 const auto parameters = to_parameters(values);
                 const kernels::Kernels* kernels =
                     target.empty() ? &kernels::active() : kernels::find(target);
                 if (kernels == nullptr) {
                     throw py::value_error("target " + target + " is not available here");
                 }
                 const ReleasedGil released;
                 return make<SharedNetwork>(parameters, *kernels);
             }),
             py::arg("parameters"), py::arg("target") = "")
        .def("predict", predict)
        .def("update", update, py::arg("byte"))
        .def("tensors", tensors)
        .def("set_tensor", set_tensor, py::arg("name"), py::arg("values"))
        .def(
            "record_gradients",
            [](MadeNetwork& self, bool on) { self.alone([&] { record(self, on); }); },
            py::arg("on") = true)
        .def("gradients", gradients)
        .def("state", state)
        .def("set_state", set_state, py::arg("name"), py::arg("values"))
        .def("copy", copy)
        .def("__copy__", copy)
        .def(
            "__deepcopy__", [](MadeNetwork& self, const py::object&) { return copy(self); },
            py::arg("memo"))
        .def_property_readonly("memory", [](const MadeNetwork& self) { return self.memory; });

    module.def(
        "targets",
        [] {
            std::vector<std::string> names;
            for (const kernels::Kernels* kernels : kernels::available()) {
                names.emplace_back(kernels->name);
            }
            return names;
        },
        "Return the names of the targets that this machine can execute, best last.");
    module.def(
        "target", [] { return std::string(kernels::active().name); },
        "Return the name of the target in use.");
}

} // namespace weightless::bindings
