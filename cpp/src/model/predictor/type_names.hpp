// The names of types, as the sources write them, for display only.
#pragma once

#include <string>
#include <string_view>

namespace weightless::model {

namespace type_names {

template <class T> std::string_view signature() {
#if defined(_MSC_VER) && !defined(__clang__)
    return __FUNCSIG__;
#else
    return __PRETTY_FUNCTION__;
#endif
}

inline std::string without(std::string text, std::string_view part) {
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) {
        text.erase(at, part.size());
    }
    return text;
}

} // namespace type_names

/// The name of T without namespaces: "Orders::Four".
template <class T> std::string type_name() {
    // What surrounds the name of a type is the same for all types.
    const std::string_view known = type_names::signature<int>();
    const std::string_view all = type_names::signature<T>();
    const std::size_t before = known.find("int");
    const std::size_t after = known.size() - before - 3;
    std::string name(all.substr(before, all.size() - before - after));
    for (const std::string_view part :
         {"weightless::model::", "generation0::", "class ", "struct "}) {
        name = type_names::without(std::move(name), part);
    }
    return name;
}

} // namespace weightless::model
