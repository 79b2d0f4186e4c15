#include "model/experts/tables.hpp"

#include <cstdlib>

namespace weightless::model {

namespace {

constexpr std::array<std::uint8_t, 4> kDelimiterBytes{',', '\t', ';', '|'};

constexpr std::array<std::int64_t, 19> kPowers = [] {
    std::array<std::int64_t, 19> powers{};
    std::int64_t power = 1;
    for (auto& p : powers) {
        p = power;
        power = power <= 100'000'000'000'000'000 ? power * 10 : power;
    }
    return powers;
}();

bool is_digit(std::uint8_t byte) noexcept { return byte >= '0' && byte <= '9'; }
bool is_letter(std::uint8_t byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte >= 128;
}

std::int32_t clamped(std::int64_t v) noexcept {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, -(1 << 19), 1 << 19));
}

} // namespace

void Tables::update(const ByteHistory& bytes) {
    detect(bytes);
    if (active_) {
        parse(bytes);
    }
}

void Tables::detect(const ByteHistory& bytes) {
    const std::uint8_t byte = bytes.back(1);
    if (byte != '\n') {
        if (byte == '"') {
            quoted_ = !quoted_;
        } else if (byte >= 32 ? byte == ',' || byte == ';' || byte == '|' : byte == '\t') {
            const std::size_t i = byte == ',' ? 0 : (byte == '\t' ? 1 : (byte == ';' ? 2 : 3));
            counts_[i] += quoted_ ? 0 : 1;
        }
        if (active_ && bytes.position() - line_ > kLongestLine) {
            active_ = false;
            scores_ = {};
        }
        return;
    }
    const bool long_line = bytes.position() - line_ > kLongestLine;
    line_ = bytes.position();
    quoted_ = false;
    std::size_t best = 0;
    for (std::size_t i = 0; i < kDelimiters; ++i) {
        int& score = scores_[i];
        if (counts_[i] != 0 && counts_[i] == counts_before_[i] && !long_line) {
            score = std::min(score + static_cast<int>(std::min(counts_[i], 3u)), 48);
        } else {
            score = std::max(score - 8, 0);
        }
        best = score > scores_[best] ? i : best;
    }
    counts_before_ = counts_;
    counts_ = {};
    const bool was = active_;
    active_ = scores_[best] >= (was ? 4 : kEnough);
    if (active_ && (!was || delimiter_ != kDelimiterBytes[best])) {
        delimiter_ = kDelimiterBytes[best];
        if (columns_.empty()) {
            columns_.resize(kColumns);
            links_.resize(kLinks);
        }
        begin_line(bytes);
    }
}

void Tables::begin_line(const ByteHistory& bytes) noexcept {
    field_ = 0;
    field_hash_ = 0;
    signature_ = 0;
    first_ = 0;
    previous_ = 0;
    previous_two_ = 0;
    column_before_ = 0;
    column_before_that_ = 0;
    begin_token(bytes);
}

void Tables::begin_token(const ByteHistory& bytes) noexcept {
    id_ = hash(field_, signature_) | 1u;
    column_ = 1 + (hash(id_, 0) >> 8) % (kColumns - 1);
    token_start_ = bytes.position();
    token_hash_ = 0;
    value_ = 0;
    digits_ = 0;
    decimals_ = 0;
    in_token_ = number_ = point_ = negative_ = zero_first_ = false;
    Column& column = columns_[column_];
    if (column.id != id_) {
        column = Column();
        column.id = id_;
    }
    forecast(column);
}

