#include "container/limits.hpp"

#include "codec/codec.hpp"

#include <algorithm>

namespace weightless::container {
namespace {

constexpr std::uint64_t kExperts[] = {0, 50'000, 120'000, 220'000, 500'000};
constexpr std::uint64_t kNetwork = 25'000;
constexpr std::uint64_t kWeight = 3;
constexpr std::uint64_t kUpdate = 24;
constexpr std::uint64_t kNgram = 2'000;
constexpr std::uint64_t kBuild = 4;            // times the cost of a reset
constexpr std::uint64_t kAllowance = 1u << 14; // bytes credited in advance

std::uint64_t operations_per_byte(const model::Parameters& p) {
    std::uint64_t operations = kExperts[p.experts];
    if (p.width != 0) {
        const auto width = static_cast<std::uint64_t>(p.width);
        const auto layers = static_cast<std::uint64_t>(p.layers);
        const std::uint64_t rows = (p.gates != 0 ? 4 : 3) * width;
        const std::uint64_t weights = rows * width * (2 * layers - 1) + 256 * width * layers;
        operations += kNetwork + weights * kWeight +
                      weights * kUpdate / static_cast<std::uint64_t>(p.horizon);
        operations +=
            kNgram * static_cast<std::uint64_t>(std::max(0, p.ngrams - 1) + p.ngram_words);
    }
    return operations;
}

std::string with_commas(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i != 0 && (digits.size() - i) % 3 == 0) {
            text += ',';
        }
        text += digits[i];
    }
    return text;
}

Error too_dear(const std::string& what, std::uint64_t needed, std::uint64_t limit) {
    return {kCostLimit, what + with_commas(needed) + " operations per byte, but the limit is " +
                            with_commas(limit)};
}

} // namespace

std::string human_size(std::uint64_t size) {
    static constexpr const char* kUnits[] = {" B", " KiB", " MiB", " GiB", " TiB"};
    int unit = 0;
    while (unit < 4 && size >> (10 * unit) >= 1000) {
        ++unit;
    }
    if (unit == 0) {
        return std::to_string(size) + kUnits[0];
    }
    const std::uint64_t one = std::uint64_t{1} << (10 * unit);
    const std::uint64_t whole = size / one;
    const std::uint64_t scale = whole < 10 ? 100 : 10;
    // Halves are rounded to even, as Python does.
    const std::uint64_t part = size % one * scale;
    std::uint64_t digits = whole * scale + part / one;
    if (part % one * 2 > one || (part % one * 2 == one && digits % 2 != 0)) {
        ++digits;
    }
    std::string fraction = std::to_string(digits % scale);
    fraction.insert(0, (scale == 100 ? 2 : 1) - fraction.size(), '0');
    return std::to_string(digits / scale) + "." + fraction + kUnits[unit];
}

std::string human_size(std::uint64_t size, std::uint64_t beside) {
    std::string text = human_size(size);
    return text != human_size(beside) ? text : std::to_string(size) + " bytes";
}

std::uint64_t model_memory(const model::Parameters& parameters, std::uint64_t content) {
    // Beyond some size of content nothing grows; in between it is rounded up.
    constexpr std::uint64_t kMost = std::uint64_t{1} << 33;
    constexpr std::uint64_t kChunk = 1u << 16;
    return codec::Codec::memory_for(parameters,
                                    content == 0 ? 0 : std::min(content, kMost) | (kChunk - 1));
}

std::uint64_t frame_memory(const FrameHeader& header, std::uint64_t content) {
    const std::uint64_t kept = header.kept ? content : 0;
    if (!header.prior) {
        return model_memory(header.parameters, content) + kept;
    }
    const std::uint64_t size = header.prior->size;
    return model_memory(header.parameters, size) + model_memory(header.parameters, size + content) +
           size + kept;
}

Error check_memory(const char* what, std::uint64_t needed, std::uint64_t limit) {
    if (needed <= limit) {
        return {};
    }
    return {kMemoryLimit, std::string(what) + " needs " + human_size(needed, limit) +
                              " of memory, but the limit is " + human_size(limit, needed)};
}

Error Budget::check(const FrameHeader& header) const {
    const std::uint64_t needed = operations_per_byte(header.parameters);
    return needed <= limit_ ? Error{} : too_dear("decoding needs ", needed, limit_);
}

std::uint64_t Budget::start_primed(const FrameHeader& header, bool given) {
    const auto known = std::find_if(primed_.begin(), primed_.end(), [&](const Primed& primed) {
        return primed.prior == *header.prior;
    });
    const bool again = known != primed_.end() && equal(known->parameters, header.parameters);
    if (known == primed_.end() && !given) {
        granted_ += header.prior->size; // of content that has been decoded, read once more
    }
    if (!again) {
        spent_ += operations_per_byte(header.parameters) * header.prior->size;
    }
    if (known != primed_.end()) {
        primed_.erase(known);
    } else if (primed_.size() == 2) {
        primed_.erase(primed_.begin());
    }
    primed_.push_back({*header.prior, header.parameters});
    return again ? 1 : kBuild;
}

Error Budget::start(const FrameHeader& header, std::uint64_t seen, bool given) {
    std::uint64_t times = kBuild;
    if (header.prior) {
        times = start_primed(header, given);
    } else {
        times = last_ && equal(*last_, header.parameters) ? 1 : kBuild;
        last_.reset();
        if (!header.kept) {
            last_ = header.parameters;
        }
    }
    spent_ += model_memory(header.parameters, 0) * times;
    const std::uint64_t bytes = seen + kAllowance + granted_;
    if (spent_ / limit_ < bytes) {
        return {};
    }
    const std::uint64_t needed = spent_ / bytes + (spent_ % bytes != 0 ? 1 : 0);
    return needed <= limit_ ? Error{} : too_dear("so many small frames need ", needed, limit_);
}

} // namespace weightless::container
