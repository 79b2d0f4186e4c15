// The claim of a structure's expert that data are its own. It compares what their bytes would cost
// by the expert's predictions alone with what was paid for them, and, while the expert is the one
// that was chosen, what was paid with what other experts, its rivals, would take alone.
#pragma once

#include "model/history/coding_cost.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// All costs are bits, Q16.
template <std::size_t rivals> class Claim {
public:
    /// What the latest byte would have cost by each rival; kNever if it is not active.
    using Rivals = std::array<std::uint32_t, rivals>;
    static constexpr std::uint32_t kNever = 32u << 16;

    enum class Verdict : std::uint8_t {
        open,
        wrong, // the data are something else
        right, // another structure was chosen, but the expert's predictions are better
    };

    /// While the expert is chosen, for each bit. p: P(bit = 1) by its predictions, Q22.
    void add(unsigned bit, std::uint32_t p) noexcept {
        alone_.add(bit, p, CodingCost::Wanted::all);
        chosen_now_ = true;
    }
    /// Whether add() was called for the latest byte.
    bool chosen() const noexcept { return chosen_now_; }
    /// After each byte. alone: what it would have cost, if the expert was not chosen, which counts
    /// only if it was not for the whole window: copied bytes have no cost to compare it with.
    void end_byte(std::uint32_t alone, const Rivals& costs) noexcept {
        chosen_ += chosen_now_ ? 1 : 0;
        unchosen_ += chosen_now_ ? 0 : alone;
        chosen_now_ = false;
        for (std::size_t i = 0; i < rivals; ++i) {
            by_rivals_[i] += costs[i];
        }
        ++seen_;
    }
    /// Whether the next byte is the last of a window.
    bool ends() const noexcept { return seen_ + 1 == kWindow; }
    /// At a window's end, with what it cost.
    Verdict judge(std::uint32_t paid) noexcept {
        const std::int64_t most_by_rival = windows_ < kYoung ? kDecisive * 4 : kDecisive;
        windows_ = std::min(windows_ + 1, kYoung);
        const std::int64_t alone = alone_.take().all() + (chosen_ == 0 ? unchosen_ : 0);
        // Where both cost little, nothing is lost; where nothing was paid, the data were copied.
        const std::int64_t fair = std::int64_t{paid} * 5 / 4 + (kWindow << 14);
        if (paid != 0) {
            debt_ = std::max<std::int64_t>(debt_ + alone - fair, 0);
        }
        bool worse = debt_ > kMost;
        for (std::size_t i = 0; i < rivals; ++i) {
            if (chosen_ == kWindow) {
                rival_debts_[i] = grown(rival_debts_[i], paid - by_rivals_[i]);
            }
            worse = worse || rival_debts_[i] > most_by_rival;
        }
        credit_ = chosen_ == 0 && paid != 0 ? grown(credit_, paid - alone) : 0;
        by_rivals_ = {};
        unchosen_ = 0;
        seen_ = chosen_ = 0;
        return worse ? Verdict::wrong : credit_ > kDecisive ? Verdict::right : Verdict::open;
    }

private:
    static constexpr std::uint32_t kWindow = 128; // bytes
    static constexpr std::int64_t kMost = std::int64_t{512} << 16;
    static constexpr std::int64_t kDecisive = std::int64_t{240} << 16;
    /// So many windows rivals, which may have learnt for longer, are not yet a fair comparison.
    static constexpr std::uint32_t kYoung = 32;

    static std::int64_t grown(std::int64_t debt, std::int64_t by) noexcept {
        return std::max<std::int64_t>(0, debt / 16 * 15 + by);
    }

    CodingCost alone_;
    std::int64_t unchosen_ = 0; // the same for bytes for which the expert was not chosen
    std::array<std::int64_t, rivals> by_rivals_{};
    std::uint32_t seen_ = 0;
    std::uint32_t windows_ = 0; // before this one, up to kYoung
    std::uint32_t chosen_ = 0;  // bytes of the window for which the expert was chosen
    bool chosen_now_ = false;
    std::int64_t debt_ = 0;
    std::array<std::int64_t, rivals> rival_debts_{};
    std::int64_t credit_ = 0; // while another structure is chosen
};

} // namespace weightless::model
