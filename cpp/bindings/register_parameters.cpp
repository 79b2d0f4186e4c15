#include "register.hpp"

#include "model/parameters.hpp"
#include "parameters.hpp"

#include <pybind11/stl.h>

namespace py = pybind11;

namespace weightless::bindings {

void register_parameters(py::module_& module) {
    // (name, default, low, high) of every field, in header order.
    py::list fields;
    const model::Parameters defaults;
    for (const model::Field& field : model::kFields) {
        fields.append(py::make_tuple(field.name, defaults.*field.member, field.low, field.high));
    }
    module.attr("FIELDS") = py::tuple(fields);
    module.def(
        "validate",
        [](const std::vector<std::int32_t>& values) { static_cast<void>(to_parameters(values)); },
        py::arg("parameters"), "Raises ValueError for parameters that make no predictor.");
}

} // namespace weightless::bindings
