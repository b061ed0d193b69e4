#include "runtime/execute/unreadable.hpp"

#include <fmt/format.h>

#include "runtime/execute/answer.hpp"
#include "runtime/execute/merge_rows.hpp"
#include "runtime/journal/arrays.hpp"
#include "runtime/postgres/row_stream.hpp"

namespace cairn::execute {

namespace {

using postgres::Answer;
using postgres::Session;

constexpr std::size_t rows_at_once = 1000, bytes_at_once = 1 << 20;

// Rows that are tried together: their values by column, and how each is shown.
class Trial {
public:
    Trial(Session& judge, const std::vector<ComparedColumn>& columns) : judge_(judge), columns_(columns), values_(columns.size()) {}

    void add(const postgres::RowStream::Row& row) {
        for (std::size_t c = 0; c < row.size(); ++c) {
            values_[c].push_back(row[c] ? postgres::Value(*row[c]) : std::nullopt);
            bytes_ += row[c] ? row[c]->size() : 0;
        }
        rows_.push_back(row_text(row));
    }
    [[nodiscard]] bool full() const { return rows_.size() >= rows_at_once || bytes_ >= bytes_at_once; }

    // The first row with a value that can't be read, and nothing left to be tried.
    std::optional<Unreadable> run() {
        std::optional<Unreadable> found;
        std::size_t before = rows_.size();
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            if (!may_not_be_read(columns_[c]) || can_be_read(c, 0, before)) continue;
            before = first_unreadable(c, before);
            found = {.column = c, .value = *values_[c][before], .row = rows_[before]};
        }
        rows_.clear();
        for (auto& values : values_) values.clear();
        bytes_ = 0;
        return found;
    }

private:
    bool can_be_read(std::size_t column, std::size_t begin, std::size_t end) {
        journal::TextArray array;
        for (std::size_t r = begin; r < end; ++r) array.add(values_[column][r]);
        const std::string sql = fmt::format("SELECT count(v::{}) FROM unnest($1::pg_catalog.text[]) AS v", columns_[column].type);
        const Answer answer = judge_.query(sql, {array.literal()});
        if (!answer.ok()) (void)judge_.query("ROLLBACK TO SAVEPOINT cairn_values");
        return answer.ok() || answer.fate == postgres::Fate::cancelled || answer.fate == postgres::Fate::lost;
    }

    // By halves; one of them up to `end` can't.
    std::size_t first_unreadable(std::size_t column, std::size_t end) {
        std::size_t begin = 0;
        while (end - begin > 1) {
            const std::size_t middle = begin + (end - begin) / 2;
            (can_be_read(column, begin, middle) ? begin : end) = middle;
        }
        return begin;
    }

    Session& judge_;
    const std::vector<ComparedColumn>& columns_;
    std::vector<std::vector<postgres::Value>> values_;
    std::vector<std::string> rows_;
    std::size_t bytes_ = 0;
};

}  // namespace

std::variant<std::optional<Unreadable>, Answer> find_unreadable(Session& session, Session& judge, const std::string& query,
                                                                const std::vector<ComparedColumn>& columns) {
    Trial trial(judge, columns);
    postgres::RowStream stream(session, plain_texts(query, columns.size()));
    while (const auto* row = stream.next()) {
        trial.add(*row);
        if (!trial.full()) continue;
        if (auto found = trial.run()) return found;
    }
    if (!stream.end().ok()) return stream.end();
    return trial.run();
}

}  // namespace cairn::execute
