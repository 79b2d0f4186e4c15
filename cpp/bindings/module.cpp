// The extension module; the functions that register its classes are in files of their own.
#include "register.hpp"

PYBIND11_MODULE(_core, module) {
    module.doc() = "Integer-exact predictor and arithmetic coder (C++).";
    weightless::bindings::register_buffer(module);
    weightless::bindings::register_parameters(module);
    weightless::bindings::register_coder(module);
    weightless::bindings::register_trace(module); // a type in signatures of the codec
    weightless::bindings::register_codec(module);
    weightless::bindings::register_mixing(module);
    weightless::bindings::register_network(module);
    weightless::bindings::register_kernels(module);
    weightless::bindings::register_provenance(module);
}
