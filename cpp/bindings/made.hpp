// Objects of Python that are never without what their constructor makes.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <memory>
#include <utility>

namespace weightless::bindings {

/// A T as Python sees it, made by make() alone.
///
/// Of an object whose constructor did not run (`Codec.__new__(Codec)`), or failed, pybind11
/// asks operator new for room when a method is called, and hands the method what is in there.
/// This one refuses.
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

/// Registers T under `name`. Its state can be copied where it has a copy(), but not pickled;
/// said at once, and not only when the pickle is loaded.
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
