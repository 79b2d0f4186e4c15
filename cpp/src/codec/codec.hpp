// Predictor and arithmetic coder for one block after another. The model keeps its state from block
// to block; the payload of each block is an arithmetic-coded stream of its own.
#pragma once

#include "fixed/failure.hpp"
#include "fixed/lazy_zeros.hpp"
#include "fixed/recycling.hpp"
#include "model/observer.hpp"
#include "model/parameters.hpp"
#include "model/predictor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace weightless::codec {

/// Thrown for a payload that the encoder does not produce from the present state.
class CorruptPayload : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Called every kTickBytes with the number of bytes of the block done so far. It may throw, which
/// ends the call and leaves the codec in an unusable state.
using Tick = std::function<void(std::size_t)>;
inline constexpr std::size_t kTickBytes = 2048;

/// Up to about this many bytes, coding touches so few pages of the largest tables that zeroing huge
/// pages for them would take more time than they save.
inline constexpr std::size_t kBrief = 256;

/// A state of a codec that other codecs start from and return to. It never changes, so that any
/// number of codecs, in any threads, may share it.
using Snapshot = std::shared_ptr<const model::Predictor>;

class Codec {
public:
    /// The most bytes of memory that the state of a codec with these parameters takes after
    /// `content` bytes. Does not create one, because parameters from an archive are untrusted.
    static std::uint64_t memory_for(const model::Parameters& parameters,
                                    std::uint64_t content = 0) {
        return model::Predictor::memory_for(parameters, content);
    }

    /// brief: about kBrief bytes or fewer will be coded, so no huge pages are used; if there are
    /// more bytes, coding is slower, with the same result.
    /// Throws std::invalid_argument for parameters out of range.
    explicit Codec(const model::Parameters& parameters, bool brief = false) {
        build(parameters, brief);
    }
    /// In the state of a snapshot, to which revert() returns.
    explicit Codec(Snapshot snapshot)
        : predictor_(std::make_unique<model::Predictor>(*snapshot)),
          snapshot_(std::move(snapshot)) {}
    Codec(const Codec& other)
        : predictor_(std::make_unique<model::Predictor>(other.predictor())),
          snapshot_(other.snapshot_) {}
    Codec& operator=(const Codec&) = delete;

    /// Makes a snapshot of the state without a copy: the codec has no state afterwards, and every
    /// other call throws.
    Snapshot freeze() {
        predictor().set_threads(1);
        observe(nullptr);
        snapshot_ = nullptr;
        return std::move(predictor_);
    }
    /// Returns to the state of the codec's snapshot, also after an exception. It takes time in
    /// proportion to what has been coded since the last time, except for small tables; the first
    /// time everything is copied. Throws std::logic_error without a snapshot.
    void revert();

    /// Returns to the initial state in the same memory, which is cheaper than creating another
    /// codec. If it throws (std::bad_alloc), the codec has no state, and every other call throws.
    void reset(bool brief = false) {
        const model::Parameters parameters = predictor().parameters();
        const fixed::Recycling recycling;
        snapshot_ = nullptr;
        observer_ = nullptr;
        present_ = nullptr;
        predictor_.reset();
        build(parameters, brief);
    }

    /// Encodes a block of any length; returns its payload.
    std::vector<std::uint8_t> encode(std::span<const std::uint8_t> data, const Tick& tick = {});

    /// Decodes a block of `raw_size` bytes. Throws CorruptPayload as soon as more is read than the
    /// payload contains, so that time and memory are bounded by its size and by raw_size. After an
    /// exception the codec is unusable; copies made before remain valid.
    std::vector<std::uint8_t> decode(std::span<const std::uint8_t> payload, std::size_t raw_size,
                                     const Tick& tick = {});

    /// Does the same, for builds without exceptions: replaces `data` by what has been decoded, and
    /// returns what is wrong with the payload, or nullptr.
    const char* decode(std::span<const std::uint8_t> payload, std::size_t raw_size,
                       std::vector<std::uint8_t>& data, const Tick& tick = {});

    /// Updates the model with the bytes of a plain block.
    void absorb(std::span<const std::uint8_t> data, const Tick& tick = {});

    /// Takes the bytes of a block that was skipped: nothing is learnt from them, but later matches
    /// find them.
    void skip(std::span<const std::uint8_t> data) { predictor().skip(data); }
    /// Whether matches may find some of these bytes in the history: long ones are found.
    bool find_any(std::span<const std::uint8_t> data) const { return predictor().find_any(data); }

    /// Shows what follows to an observer, until reset() or freeze(); null: to none. It changes no
    /// result. If the observer wants the likeliest values of bytes, a second predictor is kept.
    void observe(std::shared_ptr<model::Observer> observer) {
        predictor().set_observer(observer.get());
        observer_ = std::move(observer);
    }
    /// The likeliest values of the next byte, the likeliest first; fewer if many attempts at
    /// finding them have not sufficed. The state does not change.
    std::vector<model::LikelyByte> likeliest(int count);
    /// The `count` bytes that follow if every bit is the likelier one. The state does not change.
    std::vector<std::uint8_t> continuation(int count);

    /// The probability of each decision and bit of the next bytes, Q22, if they were these. The
    /// state does not change.
    std::vector<std::uint32_t> chances(std::span<const std::uint8_t> data);
    /// A codec that has only the network, in its present state. Throws std::logic_error without
    /// one.
    std::unique_ptr<Codec> network_alone() const {
        return std::unique_ptr<Codec>(new Codec(predictor().network_alone()));
    }

    /// All layouts of mixing's inputs (model/observer.hpp).
    std::vector<model::InputLayout> layouts() const { return predictor().layouts(); }
    /// The number of bytes that context mixing was trained with; the others were copied or skipped.
    std::uint64_t trained() const { return predictor().trained(); }

    /// Sets the number of threads; results do not depend on it.
    void set_threads(int threads) { predictor().set_threads(threads); }

    const model::Parameters& parameters() const { return predictor().parameters(); }
    std::size_t memory() const { return predictor().memory(); }

private:
    explicit Codec(std::unique_ptr<model::Predictor> predictor)
        : predictor_(std::move(predictor)) {}
    void build(const model::Parameters& parameters, bool brief) {
        const fixed::BriefUse use(brief);
        predictor_ = std::make_unique<model::Predictor>(parameters);
    }

    model::Predictor& predictor() {
        if (!predictor_) {
            fixed::fail<std::logic_error>(
                "the codec has no state: it was frozen, or a reset ran out of memory");
        }
        return *predictor_;
    }
    const model::Predictor& predictor() const { return const_cast<Codec&>(*this).predictor(); }

    // Keeps the present state, and calls `work`, which may use the predictor, then returns to it.
    template <typename Work> void without_change(Work work);
    bool observed() const noexcept { return model::kObservable && observer_; }
    // Shows the likeliest values of the next byte and a continuation, if they are wanted.
    void show_thoughts();
    // Passes bytes that are all known, and calls coded for each bit.
    template <typename Coded, typename Done>
    void pass(std::span<const std::uint8_t> data, Coded coded, Done done);

    std::unique_ptr<model::Predictor> predictor_;
    Snapshot snapshot_;
    std::shared_ptr<model::Observer> observer_;
    std::unique_ptr<model::Predictor> present_; // the state to return to in without_change()
};

} // namespace weightless::codec
