#include "model/experts/columns.hpp"

#include "fixed/logistic.hpp"

#include <cstdlib>

namespace weightless::model {

namespace {

bool is_digit(std::uint8_t byte) noexcept { return byte >= '0' && byte <= '9'; }
bool is_letter(std::uint8_t byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte >= 128;
}

std::int32_t clamped(std::int64_t v) noexcept {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, -(1 << 19), 1 << 19));
}

bool is_within(std::int64_t v, std::int64_t most) noexcept { return -most < v && v < most; }

} // namespace

void Columns::prepare() {
    if (columns_.empty()) {
        columns_.resize(kColumns);
        links_.resize(kLinks);
    }
}

void Columns::begin_row() noexcept {
    first_ = 0;
    previous_ = 0;
    previous_two_ = 0;
    column_before_ = 0;
    column_before_that_ = 0;
}

void Columns::begin_text(std::uint32_t column, const ByteHistory& bytes) noexcept {
    cell_id_ = column;
    cell_hash_ = 0;
    signature_ = 0;
    begin_token(hash(cell_id_, signature_), bytes);
    forecast(columns_[column_], text_format(columns_[column_]));
}

void Columns::push_text(const ByteHistory& bytes) noexcept {
    const std::uint8_t byte = bytes.back(1);
    const std::uint8_t before = bytes.back(2);
    push_forecasts(byte);
    cell_hash_ = fixed::combine(cell_hash_, byte + 1u);
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
    } else if (is_letter(byte)) {
        in_token_ = true;
        number_ = false;
    } else if (byte == '.' && in_token_ && number_ && !point_) {
        point_ = true;
    } else if (byte == '-' && !in_token_ && !negative_ && !is_digit(before) && !is_letter(before)) {
        negative_ = true;
    } else {
        end_token(bytes, byte);
        if (byte != ' ' || before != ' ') {
            signature_ = hash(signature_, byte);
        }
        begin_token(hash(cell_id_, signature_), bytes);
        forecast(columns_[column_], text_format(columns_[column_]));
        return;
    }
    token_hash_ = fixed::combine(token_hash_, byte + 1u);
}

void Columns::begin_number(std::uint32_t column, const NumberFormat& format,
                           const ByteHistory& bytes) noexcept {
    cell_id_ = column;
    cell_hash_ = 0;
    signature_ = 0;
    begin_token(hash(column, 1), bytes);
    NumberFormat scaled = format;
    scaled.decimals = columns_[column_].scale;
    forecast(columns_[column_], scaled);
}

void Columns::push_number(const ByteHistory& bytes) noexcept {
    const std::uint8_t byte = bytes.back(1);
    push_forecasts(byte);
    token_hash_ = fixed::combine(token_hash_, byte + 1u);
}

void Columns::end_number(std::int64_t value, int decimals, const ByteHistory& bytes) noexcept {
    Column& column = columns_[column_];
    column.number = learn_number(column, value, decimals);
    finish_token(column, bytes);
}

void Columns::end_unknown(const ByteHistory& bytes) noexcept {
    columns_[column_].number = false;
    finish_token(columns_[column_], bytes);
}

void Columns::begin_other(std::uint32_t place, const ByteHistory& bytes) noexcept {
    cell_id_ = place;
    cell_hash_ = 0;
    signature_ = 0;
    begin_token(hash(place, 2), bytes);
    stop();
}

void Columns::begin_token(std::uint32_t id, const ByteHistory& bytes) noexcept {
    id_ = id | 1u;
    token_start_ = bytes.position();
    token_hash_ = 0;
    value_ = 0;
    digits_ = 0;
    decimals_ = 0;
    in_token_ = number_ = point_ = negative_ = zero_first_ = false;
    // The column's place, or the least used one of those where it may be.
    const std::size_t home = hash(id_, 0) >> 8;
    std::size_t least = 0;
    for (std::size_t i = 0; i < kProbes; ++i) {
        const std::size_t at = 1 + (home + i) % (kColumns - 1);
        if (columns_[at].id == id_) {
            column_ = at;
            columns_[at].used = std::min(columns_[at].used + 1, 255u);
            return;
        }
        if (least == 0 || columns_[at].used < columns_[least].used) {
            least = at;
        }
    }
    for (std::size_t i = 0; i < kProbes; ++i) {
        std::uint32_t& used = columns_[1 + (home + i) % (kColumns - 1)].used;
        used -= used / 8;
    }
    column_ = least;
    columns_[column_] = Column();
    columns_[column_].id = id_;
    columns_[column_].used = 1;
}

void Columns::end_token(const ByteHistory& bytes, std::uint8_t end) noexcept {
    Column& column = columns_[column_];
    column.end = end;
    if (!in_token_) {
        if (signature_ == 0) {
            link_tokens(); // the cell is empty
        }
        return;
    }
    column.number = number_;
    if (number_) {
        const int whole = digits_ - decimals_;
        if (zero_first_ && whole > 1) {
            column.padded = whole;
        } else if (whole < column.padded) {
            column.padded = 1;
        }
        column.number = learn_number(column, negative_ ? -value_ : value_, decimals_);
    }
    finish_token(column, bytes);
}

