// Tables: rows of cells, as delimited text, JSON, lines that begin alike, or SQLite's pages. Each
// of these front ends tells the columns (columns.hpp) where cells begin and end.
#pragma once

#include "model/experts/columns.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/json_rows.hpp"
#include "model/experts/log_rows.hpp"
#include "model/experts/reads.hpp"
#include "model/experts/sqlite_pages.hpp"
#include "model/experts/text_rows.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Tables {
public:
    void update(const ByteHistory& bytes, const RawByte& raw, const Reads& reads) {
        const bool content = pages_.content();
        if (content || !pages_.open()) {
            update_text(bytes, reads);
        }
        if (pages_.ends_content()) {
            place_ = columns_.where();
        }
        const bool open = pages_.open();
        pages_.update(raw.value, bytes, columns_);
        if (pages_.content()) {
            if (!content) {
                columns_.go_back(place_);
            }
            active_ = text_;
        } else if (pages_.open()) {
            if (!open) {
                place_ = columns_.where();
            }
            active_ = pages_.active();
        } else {
            active_ = text_;
        }
    }

    bool active() const noexcept { return active_; }
    /// Whether the next byte stands within data that the other experts should see without it.
    bool interrupts() const noexcept { return pages_.reference(); }

    void begin_bit(const PartialByte& partial) noexcept { columns_.begin_bit(partial); }
    void train(unsigned bit) noexcept { columns_.train(bit); }

    std::size_t memory() const noexcept { return memory_for(MemoryBudget{}); }
    static std::size_t memory_for(MemoryBudget) noexcept {
        return Columns::memory_for() + SqlitePages::memory_for();
    }

    struct Cells : Contexts<Columns::kContexts> {
        static std::array<std::uint32_t, kCount> of(const Tables& tables,
                                                    const ByteHistory& bytes) noexcept {
            return tables.columns_.contexts(bytes);
        }
    };
    struct Numbers : Inputs<Columns::kInputs> {
        static void of(const Tables& tables, std::int16_t* x) noexcept {
            std::copy_n(tables.columns_.inputs().begin(), kCount, x);
        }
    };
    struct State : Selector<Columns::kStates> {
        static int of(const Tables& tables, const PartialByte& partial) noexcept {
            return tables.columns_.state(partial);
        }
    };
    struct Place : Selector<Columns::kPlaces> {
        static int of(const Tables& tables) noexcept { return tables.columns_.place(); }
    };

private:
    // Tables as text.
    void update_text(const ByteHistory& bytes, const Reads& reads) {
        if (reads.in_fastq()) {
            update_names(bytes, reads);
            return;
        }
        if (reads.latest() == Reads::Part::bases || reads.latest() == Reads::Part::qualities) {
            return; // they belong to no cell
        }
        // Only one of these uses the columns.
        json_.update(bytes, columns_);
        rows_.update(bytes, columns_, !json_.active());
        log_.update(bytes, columns_, !json_.active() && !rows_.active());
        text_ = json_.active() || rows_.active() || log_.active();
    }

    // Each name is a cell.
    void update_names(const ByteHistory& bytes, const Reads& reads) {
        const bool was = reads.latest() == Reads::Part::name;
        text_ = reads.part() == Reads::Part::name;
        if (text_ && !was) {
            columns_.prepare();
            columns_.begin_row();
            columns_.begin_text(kName, bytes);
        } else if (text_) {
            columns_.push_text(bytes);
        } else if (bytes.back(1) == '\n' && reads.part() == Reads::Part::bases) {
            columns_.end_text(bytes);
        }
    }

    static constexpr std::uint32_t kName = 1u << 29; // a column that no table has

    Columns columns_;
    TextRows rows_;
    SqlitePages pages_;
    JsonRows json_;
    LogRows log_;
    PlaceInRow place_;  // in the tables as text
    bool text_ = false; // the next byte is in one of them
    bool active_ = false;
};

} // namespace weightless::model
