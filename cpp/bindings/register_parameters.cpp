#include "register.hpp"

#include "model/parameters.hpp"
#include "parameters.hpp"

#include <pybind11/stl.h>

namespace py = pybind11;

namespace weightless::bindings {

void register_parameters(py::module_& module) {
    // (name, default, smallest, largest value) of each parameter, in the order of the header.
    py::list fields;
    const model::Parameters defaults;
    for (const model::Field& field : model::kFields) {
        fields.append(py::make_tuple(field.name, defaults.*field.member, field.low, field.high));
    }
    module.attr("FIELDS") = py::tuple(fields);
    module.def(
        "validate",
        [](const std::vector<std::int32_t>& values) { static_cast<void>(to_parameters(values)); },
        py::arg("parameters"),
        "Raise ValueError for a value out of range or a combination that is not allowed.");
}

} // namespace weightless::bindings