void Columns::finish_token(Column& column, const ByteHistory& bytes) noexcept {
    column.text_before = column.text;
    column.text = token_hash_;
    column.start = token_start_;
    column.size = bytes.position() - token_start_;
    link_tokens();
}

void Columns::link_tokens() noexcept {
    if (first_ == 0) {
        first_ = token_hash_ | 1u;
    }
    columns_[column_before_].after = token_hash_;
    columns_[column_before_].after_two = token_hash_;
    columns_[column_before_that_].after_two = hash(columns_[column_before_].text, token_hash_);
    column_before_that_ = column_before_;
    column_before_ = column_;
    previous_two_ = previous_;
    previous_ = token_hash_;
}

void Columns::push_forecasts(std::uint8_t byte) noexcept {
    for (NumberForecast& f : forecasts_) {
        f.push(byte);
    }
    for (Exact& exact : exact_) {
        exact.push(byte);
    }
}

void Columns::stop() noexcept {
    for (NumberForecast& f : forecasts_) {
        f.stop();
    }
    for (Exact& exact : exact_) {
        exact.stop();
    }
}

void Columns::rescale(Column& column, int scale) noexcept {
    const std::int64_t factor = numbers::kPowers[static_cast<std::size_t>(scale - column.scale)];
    column.last = is_within(column.last, kMost / factor) ? column.last * factor : 0;
    for (std::int32_t& step : column.steps) {
        step = clamped(std::clamp<std::int64_t>(step, -kMost / factor, kMost / factor) * factor);
    }
    column.scale = scale;
}

bool Columns::learn_number(Column& column, std::int64_t value, int decimals) noexcept {
    if (decimals > column.scale) {
        if (column.count != 0) {
            column.trimmed = true;
            rescale(column, decimals);
        }
        column.scale = decimals;
    } else if (decimals < column.scale) {
        column.trimmed = true;
        const std::int64_t power =
            numbers::kPowers[static_cast<std::size_t>(column.scale - decimals)];
        if (!is_within(value, kMost / power)) {
            return false;
        }
        value *= power;
    }
    if (!is_within(value, kMost)) {
        return false;
    }
    for (std::size_t i = 0; i < kForecasts; ++i) {
        if (forecasts_[i].begun()) {
            column.weights[weights_of_[i]].learn(value - forecasts_[i].expected());
        }
    }
    if (column.count != 0) {
        const std::int64_t difference = value - column.last;
        const std::int32_t step = clamped(difference);
        column.same = step == 0 ? column.same + (column.same < kConstant ? 1 : 0) : 0;
        if (forecasts_[0].begun()) {
            constexpr std::int64_t most = 1 << 23;
            column.learnt.update(
                x_, std::clamp<std::int64_t>(std::clamp(difference, -most, most) * 16 - learnt_,
                                             -most, most));
        }
        for (std::size_t i = 0; i < exact_.size(); ++i) {
            const Exact& exact = exact_[i];
            if (exact.check == 0) {
                continue;
            }
            Link& link = links_[exact.link];
            const std::int64_t target = i == 0 ? difference : value;
            if (link.check != exact.check || (link.value != target && link.hits <= 3)) {
                link = {target, exact.check, 0};
            } else if (link.value == target) {
                ++link.hits;
            } else {
                link.hits /= 4;
            }
        }
        if (column.same != kConstant) {
            find_period(column, step);
        }
        column.steps[column.count % kRing] = step;
    }
    column.last = value;
    ++column.count;
    return true;
}