void Tables::parse(const ByteHistory& bytes) noexcept {
    const std::uint8_t byte = bytes.back(1);
    const std::uint8_t before = bytes.back(2);
    for (NumberForecast& f : forecasts_) {
        f.push(byte);
    }
    for (Exact& exact : exact_) {
        exact.push(byte);
    }
    if (byte == '\n') {
        if (line_ == bytes.position() && token_start_ != bytes.position()) {
            end_token(bytes);
        }
        begin_line(bytes);
        return;
    }
    field_hash_ = fixed::combine(field_hash_, byte + 1u);
    if (is_digit(byte)) {
        if (!in_token_) {
            in_token_ = number_ = true;
            zero_first_ = byte == '0';
        }
        if (number_) {
            if (digits_ < kMostDigits) {
                value_ = value_ * 10 + (byte - '0');
                decimals_ += point_ ? 1 : 0;
                ++digits_;
            } else {
                number_ = false;
            }
        }
        token_hash_ = fixed::combine(token_hash_, byte + 1u);
        return;
    }
    if (is_letter(byte)) {
        in_token_ = true;
        number_ = false;
        token_hash_ = fixed::combine(token_hash_, byte + 1u);
        return;
    }
    if (byte == '.' && in_token_ && number_ && !point_) {
        point_ = true;
        token_hash_ = fixed::combine(token_hash_, byte + 1u);
        return;
    }
    if (byte == '-' && !in_token_ && !negative_ && !is_digit(before) && !is_letter(before)) {
        negative_ = true;
        token_hash_ = fixed::combine(token_hash_, byte + 1u);
        return;
    }
    end_token(bytes);
    if (byte == delimiter_ && !quoted_) {
        ++field_;
        field_hash_ = 0;
        signature_ = 0;
    } else if (byte != ' ' || before != ' ') {
        signature_ = hash(signature_, byte);
    }
    begin_token(bytes);
}

void Tables::end_token(const ByteHistory& bytes) noexcept {
    Column& column = columns_[column_];
    column.end = bytes.back(1);
    if (first_ == 0) {
        first_ = token_hash_ | 1u;
    }
    if (in_token_) {
        if (number_) {
            learn_number(column, negative_ ? -value_ : value_);
        } else {
            column.number = false;
        }
        column.text_before = column.text;
        column.text = token_hash_;
        column.start = token_start_;
        column.size = bytes.position() - token_start_;
    }
    columns_[column_before_].after = token_hash_;
    columns_[column_before_].after_two = token_hash_;
    columns_[column_before_that_].after_two = hash(columns_[column_before_].text, token_hash_);
    column_before_that_ = column_before_;
    column_before_ = column_;
    previous_two_ = previous_;
    previous_ = token_hash_;
}

void Tables::rescale(Column& column, int scale) noexcept {
    const std::int64_t factor = kPowers[static_cast<std::size_t>(scale - column.scale)];
    constexpr std::int64_t most = kPowers[18];
    for (std::int64_t& value : column.values) {
        value = std::abs(value) < most / factor ? value * factor : 0;
    }
    for (std::int32_t& step : column.steps) {
        step = clamped(step * factor);
    }
    column.scale = scale;
}

void Tables::learn_number(Column& column, std::int64_t value) noexcept {
    if (decimals_ > column.scale) {
        if (column.count != 0) {
            column.trimmed = true;
            rescale(column, decimals_);
        }
        column.scale = decimals_;
    } else if (decimals_ < column.scale) {
        column.trimmed = true;
        const int more = column.scale - decimals_;
        if (digits_ + more > kMostDigits) {
            column.number = false;
            return;
        }
        value *= kPowers[static_cast<std::size_t>(more)];
    }
    const int whole = digits_ - decimals_;
    if (zero_first_ && whole > 1) {
        column.padded = whole;
    } else if (whole < column.padded) {
        column.padded = 1;
    }
    for (std::size_t i = 0; i < kForecasts; ++i) {
        if (forecasts_[i].begun()) {
            column.weights[weights_of_[i]].learn(value - forecasts_[i].expected());
        }
    }
    if (column.count != 0) {
        const std::int64_t last = column.value(1);
        const std::int32_t step = clamped(value - last);
        column.same = step == 0 ? column.same + (column.same < kConstant ? 1 : 0) : 0;
        if (forecasts_[0].begun()) {
            column.learnt.update(
                x_, std::clamp<std::int64_t>((value - last) * 16 - learnt_, -(1 << 23), 1 << 23));
            for (std::size_t i = 0; i < exact_.size(); ++i) {
                Link& link = links_[exact_[i].link];
                const std::int64_t target = i == 0 ? value - last : value;
                const bool hit = link.check == exact_[i].check && link.value == target;
                if (hit) {
                    ++link.hits;
                } else if (link.check == exact_[i].check && link.hits > 3) {
                    link.hits /= 4;
                } else {
                    link = {target, exact_[i].check, 0};
                }
            }
        }
        if (column.same != kConstant) {
            find_period(column, step);
        }
        column.steps[column.count % kRing] = step;
        column.steps[column.count % kRing + kRing] = step;
    }
    column.values[column.count % kRing] = value;
    ++column.count;
    column.number = true;
}

