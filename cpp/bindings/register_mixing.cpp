// The parts that mixing is made of, one by one, for tests.
#include "register.hpp"

#include "fixed/logistic.hpp"
#include "model/mixing/bit_history.hpp"
#include "model/mixing/history_table.hpp"

#include <pybind11/numpy.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

using I32 = py::array_t<std::int32_t, py::array::c_style>;
using U32 = py::array_t<std::uint32_t, py::array::c_style>;

py::array_t<std::uint32_t> squash(const I32& x) {
    py::array_t<std::uint32_t> p(x.size());
    for (py::ssize_t i = 0; i < x.size(); ++i) {
        p.mutable_data()[i] = fixed::Logistic::get().squash(x.data()[i]);
    }
    return p;
}

py::array_t<std::int16_t> stretch(const U32& p) {
    py::array_t<std::int16_t> x(p.size());
    for (py::ssize_t i = 0; i < p.size(); ++i) {
        if (p.data()[i] < 1 || p.data()[i] >= 1u << 22) {
            throw py::value_error("a probability is in 1..2^22 - 1");
        }
        x.mutable_data()[i] = fixed::Logistic::get().stretch(p.data()[i]);
    }
    return x;
}

py::array_t<std::int32_t> bit_histories() {
    const model::BitHistory& table = model::BitHistory::get();
    const int states = table.states();
    py::array_t<std::int32_t> rows({states, 4});
    auto cells = rows.mutable_unchecked<2>();
    for (int i = 0; i < states; ++i) {
        const auto state = static_cast<std::uint8_t>(i);
        cells(i, 0) = table.zeros(state);
        cells(i, 1) = table.ones(state);
        cells(i, 2) = table.next(state, 0);
        cells(i, 3) = table.next(state, 1);
    }
    return rows;
}

} // namespace

void register_mixing(py::module_& module) {
    using model::HistoryTable;

    module.def("squash", squash, py::arg("x"));
    module.def("stretch", stretch, py::arg("p"));
    module.def("bit_histories", bit_histories);

    py::class_<HistoryTable>(module, "HistoryTable", "The hash table of bit histories.")
        .def(py::init([](int bits) {
                 if (bits < 16 || bits > 30) {
                     throw py::value_error("bits are in 16..30");
                 }
                 return std::make_unique<HistoryTable>(bits);
             }),
             py::arg("bits"))
        .def(
            "find",
            [](HistoryTable& self, std::uint32_t hash) {
                // In this order: a slot that is not found is made.
                const std::uint8_t* slot = self.find(hash);
                return static_cast<std::size_t>(slot - self.begin());
            },
            py::arg("hash"))
        .def_property_readonly("bytes", [](const py::object& self) {
            auto& table = self.cast<HistoryTable&>();
            return py::array_t<std::uint8_t>(static_cast<py::ssize_t>(table.memory()),
                                             table.begin(), self);
        });
}

} // namespace weightless::bindings