void Columns::find_period(Column& column, std::int32_t step) noexcept {
    const std::uint32_t known = std::min(column.count - 1, kLongestPeriod);
    std::uint32_t at = column.count % kRing;
    for (std::uint32_t k = 1; k <= known; ++k) {
        at = at == 0 ? kRing - 1 : at - 1;
        std::int32_t& cost = column.costs[k - 1];
        cost += ((std::abs(step - column.steps[at]) << 8) - cost) >> 6;
    }
    column.cost += ((std::abs(step) << 8) - column.cost) >> 6;
    if (column.count % 16 != 0) {
        return;
    }
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

void Columns::expect(Exact& exact, const Column& column, std::uint32_t key, bool difference,
                     const NumberFormat& format) noexcept {
    const std::uint32_t h = hash(key, column.id);
    exact.stop();
    exact.link = h >> (32 - kLinkBits);
    exact.check = h | 1u;
    const Link& link = links_[exact.link];
    if (link.check == exact.check) {
        const std::int64_t value = link.value + (difference ? column.last : 0);
        NumberWriter writer(format);
        exact.size = is_within(value, kMost) ? writer.write(value, exact.bytes) : 0;
        exact.hits = 1 + link.hits;
    }
}

NumberFormat Columns::text_format(const Column& column) noexcept {
    return {NumberFormat::Kind::decimal, column.trimmed, column.end, column.scale, column.padded};
}

void Columns::forecast(Column& column, const NumberFormat& format) noexcept {
    stop();
    for (Exact& exact : exact_) {
        exact.check = 0;
    }
    season_ = 0;
    if (!column.number || column.count < 2) {
        return;
    }
    const std::int64_t last = column.last;
    const std::int64_t step = column.step(1);
    const std::uint32_t period = column.period;
    const auto key = static_cast<std::uint32_t>(last);
    expect(exact_[0], column, hash(column.after_two, 0), true, format);
    expect(exact_[1], column, hash(column.after_two, 1, key), false, format);
    expect(exact_[2], column, hash(static_cast<std::uint32_t>(step), 2, key), false, format);
    if (column.same == kConstant) {
        return;
    }

    // Linear prediction of the step, Q4.
    x_.fill(0);
    std::size_t n = 0;
    const std::uint32_t known = std::min(column.count - 1, kRing - 1);
    for (std::uint32_t k = 1; k <= 6; ++k) {
        x_[n++] = k <= known ? column.step(k) * 16 : 0;
    }
    if (period != 0 && period + 2 <= known) {
        std::int64_t sum = 0; // of the steps of one period
        for (std::uint32_t k = 1; k <= period; ++k) {
            sum += column.step(k);
        }
        season_ = last - sum + column.step(period);
        if (2 * period + 2 <= known) {
            std::int64_t sum_of_two = sum;
            for (std::uint32_t k = period + 1; k <= 2 * period; ++k) {
                sum_of_two += column.step(k);
            }
            for (std::uint32_t k = period - 1; k <= period + 2; ++k) {
                x_[n++] = column.step(k) * 16;
            }
            x_[n++] = period >= 3 ? column.step(period - 2) * 16 : 0;
            for (std::uint32_t k = 2 * period - 1; k <= 2 * period + 1; ++k) {
                x_[n++] = column.step(k) * 16;
            }
            x_[n++] = clamped(sum) * 16;
            x_[n++] = clamped(sum_of_two) * 16;
        }
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

void Columns::begin_bit(const PartialByte& partial) noexcept {
    const fixed::Logistic& logistic = fixed::Logistic::get();
    std::int16_t* x = inputs_.data();
    for (std::size_t i = 0; i < kForecasts; ++i) {
        const std::uint32_t p = forecasts_[i].alive() ? forecasts_[i].p(partial) : 0;
        if (p == 0) {
            cells_[i] = kForecasts * kCells;
            *x++ = 0;
            *x++ = 0;
            continue;
        }
        const std::int16_t stretched = logistic.stretch(p);
        const auto step =
            static_cast<std::size_t>((stretched + fixed::kStretchLimit) >> 8); // 0..96
        cells_[i] = i * kCells + std::min<std::size_t>(step, 127) * 8 +
                    static_cast<std::size_t>(partial.known);
        *x++ = stretched;
        *x++ = logistic.stretch(map_.p(cells_[i]));
    }
}

void Columns::train(unsigned bit) noexcept {
    for (const std::size_t cell : cells_) {
        if (cell < kForecasts * kCells) {
            map_.update(cell, bit);
        }
    }
}

int Columns::place() const noexcept {
    return forecasts_[3].alive()      ? 4 + static_cast<int>(forecasts_[3].share() / 2)
           : forecasts_[3].begun()    ? 3
           : in_token_                ? 2
           : columns_[column_].number ? 1
                                      : 0;
}

int Columns::state(const PartialByte& partial) const noexcept {
    const int exact = exact_[0].known()   ? 1 + static_cast<int>(std::min(exact_[0].hits, 6u) / 3)
                      : exact_[1].known() ? 3
                                          : 0;
    return ((place() * 4 + exact % 4) * 4 + std::min(digits_, 3)) * 8 + partial.known;
}

std::array<std::uint32_t, Columns::kContexts>
Columns::contexts(const ByteHistory& bytes) const noexcept {
    const Column& column = columns_[column_];
    const std::uint32_t here = hash(id_, token_hash_);
    const std::uint32_t offset = bytes.position() - token_start_;
    const std::uint32_t above = offset < column.size ? bytes.at(column.start + offset) : 0;
    const std::uint32_t next = offset + 1 < column.size ? bytes.at(column.start + offset + 1) : 0;
    const std::uint32_t latest = bytes.last4() & 255u;
    const auto likely = [&](std::size_t i) {
        return forecasts_[i].likeliest() | forecasts_[i].share() << 8;
    };
    std::array<std::uint32_t, kContexts> hashes;
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
    *out++ = hash(cell_id_, cell_hash_, column.text);
    *out++ = hash(here, first_);
    *out++ = hash(here, static_cast<std::uint32_t>(season_));
    return hashes;
}

} // namespace weightless::model
