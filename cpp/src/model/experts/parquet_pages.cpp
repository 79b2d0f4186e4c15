#include "model/experts/parquet_pages.hpp"

#include "fixed/logistic.hpp"

namespace weightless::model {

namespace {

constexpr std::uint32_t kMagic = 0x50415231; // "PAR1"

// Types of Thrift's compact protocol.
constexpr std::uint32_t kByte = 3;
constexpr std::uint32_t kInt16 = 4;
constexpr std::uint32_t kInt64 = 6;
constexpr std::uint32_t kDouble = 7;
constexpr std::uint32_t kBinary = 8;
constexpr std::uint32_t kStruct = 12;

} // namespace

void ParquetPages::update(const RawByte& latest, const Arrays& arrays, CodingCost& cost) {
    if (active()) {
        const bool reads = reads_cost();
        claim_.end_byte(0, {arrays.active() ? arrays.cost_of(latest.value) : PageClaim::kNever});
        if (reads && claim_.judge(cost.take_pages()) == PageClaim::Verdict::wrong) {
            state_ = State::body; // these are no indices
            claim_ = {};
        }
    }
    latest4_ = latest4_ << 8 | latest.value;
    switch (state_) {
    case State::outside:
        if (latest4_ == kMagic) {
            state_ = State::field;
            fields_ = {};
            depth_ = 0;
            entries_ = 0;
            dictionary_ = 0;
        }
        return;
    case State::field:
    case State::number:
    case State::skipped:
        header(latest.value);
        break;
    default:
        --left_;
        content(latest.value);
        if (left_ == 0) {
            if (state_ == State::entries) {
                end_dictionary();
            }
            state_ = State::field;
            fields_ = {};
            depth_ = 0;
        }
    }
    if (active()) {
        prepare();
    }
}

void ParquetPages::header(std::uint8_t byte) noexcept {
    if (state_ == State::skipped) {
        state_ = --skip_ == 0 ? State::field : State::skipped;
        return;
    }
    if (state_ == State::number) {
        value_ |= std::uint64_t{byte & 127u} << shift_;
        shift_ += 7;
        if (byte < 128) {
            take_number();
        } else if (shift_ >= 63) {
            state_ = State::outside;
        }
        return;
    }
    if (byte == 0) { // the structure's end
        if (depth_ == 0) {
            begin_page();
        } else {
            --depth_;
        }
        return;
    }
    const std::uint32_t step = byte >> 4;
    type_ = byte & 15u;
    std::uint32_t& field = fields_[depth_];
    field += step;
    value_ = 0;
    shift_ = 0;
    if (step == 0 || (depth_ == 0 && field == step && byte != 0x15)) {
        state_ = State::outside; // this is no page header
    } else if (type_ == kStruct) {
        ++depth_;
        if (depth_ == kDeepest) {
            state_ = State::outside;
        } else {
            fields_[depth_] = 0;
        }
    } else if ((type_ >= kInt16 && type_ <= kInt64) || type_ == kBinary) {
        state_ = State::number;
    } else if (type_ == kByte || type_ == kDouble) {
        skip_ = type_ == kByte ? 1 : 8;
        state_ = State::skipped;
    } else if (type_ > 2) {
        state_ = State::outside; // a page header has no lists
    }
}

void ParquetPages::take_number() noexcept {
    state_ = State::field;
    if (type_ == kBinary) {
        skip_ = value_;
        state_ = skip_ == 0 ? State::field : State::skipped;
        return;
    }
    const std::uint64_t value = value_ >> 1; // none of them is negative
    const std::uint32_t field = fields_[depth_];
    if (depth_ == 0) {
        (field == 1 ? kind_ : field == 2 ? whole_ : field == 3 ? left_ : skip_) = value;
    } else if (depth_ == 1) {
        (field == 1 ? count_ : field == 2 ? encoding_ : skip_) = value;
    }
}

void ParquetPages::begin_page() {
    if (left_ == 0 || left_ >> 31 != 0 || fields_[0] < 5) {
        state_ = State::outside;
        return;
    }
    state_ = State::body;
    at_ = 0;
    value_ = 0;
    wrong_ = 0;
    if (kind_ == 2) {
        dictionary_ = count_;
        entries_ = 0;
        entry_ = 0;
        if (left_ == whole_ && count_ != 0 && count_ <= kEntries && left_ % count_ == 0 &&
            (left_ / count_ == 4 || left_ / count_ == 8)) {
            entry_ = static_cast<std::uint32_t>(left_ / count_);
            state_ = State::entries;
            entry_values_.resize(kEntries);
            rank_.resize(kEntries);
            sorted_.resize(kEntries);
        }
        last_ = next_ = 0;
        fresh_ = 1 << 12;
        weights_ = ResidualWeights();
    } else if (kind_ == 0 && left_ == whole_ && (encoding_ == 8 || encoding_ == 2)) {
        state_ = State::levels;
    }
}

void ParquetPages::content(std::uint8_t byte) {
    switch (state_) {
    case State::entries:
        value_ |= std::uint64_t{byte} << (8 * (at_ % entry_));
        ++at_;
        if (at_ % entry_ == 0) {
            const int unused = 64 - 8 * static_cast<int>(entry_);
            entry_values_[at_ / entry_ - 1] = static_cast<std::int64_t>(value_ << unused);
            value_ = 0;
        }
        return;
    case State::levels:
        value_ |= std::uint64_t{byte} << (8 * at_);
        if (++at_ == 4) {
            const std::uint64_t start = value_;
            length_ = start;
            if (length_ != 0 && length_ < left_) {
                state_ = State::level;
                return;
            }
            // There are none: these bytes are the beginning of the indices.
            state_ = State::size;
            for (int i = 0; i < 4; ++i) {
                content(static_cast<std::uint8_t>(start >> (8 * i)));
            }
        }
        return;
    case State::level:
        state_ = --length_ == 0 ? State::size : State::level;
        return;
    case State::size:
        width_ = byte;
        begin_run();
        if (width_ > 32) {
            state_ = State::body;
        }
        return;
    case State::run:
        value_ |= std::uint64_t{byte & 127u} << shift_;
        shift_ += 7;
        if (byte >= 128) {
            state_ = shift_ < 35 ? State::run : State::body;
            return;
        }
        if ((value_ & 1u) != 0) {
            length_ = (value_ >> 1) * static_cast<std::uint64_t>(width_);
            state_ = State::packed;
        } else {
            length_ = static_cast<std::uint64_t>(width_ + 7) / 8;
            state_ = State::repeated;
        }
        pending_ = 0;
        bits_ = 0;
        if (length_ == 0) {
            begin_run();
        }
        return;
    case State::repeated:
        pending_ |= std::uint64_t{byte} << bits_;
        bits_ += 8;
        if (--length_ == 0) {
            last_ = static_cast<std::uint32_t>(pending_) & 0xffffu;
            next_ = std::max(next_, last_ + 1);
            begin_run();
        }
        return;
    case State::packed:
        pending_ |= std::uint64_t{byte} << bits_;
        bits_ += 8;
        while (bits_ >= width_) {
            if (width_ <= kWidest) {
                learn(static_cast<std::uint32_t>(pending_ & ((std::uint64_t{1} << width_) - 1)));
            }
            pending_ >>= width_;
            bits_ -= width_;
        }
        if (wrong_ > kMostWrong) {
            state_ = State::body; // these are no indices
            return;
        }
        if (--length_ == 0) {
            begin_run();
        }
        return;
    default:
        return;
    }
}

void ParquetPages::begin_run() noexcept {
    state_ = State::run;
    value_ = 0;
    shift_ = 0;
}

void ParquetPages::end_dictionary() {
    entries_ = at_ / entry_;
    for (std::uint32_t i = 0; i < entries_; ++i) {
        sorted_[i] = i;
    }
    std::sort(sorted_.begin(), sorted_.begin() + entries_, [&](std::uint32_t a, std::uint32_t b) {
        return entry_values_[a] != entry_values_[b] ? entry_values_[a] < entry_values_[b] : a < b;
    });
    for (std::uint32_t i = 0; i < entries_; ++i) {
        rank_[sorted_[i]] = i;
    }
}

// Calls f(index, weight) for the indices that may follow this one.
template <typename F> void ParquetPages::near(std::uint32_t index, F f) const noexcept {
    const std::uint32_t next = std::max(next_, index + 1);
    const std::uint32_t rank = rank_of(index);
    const std::uint32_t most = entries_ != 0 ? entries_ : 1u << width_;
    std::uint32_t sum = 0;
    bool reached = false;
    for (std::size_t i = 0; i < ResidualWeights::kCount; ++i) {
        const std::uint32_t at = rank + static_cast<std::uint32_t>(i) - ResidualWeights::kReach;
        if (at >= most) {
            continue; // below 0, too
        }
        const std::uint32_t candidate = index_of(at);
        if (candidate > next) {
            continue;
        }
        reached = reached || candidate == next;
        const std::uint32_t weight = weights_.weight(i);
        sum += weight;
        f(candidate, weight);
    }
    if (!reached) {
        f(next, static_cast<std::uint32_t>(std::uint64_t{sum} * fresh_ / (65536 - fresh_)) + 1);
    }
}

void ParquetPages::learn(std::uint32_t index) noexcept {
    const auto difference =
        static_cast<std::int64_t>(rank_of(index)) - static_cast<std::int64_t>(rank_of(last_));
    const auto to_next =
        static_cast<std::int64_t>(rank_of(next_)) - static_cast<std::int64_t>(rank_of(last_));
    if (to_next < -ResidualWeights::kReach || to_next >= ResidualWeights::kReach) {
        fresh_ = index == next_ ? fresh_ + (61440 - fresh_) / 16 : fresh_ - fresh_ / 16;
    }
    wrong_ += index >= dictionary_ ? 1u : 0u;
    weights_.learn(difference);
    last_ = index;
    next_ = std::max(next_, index + 1);
}

// Adds up the weights of the values of the next byte.
void ParquetPages::prepare() noexcept {
    std::array<std::uint64_t, 256> votes{};
    const int rest = width_ - bits_; // bits of the index that are to come
    const auto known = static_cast<std::uint32_t>(pending_);
    const std::uint32_t mask = (1u << bits_) - 1;
    std::array<Candidate, kCurrent> likely{};
    std::uint64_t all = 0;
    near(last_, [&](std::uint32_t index, std::uint32_t weight) {
        if ((index & mask) != known) {
            return;
        }
        all += weight;
        if (rest >= 8) {
            votes[index >> bits_ & 255u] += std::uint64_t{weight} << 12;
            return;
        }
        auto& least = *std::min_element(
            likely.begin(), likely.end(),
            [](const Candidate& a, const Candidate& b) { return a.weight < b.weight; });
        if (weight > least.weight) {
            least = {index, weight};
        }
    });
    if (rest < 8) {
        for (const Candidate& current : likely) {
            if (current.weight == 0) {
                continue;
            }
            std::uint64_t sum = 0;
            near(current.index, [&](std::uint32_t, std::uint32_t weight) { sum += weight; });
            near(current.index, [&](std::uint32_t index, std::uint32_t weight) {
                votes[(current.index >> bits_ | index << rest) & 255u] +=
                    (std::uint64_t{current.weight} * weight << 12) /
                    std::max<std::uint64_t>(sum, 1);
            });
        }
    }
    // Scaled so that sums fit into 32 bits; every byte is possible.
    const std::uint64_t most = std::max<std::uint64_t>(all << 12, 1);
    std::uint32_t best = 0;
    for (std::uint32_t i = 0; i < 256; ++i) {
        sums_[256 + i] = 64 + static_cast<std::uint32_t>(
                                  std::min<std::uint64_t>((votes[i] << 20) / most, 1 << 20));
        best = sums_[256 + i] > sums_[256 + best] ? i : best;
    }
    for (std::size_t i = 255; i > 0; --i) {
        sums_[i] = sums_[2 * i] + sums_[2 * i + 1];
    }
    likeliest_ = best;
    share_ = static_cast<std::uint32_t>(std::uint64_t{sums_[256 + best]} * 15 / sums_[1]);
}

void ParquetPages::begin_bit(const PartialByte& partial) noexcept {
    const fixed::Logistic& logistic = fixed::Logistic::get();
    const std::uint64_t one = sums_[2 * partial.node + 1];
    const auto p = static_cast<std::uint32_t>((one << 22) / sums_[partial.node]);
    inputs_[0] = logistic.stretch(std::clamp<std::uint32_t>(p, 1, (1u << 22) - 1));
    const auto step = static_cast<std::size_t>((inputs_[0] + fixed::kStretchLimit) >> 8);
    cell_ = std::min<std::size_t>(step, 127) * 8 + static_cast<std::size_t>(partial.known);
    inputs_[1] = logistic.stretch(map_.p(cell_));
}

void ParquetPages::train(unsigned bit) noexcept {
    claim_.add(bit, map_.p(cell_));
    map_.update(cell_, bit);
}

} // namespace weightless::model