void Tables::find_period(Column& column, std::int32_t step) noexcept {
    const std::uint32_t known = std::min(column.count - 1, kLongestPeriod);
    // The step k rows ago is at first[kRing - k].
    const std::int32_t* first = column.steps.data() + column.count % kRing;
    for (std::uint32_t k = 1; k <= known; ++k) {
        std::int32_t& cost = column.costs[k - 1];
        const std::int32_t error = std::abs(step - first[kRing - k]);
        cost += ((error << 8) - cost) >> 6;
    }
    column.cost += ((std::abs(step) << 8) - column.cost) >> 6;
    if (column.count % 16 == 0) {
        std::uint32_t best = 0;
        for (std::uint32_t k = 2; k * 2 <= column.count && k <= known; ++k) {
            if (best == 0 || column.costs[k - 1] < column.costs[best - 1]) {
                best = k;
            }
        }
        if (best == 0 || column.costs[best - 1] >= column.cost / 8 * 7) {
            column.period = 0;
        } else if (column.period == 0 ||
                   column.costs[best - 1] < column.costs[column.period - 1] / 16 * 15) {
            column.period = best;
        }
    }
}

void Tables::expect(Exact& exact, const Column& column, std::uint32_t key,
                    bool difference) noexcept {
    exact.size = exact.at = 0;
    exact.hits = 0;
    const std::uint32_t h = hash(key, column.id);
    exact.link = h >> 19;
    exact.check = h | 1u;
    const Link& link = links_[exact.link];
    if (link.check != exact.check) {
        return;
    }
    const std::int64_t value = link.value + (difference ? column.value(1) : 0);
    const DecimalFormat format{column.scale, column.padded, column.trimmed, column.end};
    exact.size = NumberForecast::write(value, format, exact.bytes);
    exact.hits = 1 + link.hits;
}

void Tables::forecast(Column& column) noexcept {
    if (!column.number || column.count < 2) {
        stop();
        for (Exact& exact : exact_) {
            exact.size = exact.at = 0;
            exact.hits = 0;
        }
        return;
    }
    const DecimalFormat format{column.scale, column.padded, column.trimmed, column.end};
    const std::int64_t last = column.value(1);
    const std::int64_t step = column.step(1);
    const std::uint32_t period = column.period;
    const auto key = static_cast<std::uint32_t>(last);
    expect(exact_[0], column, hash(column.after_two, 0), true);
    expect(exact_[1], column, hash(column.after_two, 1, key), false);
    expect(exact_[2], column, hash(static_cast<std::uint32_t>(step), 2, key), false);

    if (column.same == kConstant) {
        stop();
        return;
    }

    // Linear prediction of the step, Q4.
    x_.fill(0);
    std::size_t n = 0;
    const std::uint32_t known = std::min(column.count - 1, kRing - 1);
    for (std::uint32_t k = 1; k <= 6; ++k) {
        x_[n++] = k <= known ? column.step(k) * 16 : 0;
    }
    if (period != 0 && 2 * period + 2 <= known) {
        for (std::uint32_t k = period - 1; k <= period + 2; ++k) {
            x_[n++] = column.step(k) * 16;
        }
        x_[n++] = period >= 3 ? column.step(period - 2) * 16 : 0;
        for (std::uint32_t k = 2 * period - 1; k <= 2 * period + 1; ++k) {
            x_[n++] = column.step(k) * 16;
        }
        x_[n++] = clamped(last - column.value(period + 1)) * 16;
        x_[n++] = clamped(last - column.value(2 * period + 1)) * 16;
    }
    learnt_ = std::clamp<std::int64_t>(column.learnt.predict(x_), -(1 << 23), 1 << 23);
    const std::int64_t predicted = learnt_ + 8;
    const std::array<std::int64_t, kForecasts> expected{
        last, last + step, last + (period != 0 ? column.step(period) : step / 2),
        last + (predicted >> 4)};
    weights_of_ = {0, 1, 2, 3 + static_cast<std::size_t>(predicted >> 2 & 3)};
    for (std::size_t i = 0; i < kForecasts; ++i) {
        forecasts_[i].begin(expected[i], column.weights[weights_of_[i]], format);
    }
}

