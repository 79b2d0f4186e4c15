// Limits of memory and time, checked before either is spent (docs/format.md, "Cost of decoding").
#pragma once

#include "container/error.hpp"
#include "container/frame_header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weightless::container {

/// A size in three or four digits and a binary unit, or in bytes where that hides the difference to
/// another size.
std::string human_size(std::uint64_t size);
std::string human_size(std::uint64_t size, std::uint64_t beside);

/// The most bytes that a model with these parameters takes for so much content.
std::uint64_t model_memory(const model::Parameters& parameters, std::uint64_t content);
/// The most that decoding a frame takes, whose content has that size as far as it is known: with a
/// prior that prior, and a second model for the state after it; the content if it is kept.
std::uint64_t frame_memory(const FrameHeader& header, std::uint64_t content);

/// An error if `needed` bytes are more than the limit; `what` takes them.
Error check_memory(const char* what, std::uint64_t needed, std::uint64_t limit);

/// The operations that an archive takes, compared with the limit for each byte of it.
class Budget {
public:
    static constexpr std::uint64_t kDefault = std::uint64_t{1} << 25;

    explicit Budget(std::uint64_t limit = kDefault) : limit_(limit) {}

    /// A prior of that size has been given: reading it is allowed for.
    void give(std::uint64_t size) { granted_ += size; }
    /// The cost of each byte of a frame.
    Error check(const FrameHeader& header) const;
    /// The cost of starting the model of a frame, after so many bytes of archive and content.
    /// given: whether its prior, if any, is the one that was given.
    Error start(const FrameHeader& header, std::uint64_t seen, bool given);

private:
    struct Primed {
        PriorName prior;
        model::Parameters parameters;
    };
    std::uint64_t start_primed(const FrameHeader& header, bool given);

    std::uint64_t limit_;
    std::uint64_t granted_ = 0; // bytes, besides those of the archive and of its content
    std::uint64_t spent_ = 0;
    std::optional<model::Parameters> last_; // of the last model without a prior
    std::vector<Primed> primed_;            // the models of the two priors used last
};

} // namespace weightless::container
