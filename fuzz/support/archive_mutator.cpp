// Makes libFuzzer change archives by mutate() and cross(), and by its own means now and then.
#include "support/mutate.hpp"

#include <algorithm>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

std::size_t put(const weightless::fuzz::Bytes& from, std::uint8_t* to) {
    std::copy(from.begin(), from.end(), to);
    return from.size();
}

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
    if (seed % 16 == 0 || size > most) {
        return LLVMFuzzerMutate(data, size, most);
    }
    return put(weightless::fuzz::mutate({data, size}, most, seed), data);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size,
                                                 const std::uint8_t* b, std::size_t b_size,
                                                 std::uint8_t* out, std::size_t most,
                                                 unsigned seed) {
    return put(weightless::fuzz::cross({a, a_size}, {b, b_size}, most, seed), out);
}
