// Parameters from Python, given as a sequence of integers in the order of FIELDS.
#pragma once

#include "model/parameters.hpp"

#include <cstdint>
#include <vector>

namespace weightless::bindings {

/// Throws std::invalid_argument for a wrong count or a value out of range.
inline model::Parameters to_parameters(const std::vector<std::int32_t>& values) {
    if (values.size() != model::kFields.size()) {
        throw std::invalid_argument("expected " + std::to_string(model::kFields.size()) +
                                    " parameters, got " + std::to_string(values.size()));
    }
    model::Parameters parameters;
    for (std::size_t i = 0; i < values.size(); ++i) {
        parameters.*model::kFields[i].member = values[i];
    }
    model::validate(parameters);
    return parameters;
}

} // namespace weightless::bindings
