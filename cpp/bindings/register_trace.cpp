#include "register.hpp"

#include "to_bytes.hpp"
#include "trace.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

template <typename T> py::array_t<T> array_of(const std::vector<T>& values) {
    return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

// Three arrays: the number of bytes, the bits by way of prediction, and the bits saved by name.
py::tuple sums_of(const std::vector<explain::Sums>& all, std::size_t names) {
    const auto n = static_cast<py::ssize_t>(all.size());
    py::array_t<std::int64_t> bytes(n);
    py::array_t<double> bits({n, static_cast<py::ssize_t>(explain::kWays)});
    py::array_t<double> saved({n, static_cast<py::ssize_t>(names)});
    auto bit = bits.mutable_unchecked<2>();
    auto save = saved.mutable_unchecked<2>();
    for (py::ssize_t i = 0; i < n; ++i) {
        const explain::Sums& sums = all[static_cast<std::size_t>(i)];
        bytes.mutable_data()[i] = static_cast<std::int64_t>(sums.bytes);
        for (std::size_t k = 0; k < explain::kWays; ++k) {
            bit(i, static_cast<py::ssize_t>(k)) = sums.bits[k];
        }
        for (std::size_t k = 0; k < names; ++k) {
            save(i, static_cast<py::ssize_t>(k)) = k < sums.saved.size() ? sums.saved[k] : 0;
        }
    }
    return py::make_tuple(bytes, bits, saved);
}

py::dict arrays(const MadeTrace& self) {
    explain::Trace& trace = *self.trace;
    const std::unique_lock recording(trace.recording, std::try_to_lock);
    if (!recording) {
        throw std::runtime_error("a codec is recording this trace");
    }
    trace.sum_up();
    py::dict all;
    all["bits"] = array_of(trace.bits[explain::kWhole]);
    all["mixed_bits"] = array_of(trace.bits[explain::kMixed]);
    all["network_bits"] = array_of(trace.bits[explain::kNetwork]);
    all["bytes"] = array_of(trace.bytes);
    all["kinds"] = array_of(trace.kinds);
    all["ranks"] = array_of(trace.ranks);
    all["match_lengths"] = array_of(trace.match_lengths);
    all["match_places"] = array_of(trace.match_places);
    all["digests"] = array_of(trace.digests);
    all["kind_names"] = trace.kind_names;
    all["input_names"] = trace.input_names;
    all["segments"] = sums_of(trace.segments, trace.input_names.size());
    all["by_kind"] = sums_of(trace.by_kind, trace.input_names.size());
    const auto width = static_cast<py::ssize_t>(trace.width);
    all["hidden"] = py::array_t<std::int16_t>(
        {width == 0 ? py::ssize_t{0} : static_cast<py::ssize_t>(trace.hidden.size()) / width,
         width},
        trace.hidden.data());
    all["probed"] = array_of(trace.probed);
    const auto probed = static_cast<py::ssize_t>(trace.probed.size());
    const auto values = static_cast<py::ssize_t>(trace.plan().values);
    py::array_t<std::uint8_t> bytes({probed, values});
    py::array_t<double> probabilities({probed, values});
    for (std::size_t i = 0; i < trace.likely.size(); ++i) {
        bytes.mutable_data()[i] = trace.likely[i].byte;
        probabilities.mutable_data()[i] = trace.likely[i].p / static_cast<double>(1 << 30);
    }
    all["likely_bytes"] = bytes;
    all["likely_p"] = probabilities;
    all["pondered"] = array_of(trace.pondered);
    py::list continuations;
    for (const std::vector<std::uint8_t>& text : trace.continuations) {
        continuations.append(to_bytes(text));
    }
    all["continuations"] = continuations;
    return all;
}

} // namespace

void register_trace(py::module_& module) {
    class_of<SharedTrace>(module, "Trace", "What a codec that it observes predicts, and why.")
        .def(py::init([](std::uint64_t segment, std::uint64_t width, std::uint64_t period,
                         std::uint64_t probe, int values, std::uint64_t ponder, int length,
                         bool costs_only, bool digests) {
                 if (segment == 0 || period == 0 || values < 1 || values > 256 || length < 1 ||
                     length > 4096) {
                     throw py::value_error("segment and period must be at least 1, values in "
                                           "1..256, and length in 1..4096");
                 }
                 return make<SharedTrace>(explain::Plan{segment, width, period, probe, values,
                                                        ponder, length, costs_only, digests});
             }),
             py::kw_only(), py::arg("segment"), py::arg("width"), py::arg("period"),
             py::arg("probe"), py::arg("values") = 5, py::arg("ponder") = 0, py::arg("length") = 48,
             py::arg("costs_only") = false, py::arg("digests") = false)
        .def("arrays", arrays)
        .def_property_readonly("position",
                               [](const MadeTrace& self) { return self.trace->position(); });
}

} // namespace weightless::bindings
