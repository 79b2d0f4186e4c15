// Prints the values of each parameter set, in the order in which headers have them.
#include "container/parameter_sets.hpp"

#include <cstdio>

int main() {
    using namespace weightless;
    static_assert(container::kLevels < container::kSets);
    for (int id = 1; id <= container::kSets; ++id) {
        const model::Parameters parameters = container::parameter_set(id);
        std::printf("%d", id);
        for (const auto& field : model::kFields) {
            std::printf(" %d", static_cast<int>(parameters.*field.member));
        }
        std::printf("\n");
    }
}
