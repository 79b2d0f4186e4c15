#pragma once

#include <pybind11/pybind11.h>

namespace weightless::bindings {

void register_buffer(pybind11::module_& module);
void register_parameters(pybind11::module_& module);
void register_coder(pybind11::module_& module);
void register_codec(pybind11::module_& module);
void register_kernels(pybind11::module_& module);
void register_mixing(pybind11::module_& module);
void register_network(pybind11::module_& module);
void register_provenance(pybind11::module_& module);
void register_trace(pybind11::module_& module);

} // namespace weightless::bindings
