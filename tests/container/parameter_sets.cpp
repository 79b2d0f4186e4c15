// Prints the values of each parameter set of the C++ container, a line for each.
#include "container/parameter_sets.hpp"

#include <cstdio>

int main() {
    for (int id = 1; id <= weightless::container::kSets; ++id) {
        const auto parameters = weightless::container::parameter_set(id);
        for (const auto& field : weightless::model::kFields) {
            std::printf("%d ", static_cast<int>(parameters.*field.member));
        }
        std::printf("\n");
    }
}
