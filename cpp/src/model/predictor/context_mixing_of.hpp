// Context mixing by a recipe: the context models, and the mixing of their predictions, bit by bit.
#pragma once

#include "fixed/small.hpp"
#include "kernels/kernels.hpp"
#include "model/history/coding_cost.hpp"
#include "model/mixing/bit_mixer.hpp"
#include "model/network/network_walk.hpp"
#include "model/predictor/context_mixing.hpp"
#include "model/predictor/context_models.hpp"
#include "model/predictor/input_names.hpp"
#include "model/threads/pass_ahead.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weightless::model {

template <class R> class ContextMixingOf final : public ContextMixing {
public:
    using Features = typename ContextModels<R>::Features;

    explicit ContextMixingOf(const Parameters& parameters,
                             const kernels::Kernels& kernels = kernels::active())
        : models_(parameters), mixer_(kernels) {}
    ContextMixingOf(const ContextMixingOf& other)
        : ContextMixing(other), models_(other.models_), mixer_(other.mixer_),
          features_(other.features_), cost_(other.cost_), p_(other.p_) {
        models_.rebase(other.models_);
    }
    ContextMixingOf& operator=(const ContextMixingOf&) = delete;
    std::unique_ptr<ContextMixing> copy() const override {
        return std::make_unique<ContextMixingOf>(*this);
    }
    void assign(const ContextMixing& other) override {
        const auto& same = static_cast<const ContextMixingOf&>(other);
        if constexpr (fixed::kSmall) {
            // Without the code of all members' assignments, at the price of copying everything.
            std::destroy_at(this);
            std::construct_at(this, same);
        } else {
            models_ = same.models_;
            mixer_ = same.mixer_;
            features_ = same.features_;
            cost_ = same.cost_;
            p_ = same.p_;
            models_.rebase(same.models_);
        }
    }

    std::uint32_t predict(std::uint32_t network_p) override {
        models_.select(features_, network_p);
        mixer_.prefetch(features_);
        models_.complete(features_);
        p_ = mixer_.predict(features_);
        return p_;
    }
    void update(unsigned bit) override {
        cost_.add(bit, p_, features_.byte.cost);
        models_.update(bit, cost_);
        mixer_.prefetch(models_.apm());
        // Training runs while memory is being prefetched.
        mixer_.train(bit);
        models_.look_up();
    }

    std::size_t pass(std::span<const std::uint8_t> data, NetworkWalk* network,
                     BitSink coded) override {
        std::size_t taken = 0;
        while (taken < data.size() && (taken == 0 || !copying())) {
            take(data[taken++], network, coded);
        }
        return taken;
    }
    std::size_t pass_ahead(std::span<const std::uint8_t> data, NetworkWalk* network,
                           BitSink coded) override {
        return model::pass_ahead(network, *this, data, coded);
    }

    bool copying() const noexcept override { return models_.copying().now(); }
    std::uint8_t copied() const noexcept override { return models_.copied(); }
    std::uint32_t predict_copy() const noexcept override { return models_.copying().p(); }
    void update_copy(bool hit, NetworkWalk* network) override {
        if (hit) {
            models_.copying().hit();
            if (models_.copying().waiting() == Copying::kMostWaiting) {
                models_.catch_up(kRetraced, cost_);
            }
            return;
        }
        retrace(network);
        models_.copying().miss();
    }

    void skip(std::span<const std::uint8_t> data) override {
        models_.catch_up(0, cost_);
        models_.skip(data, cost_);
    }
    bool find_any(std::span<const std::uint8_t> data) const noexcept override {
        return models_.find_any(data);
    }

    std::uint64_t trained() const noexcept override { return models_.trained(); }

    // predict() and update() in two halves, for two threads (threads/read_ahead.hpp). The thread of
    // the context models, which knows the data, calls these:

    void compute_features(Features& features, std::uint32_t network_p) {
        models_.select(features, network_p);
        models_.complete(features);
    }
    /// If reads_cost() is true, all train() calls up to this bit's must have returned; otherwise
    /// training may lag behind.
    void advance(unsigned bit) {
        models_.update(bit, cost_);
        models_.look_up();
    }
    bool reads_cost() const noexcept { return models_.reads_cost(); }

    // The thread of mixing calls these:

    void prefetch(const Features& features) const noexcept {
        mixer_.prefetch(features.apm);
        mixer_.prefetch(features);
    }
    std::uint32_t mix(const Features& features) { return mixer_.predict(features); }
    /// p: the result of mix() for these features.
    void train(const Features& features, std::uint32_t p, unsigned bit) {
        cost_.add(bit, p, features.byte.cost);
        mixer_.train(bit);
    }

    MixingView view() const override {
        MixingView view;
        if constexpr (kObservable) {
            view = mixer_.view(features_);
            view.layout = layout();
        }
        return view;
    }
    MatchView match() const override { return models_.match(); }
    int layout() const override { return 2 * models_.kind() + (models_.text() ? 1 : 0); }
    std::vector<InputLayout> layouts() const override {
        std::vector<InputLayout> layouts;
        if constexpr (kObservable) {
            for (int kind = 0; kind <= static_cast<int>(R::Structures::kSize); ++kind) {
                layouts.push_back(InputNames<R>::of(kind, false));
                layouts.push_back(InputNames<R>::of(kind, true));
            }
        }
        return layouts;
    }

    std::uint8_t shift() const noexcept override { return models_.shift(); }

    std::size_t memory() const noexcept override {
        return models_.memory() + mixer_.memory() + sizeof features_ + sizeof cost_;
    }
    /// The most that it takes after `content` bytes, without constructing an object.
    static std::uint64_t memory_for(const Parameters& parameters, std::uint64_t content) {
        return ContextModels<R>::memory_for(parameters, content) +
               BitMixer<typename ContextModels<R>::Shape>::memory_for() + sizeof(Features) +
               sizeof(CodingCost);
    }

private:
    // The last bytes that were copied are learnt from, so that the network and the mixers know what
    // preceded the next one.
    static constexpr std::uint64_t kRetraced = 32;

    template <typename Coded>
    void take(std::uint8_t byte, NetworkWalk* network, const Coded& coded) {
        const auto symbol = static_cast<std::uint8_t>(byte + models_.shift());
        for (int i = 7; i >= 0; --i) {
            const unsigned bit = (symbol >> i) & 1u;
            if constexpr (R::kNetwork) {
                coded(bit, predict(network->predict()));
                update(bit);
                network->update(bit);
            } else {
                static_cast<void>(network);
                coded(bit, predict(0));
                update(bit);
            }
        }
    }
    void retrace(NetworkWalk* network) {
        models_.catch_up(kRetraced, cost_);
        while (models_.copying().waiting() != 0) {
            take(models_.waiting(), network, [](unsigned, std::uint32_t) {});
        }
    }

    // The two halves share no cache line.
    ContextModels<R> models_;
    alignas(64) BitMixer<typename ContextModels<R>::Shape> mixer_;
    alignas(64) Features features_; // used when there is one thread
    CodingCost cost_;
    std::uint32_t p_ = 1u << 21;
};

template <class R>
inline constexpr ContextMixingKind kContextMixingKind{
    [](const Parameters& parameters) -> std::unique_ptr<ContextMixing> {
        return std::make_unique<ContextMixingOf<R>>(parameters);
    },
    [](const Parameters& parameters, std::uint64_t content) {
        return ContextMixingOf<R>::memory_for(parameters, content);
    }};

} // namespace weightless::model
