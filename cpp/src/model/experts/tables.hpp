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
        pages_.update(raw.value, bytes, columns_);
        if (pages_.open()) {
            active_ = pages_.active();
            return;
        }
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
        active_ = json_.active() || rows_.active() || log_.active();
    }

    bool active() const noexcept { return active_; }

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
    // Each name is a cell.
    void update_names(const ByteHistory& bytes, const Reads& reads) {
        const bool was = reads.latest() == Reads::Part::name;
        active_ = reads.part() == Reads::Part::name;
        if (active_ && !was) {
            columns_.prepare();
            columns_.begin_row();
            columns_.begin_text(kName, bytes);
        } else if (active_) {
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
    bool active_ = false;
};

} // namespace weightless::model
