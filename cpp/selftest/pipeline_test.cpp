#include "pipeline_test.hpp"

#if !defined(WEIGHTLESS_NO_THREADS)
#include "model/threads/pipeline.hpp"

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>
#endif

namespace weightless::selftest {

#if defined(WEIGHTLESS_NO_THREADS)
bool pipeline_works() { return true; }
#else
bool pipeline_works() {
    constexpr std::size_t n = 20000;
    using Outcome =
        std::pair<std::size_t, bool>; // number of items taken, and whether an error followed
    const auto pass = [](std::size_t stop_after, std::size_t fail_after) {
        model::Pipeline<std::size_t> line;
        std::thread maker([&] {
            std::exception_ptr error;
            try {
                for (std::size_t i = 0; i < n; ++i) {
                    if (i == fail_after) {
                        throw std::length_error("the producer failed");
                    }
                    line.next() = i;
                    if (!line.push() || (i % 997 == 0 && !line.drain())) {
                        break;
                    }
                }
            } catch (...) {
                error = std::current_exception();
            }
            line.close(error);
        });
        std::size_t taken = 0;
        bool failed = false;
        try {
            while (const std::size_t* item = line.front()) {
                const std::size_t* second = line.second();
                if (*item != taken || (second != nullptr && *second != taken + 1)) {
                    break;
                }
                line.pop();
                if (++taken == stop_after) {
                    break;
                }
            }
        } catch (const std::length_error&) {
            failed = true;
        }
        line.stop();
        maker.join();
        return Outcome(taken, failed);
    };
    return pass(n + 1, n) == Outcome(n, false) && pass(1500, n) == Outcome(1500, false) &&
           pass(n + 1, 1234) == Outcome(1234, true) && pass(n + 1, 0) == Outcome(0, true);
}
#endif

} // namespace weightless::selftest
