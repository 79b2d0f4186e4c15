// Python objects whose methods cannot be called unless their constructor has completed.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <memory>
#include <utility>

namespace weightless::bindings {

/// A T that is exposed to Python; only make() creates it.
///
/// If a method is called on an object whose constructor did not run (`Codec.__new__(Codec)`) or
/// failed, pybind11 allocates memory with operator new and passes it to the method uninitialised.
/// This operator new throws an exception instead.
template <typename T> struct Made : T {
    using T::T;
    static void* operator new(std::size_t) {
        throw pybind11::type_error("the object's constructor did not run, or failed");
    }
};

template <typename T, typename... Arguments>
std::unique_ptr<Made<T>> make(Arguments&&... arguments) {
    return std::unique_ptr<Made<T>>(::new Made<T>(std::forward<Arguments>(arguments)...));
}

/// Registers T under `name`. Pickling raises TypeError at once, rather than when the pickle is
/// loaded; copying is possible if the class defines copy().
template <typename T, typename... Extra>
pybind11::class_<Made<T>> class_of(pybind11::module_& module, const char* name, const char* doc,
                                   const Extra&... extra) {
    pybind11::class_<Made<T>> type(module, name, doc, extra...);
    type.def("__reduce_ex__", [name](const pybind11::object&, int) -> pybind11::object {
        throw pybind11::type_error(std::string("cannot pickle '") + name + "' object");
    });
    return type;
}

} // namespace weightless::bindings