void Tables::begin_bit(const PartialByte& partial) noexcept {
    const fixed::Logistic& logistic = fixed::Logistic::get();
    std::int16_t* x = inputs_.data();
    for (std::size_t i = 0; i < kForecasts; ++i) {
        const std::uint32_t p = forecasts_[i].alive() ? forecasts_[i].p(partial) : 0;
        if (p == 0) {
            cell_[i] = kForecasts * kCells;
            *x++ = 0;
            *x++ = 0;
            continue;
        }
        const std::int16_t stretched = logistic.stretch(p);
        const auto step =
            static_cast<std::size_t>((stretched + fixed::kStretchLimit) >> 8); // 0..96
        cell_[i] = i * kCells + std::min<std::size_t>(step, 127) * 8 +
                   static_cast<std::size_t>(partial.known);
        *x++ = stretched;
        *x++ = logistic.stretch(map_.p(cell_[i]));
    }
}

void Tables::train(unsigned bit) noexcept {
    for (const std::size_t cell : cell_) {
        if (cell < kForecasts * kCells) {
            map_.update(cell, bit);
        }
    }
}

int Tables::place() const noexcept {
    return forecasts_[3].alive()      ? 4 + static_cast<int>(forecasts_[3].share() / 2)
           : forecasts_[3].begun()    ? 3
           : in_token_                ? 2
           : columns_[column_].number ? 1
                                      : 0;
}

int Tables::state() const noexcept {
    const int exact = exact_[0].byte() != 0 ? 1 + static_cast<int>(std::min(exact_[0].hits, 6u) / 3)
                      : exact_[1].byte() != 0 ? 3
                                              : 0;
    const int at = std::min(digits_, 3);
    return place() * 16 + exact * 4 + at;
}

std::array<std::uint32_t, Tables::Fields::kCount>
Tables::contexts(const ByteHistory& bytes) const noexcept {
    const Column& column = columns_[column_];
    const std::uint32_t here = hash(id_, token_hash_);
    const std::uint32_t offset = bytes.position() - token_start_;
    const std::uint32_t above =
        column.size != 0 && offset < column.size ? bytes.at(column.start + offset) : 0;
    const std::uint32_t next =
        column.size != 0 && offset + 1 < column.size ? bytes.at(column.start + offset + 1) : 0;
    const std::uint32_t latest = bytes.last4() & 255u;
    const auto likely = [&](std::size_t i) {
        return forecasts_[i].likeliest() | forecasts_[i].share() << 8;
    };
    const std::uint32_t season = column.number && column.period != 0 && column.count > column.period
                                     ? static_cast<std::uint32_t>(column.value(column.period))
                                     : 0;
    std::array<std::uint32_t, Fields::kCount> hashes;
    auto out = hashes.begin();
    *out++ = here;
    *out++ = hash(here, column.text);
    *out++ = hash(here, column.text, column.text_before);
    *out++ = hash(here, previous_);
    *out++ = hash(here, previous_, previous_two_);
    *out++ = hash(here, column.text, column.after_two);
    *out++ = hash(exact_[0].code(), exact_[1].code());
    *out++ = hash(exact_[1].code(), exact_[2].code());
    *out++ = hash(exact_[0].code(), likely(3));
    *out++ = hash(likely(3), likely(0));
    *out++ = hash(likely(2), likely(3), id_);
    *out++ = hash(above | next << 8, latest);
    *out++ = hash(id_, offset, above);
    *out++ = hash(field_, field_hash_, column.text);
    *out++ = hash(here, first_);
    *out++ = hash(here, season);
    return hashes;
}

} // namespace weightless::model
