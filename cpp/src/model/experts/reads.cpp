#include "model/experts/reads.hpp"

#include "model/experts/byte_classes.hpp"
#include "model/experts/probability_inputs.hpp"

#include <bit>

namespace weightless::model {

namespace {

bool is_nucleotide(std::uint8_t byte) noexcept {
    switch (byte & 0xdfu) {
    case 'A':
    case 'C':
    case 'G':
    case 'T':
    case 'N':
        return true;
    default:
        return false;
    }
}

} // namespace

void Reads::Piece::push(std::uint8_t byte) noexcept {
    first = size == 0 ? byte : first;
    ++size;
    letters = letters && is_nucleotide(byte);
    printable = printable && byte > 32 && byte < 127;
}

void Reads::update(const ByteHistory& bytes) {
    const std::uint8_t byte = bytes.back(1);
    const Part before = part_;
    latest_ = part_;
    if (byte == '\n') {
        latest_ = Part::other;
        end_field();
        end_line();
    } else {
        line_.push(byte);
        if (byte == '\t' && format_ != Format::fastq) {
            latest_ = Part::other;
            end_field();
            ++column_;
        } else {
            field_.push(byte);
        }
    }
    if (format_ != Format::unknown && broken(byte)) {
        format_ = Format::unknown;
        score_ = 0;
    }
    Part part = Part::other;
    if (format_ == Format::fastq) {
        constexpr std::array<Part, 4> parts{Part::name, Part::bases, Part::between,
                                            Part::qualities};
        part = parts[row_ & 3u];
        if (part == Part::qualities && line_.size > length_) {
            part = Part::other; // the record is damaged
        }
    } else if (format_ == Format::table) {
        if (column_ == read_ && field_.letters) {
            part = Part::bases;
        } else if (column_ == read_ + 1 && field_before_.is_read() &&
                   field_.size <= field_before_.size) {
            part = Part::qualities;
        }
    }
    if (part == Part::other) {
        part_ = part;
        ends_ = false;
        return;
    }
    if (part != before || latest_ == Part::other) {
        begin_part(part, bytes);
    } else {
        ++at_;
        if (part == Part::qualities) {
            learn_quality(byte);
        }
    }
    ends_ = (part == Part::bases || part == Part::qualities) && at_ == length_ && length_ != 0;
    if (part == Part::qualities) {
        prepare(bytes);
    }
}

// Other data have no lines, or such long ones that their ends come late.
bool Reads::broken(std::uint8_t byte) const noexcept {
    if (is_control(byte)) {
        return true;
    }
    if (format_ != Format::fastq || line_.size == 0) {
        return false;
    }
    return row_ == 0   ? line_.first != '@'
           : row_ == 1 ? !line_.letters
                       : row_ == 2 && line_.first != '+';
}

void Reads::begin_part(Part part, const ByteHistory& bytes) noexcept {
    part_ = part;
    at_ = 0;
    if (part == Part::bases) {
        bases_ = bytes.position();
    } else if (part == Part::qualities) {
        q_ = {};
        variation_ = 0;
        level_ = 40 << 4;
    }
}

// In a table the qualities follow the nucleotides at once.
void Reads::end_field() noexcept {
    if (format_ != Format::fastq) {
        const bool pair = column_ != 0 && field_.fits(field_before_) && !field_.letters;
        if (format_ == Format::unknown && pair) {
            score_ = column_ - 1 == read_ ? score_ + 1 : 1;
            read_ = column_ - 1;
            format_ = score_ > kEnough ? Format::table : format_;
            score_ = format_ == Format::table ? 8 : score_;
        } else if (format_ == Format::table && column_ == read_ + 1) {
            score_ = pair ? 8 : score_ - 1;
            if (score_ == 0) {
                format_ = Format::unknown;
            }
        }
        length_ = field_.is_read() ? field_.size : length_;
    }
    field_before_ = field_;
    field_ = Piece();
}

void Reads::end_line() noexcept {
    const bool pair = line_.fits(lines_[1]) && lines_[0].first == '+';
    if (format_ == Format::fastq) {
        const bool good = row_ == 0   ? line_.first == '@'
                          : row_ == 1 ? line_.letters
                          : row_ == 2 ? line_.first == '+'
                                      : line_.size == lines_[1].size;
        if (!good) {
            format_ = Format::unknown;
            score_ = 0;
        }
        length_ = row_ == 1 ? line_.size : length_;
        row_ = (row_ + 1) & 3u;
    } else if (format_ == Format::unknown) {
        ++row_;
        if (pair) {
            score_ = row_ == 4 ? score_ + 1 : 1;
            row_ = 0;
            length_ = line_.size;
            format_ = score_ >= kEnough ? Format::fastq : format_;
        }
    }
    lines_[1] = lines_[0];
    lines_[0] = line_;
    line_ = Piece();
    field_ = Piece();
    column_ = 0;
}

void Reads::learn_quality(std::uint8_t byte) noexcept {
    const std::uint32_t q = byte & 127u;
    const std::uint32_t least = std::min(q, q_[0]);
    const std::uint32_t most = std::max(q, q_[0]);
    if (q_[0] != 0) {
        variation_ = std::min(variation_ + most - least, 1u << 16);
    }
    q_ = {q > 33 ? q - 32 : 1u, q_[0], q_[1]};
    level_ += q_[0] * 2 - level_ / 8;
}

void Reads::prepare(const ByteHistory& bytes) {
    if (cells_.empty()) {
        cells_.assign(kMaps << bits_, adaptive::kHalf);
    }
    const std::uint32_t place = at_ * 16 / std::max(length_, 1u);
    const std::uint32_t base = bytes.at(bases_ + at_);
    const std::uint32_t next = at_ + 1 < length_ ? bytes.at(bases_ + at_ + 1) : 0;
    const std::uint32_t last = at_ != 0 ? bytes.at(bases_ + at_ - 1) : 0;
    const auto [q1, q2, q3] = q_;
    const std::uint32_t end = ends_ ? 1 : 0;
    contexts_ = {
        hash(q1, std::max(q2, q3), q2 == q3 ? 1 : 0, end),
        hash(q1, q2, place, 2 + end),
        hash(q1, variation_ / 4, place / 4, 4 + end),
        hash(q1, q2, q3, 6 + end),
        hash(q1, base | next << 8 | last << 16, 8 + end),
        hash(q1, level_ / 32, std::min(std::max(q1, q2) - std::min(q1, q2), 7u), 10 + end),
    };
}

void Reads::begin_bit(const PartialByte& partial) noexcept {
    if (part_ != Part::qualities) {
        return;
    }
    const std::uint32_t mask = (1u << bits_) - 1;
    for (std::size_t i = 0; i < kMaps; ++i) {
        cell_[i] =
            (i << bits_) + (fixed::combine(contexts_[i], partial.node) >> (32 - bits_) & mask);
    }
}

void Reads::train(unsigned bit) noexcept {
    if (part_ != Part::qualities) {
        return;
    }
    const std::int32_t* reciprocals = adaptive::reciprocals().data();
    for (const std::size_t cell : cell_) {
        adaptive::update(cells_[cell], bit, 1023, reciprocals);
    }
}

void Reads::predict(std::int16_t* x) const noexcept {
    if (part_ != Part::qualities) {
        std::fill_n(x, 2 * kMaps, std::int16_t{0});
        return;
    }
    for (const std::size_t cell : cell_) {
        x = write_probability(cells_[cell] >> 10, x);
    }
}

} // namespace weightless::model
