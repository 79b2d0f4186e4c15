// Compares an APM stage for brief use, whose rows stand in the order of their first training, with
// one whose rows stand in the order of contexts. Prints the number of predictions that differ, and
// how many pages of memory the first 700 updates of either took.
#include "fixed/lazy_zeros.hpp"
#include "model/mixing/apm_stage.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>

#if defined(__linux__)
#include <sys/resource.h>
#endif

using namespace weightless;

namespace {

constexpr std::size_t kContexts = 65536;

long faults() {
#if defined(__linux__)
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used.ru_minflt;
#else
    return 0;
#endif
}

model::ApmStage stage(bool brief) {
    const fixed::BriefUse use(brief);
    return model::ApmStage(kContexts, 1023);
}

class Random {
public:
    std::uint32_t next() {
        state_ = state_ * 1664525u + 1013904223u;
        return state_ >> 8;
    }

private:
    std::uint32_t state_ = 1;
};

long pages(bool brief) {
    model::ApmStage apm = stage(brief);
    Random random;
    const long before = faults();
    for (int i = 0; i < 700; ++i) {
        apm.predict(0, random.next() % kContexts);
        apm.update(i & 1);
    }
    return faults() - before;
}

} // namespace

int main() {
    model::ApmStage usual = stage(false);
    model::ApmStage brief = stage(true);
    std::optional<model::ApmStage> copy; // of the brief one before its rows move
    Random random;
    long different = 0;
    const auto compare = [&](model::ApmStage& one, model::ApmStage& other, int bits) {
        for (int i = 0; i < bits; ++i) {
            const std::size_t context = random.next() % (i % 2 == 0 ? 300 : kContexts);
            const std::int32_t x = static_cast<std::int32_t>(random.next() % 20000) - 10000;
            different += one.predict(x, context) != other.predict(x, context);
            if (i % 3 != 0) { // a prediction need not be followed by training
                const unsigned bit = random.next() & 1;
                one.update(bit);
                other.update(bit);
            }
        }
    };
    compare(usual, brief, 3000);
    copy.emplace(brief);
    const model::ApmStage usual_then = usual;
    compare(usual, brief, 20000); // more contexts than there are places
    usual = usual_then;
    brief = *copy; // back to few rows
    compare(usual, brief, 20000);
    usual = usual_then;
    compare(usual, *copy, 20000);
    std::printf("%ld %ld\n", different, pages(true));
}
