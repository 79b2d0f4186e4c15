// What this build was made of, for reports of errors.
#include "register.hpp"

#include "kernels/kernels.hpp"
#include "provenance.hpp"

#include <pybind11/stl.h>

namespace py = pybind11;

namespace weightless::bindings {

void register_provenance(py::module_& module) {
    module.attr("COMMIT") = kCommit;
    module.attr("COMPILER") = kCompiler;
    module.attr("PLATFORM") = kPlatform;
    module.def("compiled_targets", &kernels::compiled,
               "Return the names of all targets in this build, whether or not this machine can "
               "execute them.");
}

} // namespace weightless::bindings
