#include "model/experts/sqlite_pages.hpp"

#include "model/experts/expert.hpp"

#include <algorithm>
#include <bit>

namespace weightless::model {

namespace {

constexpr std::array<std::uint8_t, 16> kMagic{'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f',
                                              'o', 'r', 'm', 'a', 't', ' ', '3', 0};

} // namespace

void SqlitePages::update(std::uint8_t byte, const ByteHistory& bytes, Columns& columns) {
    if (!open_) {
        find(byte, columns);
        return;
    }
    ++at_;
    if (page_ == 0 && at_ <= kDatabaseHeader) {
        read_database_header(byte);
        if (open_ && at_ == kDatabaseHeader) {
            begin_page(bytes, columns);
        }
        return;
    }
    if (part_ != Part::opaque) {
        ++size_;
        if (size_ <= 9) {
            value_ = form_ == Form::variable && size_ < 9 ? value_ << 7 | (byte & 127u)
                                                          : value_ << 8 | byte;
        }
        if (form_ == Form::text) {
            columns.push_text(bytes);
        } else if (form_ != Form::content) {
            columns.push_number(bytes);
        }
        left_ -= left_ != 0 ? 1 : 0;
        const bool ends = form_ == Form::variable ? byte < 128 || size_ == 9 : left_ == 0;
        if (at_ < page_size_ && ends) {
            end_unit(bytes, columns);
        }
    }
    if (at_ == page_size_) {
        at_ = 0;
        ++page_;
        open_ = page_ < pages_;
        if (open_) {
            begin_page(bytes, columns);
        }
    }
}

void SqlitePages::find(std::uint8_t byte, Columns& columns) {
    matched_ = byte == kMagic[matched_] ? matched_ + 1 : (byte == kMagic[0] ? 1 : 0);
    if (matched_ == kMagic.size()) {
        matched_ = 0;
        columns.prepare();
        open_ = true;
        part_ = Part::opaque;
        page_ = 0;
        at_ = static_cast<std::uint32_t>(kMagic.size());
        page_size_ = 0;
        pages_ = 0;
        next_page_ = 0;
        form_ = Form::other;
    }
}

void SqlitePages::read_database_header(std::uint8_t byte) {
    if (at_ == 17 || at_ == 18) {
        page_size_ = page_size_ << 8 | byte;
        if (at_ == 18) {
            page_size_ = page_size_ == 1 ? kLargestPage : page_size_;
            open_ = page_size_ >= 512 && std::has_single_bit(page_size_);
        }
    } else if (at_ == 21) {
        reserved_ = byte;
    } else if (at_ >= 29 && at_ <= 32) {
        pages_ = pages_ << 8 | byte;
        if (at_ == 32) {
            open_ = pages_ != 0;
        }
    }
}

void SqlitePages::begin_page(const ByteHistory& bytes, Columns& columns) {
    cells_.assign(page_size_ / 64, 0);
    kind_ = 0;
    field_ = 0;
    count_ = 0;
    first_cell_ = true;
    unused_ = 0;
    columns.begin_row();
    linked_ = next_page_ == std::uint64_t{page_} + 1;
    if (linked_) {
        begin(Part::next, Form::integer, 4, 0, bytes, columns);
    } else {
        begin_head(bytes, columns);
    }
}

void SqlitePages::begin(Part part, Form form, std::uint32_t size, std::uint32_t place,
                        const ByteHistory& bytes, Columns& columns) {
    part_ = part;
    form_ = form;
    left_ = size;
    size_ = 0;
    value_ = 0;
    const std::uint32_t column = hash(place, static_cast<std::uint32_t>(part), 77);
    NumberFormat format;
    format.least = static_cast<int>(size);
    switch (form) {
    case Form::text:
        columns.begin_text(column, bytes);
        return;
    case Form::other:
        columns.begin_other(column, bytes);
        return;
    case Form::content:
        return;
    case Form::integer:
        format.kind = NumberFormat::Kind::integer;
        break;
    case Form::variable:
        format.kind = NumberFormat::Kind::variable;
        break;
    case Form::real:
        format.kind = NumberFormat::Kind::real;
        break;
    }
    columns.begin_number(column, format, bytes);
}

void SqlitePages::begin_head(const ByteHistory& bytes, Columns& columns) {
    constexpr std::array<std::uint32_t, 6> sizes{1, 2, 2, 2, 1, 4};
    begin(Part::head, Form::integer, sizes[field_], kind_ << 8 | field_, bytes, columns);
}

void SqlitePages::begin_pointer(const ByteHistory& bytes, Columns& columns) {
    begin(Part::pointers, Form::integer, 2, kind_, bytes, columns);
}

// Where the first cell begins at this place or after it, or the page's end.
std::uint32_t SqlitePages::next_cell(std::uint32_t place) const noexcept {
    while (place < page_size_ && !has_cell(place)) {
        const std::uint32_t skipped = 64 - place % 64;
        place += cells_[place / 64] >> (place % 64) == 0 ? skipped : 1;
    }
    return std::min(place, page_size_);
}

void SqlitePages::begin_anywhere(const ByteHistory& bytes, Columns& columns) {
    if (has_cell(at_)) {
        begin_cell(bytes, columns);
    } else {
        const std::uint32_t size = next_cell(at_) - at_;
        const bool large = size >= kLeastContent && unused_ >= kFewUnused;
        begin(Part::gap, large ? Form::content : Form::other, large ? size : 1, kind_, bytes,
              columns);
    }
}

void SqlitePages::begin_cell(const ByteHistory& bytes, Columns& columns) {
    columns.begin_row();
    // Cells mostly follow each other, so the next one tells this one's size.
    columns.set_first(hash(kind_, next_cell(at_ + 1) - at_));
    if (!is_leaf()) {
        begin(Part::child, Form::integer, 4, kind_, bytes, columns);
    } else {
        begin(Part::payload, Form::variable, 0, kind_, bytes, columns);
    }
}

void SqlitePages::begin_payload(const ByteHistory& bytes, Columns& columns) {
    local_ = local_of(payload_);
    done_ = 0;
    if (local_ == 0) {
        end_record(bytes, columns);
        return;
    }
    begin(Part::header, Form::variable, 0, kind_, bytes, columns);
}

void SqlitePages::begin_record(const ByteHistory& bytes, Columns& columns) {
    if (done_ < header_ && header_ <= local_ && types_known_ < kMostColumns) {
        begin(Part::type, Form::variable, 0, hash(table_, static_cast<std::uint32_t>(types_known_)),
              bytes, columns);
    } else if (done_ == header_) {
        column_ = 0;
        begin_value(bytes, columns);
    } else if (done_ < local_) {
        const auto size = static_cast<std::uint32_t>(local_ - done_);
        begin(Part::rest, size >= kLeastContent ? Form::content : Form::other, size, table_, bytes,
              columns);
    } else {
        end_record(bytes, columns);
    }
}

void SqlitePages::begin_value(const ByteHistory& bytes, Columns& columns) {
    while (column_ < types_known_ && size_of(types_[column_]) == 0) {
        ++column_;
    }
    const std::uint64_t left = local_ - std::min(done_, local_);
    if (left == 0) {
        end_record(bytes, columns);
        return;
    }
    const std::uint64_t type = column_ < types_known_ ? types_[column_] : 12;
    const std::uint64_t size = column_ < types_known_ ? size_of(type) : left;
    const Form form = size > left                   ? Form::other
                      : type < 7                    ? Form::integer
                      : type == 7                   ? Form::real
                      : type >= 13 && type % 2 != 0 ? Form::text
                                                    : Form::other;
    const auto now = static_cast<std::uint32_t>(std::min(size, left));
    if (form == Form::other && now >= kLeastContent) {
        begin(Part::value, Form::content, now, 0, bytes, columns);
        return;
    }
    begin(Part::value, form, now,
          hash(table_, static_cast<std::uint32_t>(column_),
               first_cell_ && form == Form::integer ? 1u : 0u),
          bytes, columns);
}

void SqlitePages::end_record(const ByteHistory& bytes, Columns& columns) {
    first_cell_ = false;
    if (local_ < payload_) {
        begin(Part::overflow, Form::integer, 4, kind_, bytes, columns);
    } else {
        begin_anywhere(bytes, columns);
    }
}

void SqlitePages::end_unit(const ByteHistory& bytes, Columns& columns) {
    const std::uint64_t value = value_;
    if (form_ == Form::integer) {
        // Numbers in records are signed.
        std::uint64_t extended = value;
        if (part_ == Part::value && size_ < 8 && (value >> (8 * size_ - 1) & 1u) != 0) {
            extended |= ~std::uint64_t{0} << (8 * size_);
        }
        columns.end_number(static_cast<std::int64_t>(extended), 0, bytes);
    } else if (form_ == Form::variable) {
        columns.end_number(static_cast<std::int64_t>(value), 0, bytes);
    } else if (form_ == Form::real) {
        const numbers::Decimal decimal = numbers::decimal_of(value);
        if (decimal.decimals < 0) {
            columns.end_unknown(bytes);
        } else {
            columns.end_number(decimal.value, decimal.decimals, bytes);
        }
    } else if (form_ == Form::text) {
        columns.end_text(bytes);
    }
    done_ += size_;
    switch (part_) {
    case Part::head:
        if (field_ == 0) {
            kind_ = static_cast<std::uint32_t>(value);
            if (kind_ == 0) {
                begin(Part::next, Form::integer, 3, 1, bytes, columns);
                return;
            }
            if (kind_ != 2 && kind_ != 5 && kind_ != 10 && kind_ != 13) {
                part_ = Part::opaque;
                return;
            }
        } else if (field_ == 2) {
            count_ = static_cast<std::uint32_t>(value);
            if (count_ > page_size_ / 4) {
                part_ = Part::opaque;
                return;
            }
        }
        ++field_;
        if (field_ < (is_leaf() ? 5u : 6u)) {
            begin_head(bytes, columns);
        } else if (count_ == 0) {
            begin_anywhere(bytes, columns);
        } else {
            field_ = 0;
            begin_pointer(bytes, columns);
        }
        return;
    case Part::pointers: {
        const auto place = static_cast<std::uint32_t>(value);
        if (place > at_ && place < page_size_) {
            cells_[place / 64] |= std::uint64_t{1} << (place % 64);
        }
        ++field_;
        if (field_ < count_) {
            begin_pointer(bytes, columns);
        } else {
            begin_anywhere(bytes, columns);
        }
        return;
    }
    case Part::child:
        if (kind_ == 5) {
            begin(Part::row, Form::variable, 0, kind_, bytes, columns);
        } else {
            begin(Part::payload, Form::variable, 0, kind_, bytes, columns);
        }
        return;
    case Part::payload:
        payload_ = value;
        if (kind_ == 13) {
            begin(Part::row, Form::variable, 0, kind_ << 1 | (first_cell_ ? 1u : 0u), bytes,
                  columns);
        } else {
            begin_payload(bytes, columns);
        }
        return;
    case Part::row:
        if (kind_ == 13) {
            begin_payload(bytes, columns);
        } else {
            begin_anywhere(bytes, columns);
        }
        return;
    case Part::header:
        done_ = size_;
        header_ = value;
        types_known_ = 0;
        table_ = hash(kind_, static_cast<std::uint32_t>(header_));
        begin_record(bytes, columns);
        return;
    case Part::type:
        types_[types_known_++] = value;
        begin_record(bytes, columns);
        return;
    case Part::value:
        ++column_;
        begin_value(bytes, columns);
        return;
    case Part::rest:
        end_record(bytes, columns);
        return;
    case Part::next:
        next_page_ = value;
        part_ = Part::opaque;
        return;
    case Part::overflow:
        next_page_ = value;
        break;
    case Part::gap:
        unused_ += value != 0 ? 1 : 0;
        break;
    case Part::opaque:
        break;
    }
    begin_anywhere(bytes, columns);
}

std::uint64_t SqlitePages::local_of(std::uint64_t payload) const noexcept {
    const std::uint64_t usable = page_size_ - reserved_;
    const std::uint64_t most = kind_ == 13 ? usable - 35 : (usable - 12) * 64 / 255 - 23;
    if (payload <= most) {
        return payload;
    }
    const std::uint64_t least = (usable - 12) * 32 / 255 - 23;
    const std::uint64_t local = least + (payload - least) % (usable - 4);
    return local <= most ? local : least;
}

std::uint32_t SqlitePages::size_of(std::uint64_t type) noexcept {
    constexpr std::array<std::uint32_t, 12> sizes{0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    if (type < sizes.size()) {
        return sizes[static_cast<std::size_t>(type)];
    }
    // No value in a page is larger than the page.
    return static_cast<std::uint32_t>(std::min<std::uint64_t>((type - 12) / 2, kLargestPage));
}

} // namespace weightless::model
