// The pages of an SQLite database: B-tree pages with a header, pointers to cells, and cells, which
// contain a record each. Rows are stored with the last one first. What a database contains as data
// of other kinds, large values and pages that are not understood, is left to other experts.
//
// Source: the layout is that of SQLite's "Database File Format" (sqlite.org/fileformat2.html).
#pragma once

#include "model/experts/columns.hpp"
#include "model/history/byte_history.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class SqlitePages {
public:
    /// Whether the latest byte is within a database.
    bool open() const noexcept { return open_; }
    /// Whether the next byte is within a B-tree page.
    bool active() const noexcept {
        return open_ && part_ != Part::opaque && form_ != Form::content;
    }
    /// Whether the next byte is part of data of another kind, and whether it is the last one of
    /// them before bytes of the database itself.
    bool content() const noexcept {
        return open_ && (form_ == Form::content ||
                         (part_ == Part::opaque && (page_ != 0 || at_ >= kDatabaseHeader)));
    }
    bool ends_content() const noexcept {
        return content() && (at_ + 1 == page_size_ || (part_ != Part::opaque && left_ == 1));
    }
    /// Whether the next byte is part of a reference to the page where such data go on.
    bool reference() const noexcept {
        return open_ && (part_ == Part::overflow || (part_ == Part::next && linked_));
    }

    void update(std::uint8_t byte, const ByteHistory& bytes, Columns& columns);

    static constexpr std::size_t memory_for() noexcept { return kLargestPage / 8; }

private:
    enum class Part : std::uint8_t {
        opaque,   // a page, or the rest of it, that is not understood
        head,     // the fields of the page header
        pointers, // to cells
        gap,      // bytes of no cell
        child,    // parts of a cell: the left child's page
        payload,  // the payload's size
        row,      // the rowid
        header,   // the record header's size
        type,     // a serial type
        value,    // a value
        rest,     // of the record, if it is not understood
        overflow, // the number of the first overflow page
        next,     // an overflow page: the number of the next one
    };
    enum class Form : std::uint8_t { integer, variable, real, text, other, content };

    static constexpr std::uint32_t kLargestPage = 65536;
    static constexpr std::uint32_t kDatabaseHeader = 100;
    static constexpr std::size_t kMostColumns = 48;
    static constexpr std::uint32_t kLeastContent = 128; // shorter values are not data on their own
    static constexpr std::uint32_t kFewUnused = 8;      // more such bytes are data of another kind

    void find(std::uint8_t byte, Columns& columns);
    void read_database_header(std::uint8_t byte);
    void begin_page(const ByteHistory& bytes, Columns& columns);
    void begin(Part part, Form form, std::uint32_t size, std::uint32_t place,
               const ByteHistory& bytes, Columns& columns);
    void begin_head(const ByteHistory& bytes, Columns& columns);
    void begin_pointer(const ByteHistory& bytes, Columns& columns);
    void begin_anywhere(const ByteHistory& bytes, Columns& columns);
    void begin_cell(const ByteHistory& bytes, Columns& columns);
    void begin_payload(const ByteHistory& bytes, Columns& columns);
    void begin_record(const ByteHistory& bytes, Columns& columns);
    void begin_value(const ByteHistory& bytes, Columns& columns);
    void end_record(const ByteHistory& bytes, Columns& columns);
    void end_unit(const ByteHistory& bytes, Columns& columns);

    std::uint32_t next_cell(std::uint32_t place) const noexcept;
    bool has_cell(std::uint32_t offset) const noexcept {
        return (cells_[offset / 64] >> (offset % 64) & 1u) != 0;
    }
    bool is_table() const noexcept { return kind_ == 13 || kind_ == 5; }
    bool is_leaf() const noexcept { return kind_ == 13 || kind_ == 10; }
    /// How much of a payload is in the cell itself.
    std::uint64_t local_of(std::uint64_t payload) const noexcept;
    static std::uint32_t size_of(std::uint64_t type) noexcept;

    bool open_ = false;
    std::uint32_t matched_ = 0; // bytes of the database's magic
    std::uint32_t page_size_ = 0;
    std::uint32_t reserved_ = 0;
    std::uint32_t pages_ = 0; // in the database
    std::uint32_t page_ = 0;  // this one's index
    std::uint32_t at_ = 0;    // offset of the next byte in it

    // The page.
    Part part_ = Part::opaque;
    std::uint32_t kind_ = 0;
    std::uint32_t field_ = 0;          // of the header, or the index of a pointer
    std::uint32_t count_ = 0;          // of cells
    std::uint32_t unused_ = 0;         // bytes of no cell that are not 0
    bool first_cell_ = false;          // the next cell is the page's first
    std::uint64_t next_page_ = 0;      // the number of the page where a value goes on, 0: none
    bool linked_ = false;              // this page is that one
    std::vector<std::uint64_t> cells_; // a bit for each offset in the page

    // The unit of bytes that is being read.
    Form form_ = Form::other;
    std::uint32_t left_ = 0; // bytes to come; 0: up to a byte below 128
    std::uint32_t size_ = 0; // bytes so far
    std::uint64_t value_ = 0;

    // The record.
    std::uint64_t payload_ = 0;
    std::uint64_t local_ = 0;  // bytes of it in this cell
    std::uint64_t done_ = 0;   // of these, that have been read
    std::uint64_t header_ = 0; // size of the record's header
    std::uint32_t table_ = 0;  // hash of what tells tables apart
    std::array<std::uint64_t, kMostColumns> types_{};
    std::size_t types_known_ = 0;
    std::size_t column_ = 0;
};

} // namespace weightless::model
