// The interface of context mixing, whatever its recipe: the context models and the mixing of their
// predictions and of the network's. context_mixing_of.hpp implements it.
#pragma once

#include "fixed/small.hpp"
#include "model/network/network_walk.hpp"
#include "model/observer.hpp"
#include "model/parameters.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weightless::model {

/// Whether there may be observers: what they are shown takes much code.
inline constexpr bool kObservable = !fixed::kSmall;

/// Called for each bit with P(1), Q22; a plain reference to a callable, which must outlive it.
class BitSink {
public:
    template <typename F>
    explicit BitSink(F& f)
        : f_(&f), call_([](void* callable, unsigned bit, std::uint32_t p) {
              (*static_cast<F*>(callable))(bit, p);
          }) {}
    void operator()(unsigned bit, std::uint32_t p) const { call_(f_, bit, p); }

private:
    void* f_;
    void (*call_)(void*, unsigned, std::uint32_t);
};

class ContextMixing {
public:
    virtual ~ContextMixing() = default;
    virtual std::unique_ptr<ContextMixing> copy() const = 0;
    /// Takes the state of another one, of the same recipe and size, in the same memory.
    virtual void assign(const ContextMixing& other) = 0;

    /// P(next bit = 1), Q22, in [1, 2^22 - 1]; must be called once for each bit. network_p: the
    /// network's prediction, Q22; ignored without a network.
    virtual std::uint32_t predict(std::uint32_t network_p) = 0;
    /// Takes the actual bit.
    virtual void update(unsigned bit) = 0;

    /// Takes bytes that are all known, the first of them at least, until copying() is true, and
    /// updates the network with them, too; calls coded for each bit of their symbols. network: null
    /// for a recipe without one. Returns the number of bytes taken.
    virtual std::size_t pass(std::span<const std::uint8_t> data, NetworkWalk* network,
                             BitSink coded) = 0;
    /// The same on two threads. Returns 0, with nothing done, if no thread can be started.
    virtual std::size_t pass_ahead(std::span<const std::uint8_t> data, NetworkWalk* network,
                                   BitSink coded) = 0;

    /// Between two bytes: whether the next byte is coded by a decision, whether it is copied(),
    /// before its bits or in place of them (history/copying.hpp).
    virtual bool copying() const noexcept = 0;
    virtual std::uint8_t copied() const noexcept = 0;
    /// P(the next byte is copied()), Q22, in [1, 2^22 - 1].
    virtual std::uint32_t predict_copy() const noexcept = 0;
    /// Takes the decision. If the byte is another one, it must be passed to predict() and update()
    /// next.
    virtual void update_copy(bool hit, NetworkWalk* network) = 0;

    /// Between two bytes: takes bytes of which nothing is learnt, except that matches find them.
    virtual void skip(std::span<const std::uint8_t> data) = 0;
    /// Whether some 32 of these bytes are in the history, as far as a sparse table knows.
    virtual bool find_any(std::span<const std::uint8_t> data) const noexcept = 0;

    /// The number of bytes that the model was trained with; the others were copied or skipped.
    virtual std::uint64_t trained() const noexcept = 0;

    // What an observer is shown (observer.hpp).

    /// How the bit that was predicted last was; valid until update().
    virtual MixingView view() const = 0;
    /// The longest match, and the index of its layout below layouts(), at the start of a byte.
    virtual MatchView match() const = 0;
    virtual int layout() const = 0;
    /// All layouts that the first layer's inputs may have.
    virtual std::vector<InputLayout> layouts() const = 0;

    /// The symbol whose bits are predicted is the next byte plus this, mod 256.
    virtual std::uint8_t shift() const noexcept = 0;
    /// Bytes of memory, assuming that all pages of all tables are in use.
    virtual std::size_t memory() const noexcept = 0;

protected:
    ContextMixing() = default;
    ContextMixing(const ContextMixing&) = default;
    ContextMixing& operator=(const ContextMixing&) = delete;
};

/// The factory for one recipe.
struct ContextMixingKind {
    std::unique_ptr<ContextMixing> (*make)(const Parameters& parameters);
    /// The most bytes of memory that it takes after `content` bytes.
    std::uint64_t (*memory_for)(const Parameters& parameters, std::uint64_t content);
};
/// The kind for these parameters; `experts` must be 1 to 4.
const ContextMixingKind& context_mixing_kind(const Parameters& parameters);

} // namespace weightless::model
