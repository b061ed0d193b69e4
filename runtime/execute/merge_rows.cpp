#include "runtime/execute/merge_rows.hpp"

#include <algorithm>

#include "runtime/execute/answer.hpp"

namespace cairn::execute {

namespace {

using postgres::RowStream;
using Row = RowStream::Row;

constexpr std::size_t longest = 1000;  // bytes of a row that are kept to be shown

// As the servers order them: NULL first, texts by their bytes.
int compare(const Row& a, const Row& b) {
    for (std::size_t c = 0; c < a.size(); ++c) {
        if (a[c].has_value() != b[c].has_value()) return a[c].has_value() ? 1 : -1;
        if (!a[c]) continue;
        if (const int order = a[c]->compare(*b[c]); order != 0) return order;
    }
    return 0;
}

// https://www.postgresql.org/docs/15/rowtypes.html#ROWTYPES-IO-SYNTAX
bool needs_quotes(std::string_view text) { return text.empty() || text.find_first_of("\"\\(), \t\n\r\v\f") != std::string_view::npos; }

class Merge {
public:
    Merge(RowStream& left, RowStream& right, bool within, std::size_t keep) : left_(left), right_(right), within_(within), keep_(keep) {}

    Merged run() {
        const Row *left = next_left(), *right = next_right();
        while (left != nullptr || right != nullptr) {
            const int order = left == nullptr ? 1 : right == nullptr ? -1 : compare(*left, *right);
            if (order < 0) {
                note(*left, true);
                left = next_left();
            } else if (order > 0) {
                if (!within_) note(*right, false);
                right = next_right();
            } else {
                left = next_left();
                if (!within_) right = next_right();
            }
            // Of a side that has failed the other need not be read to its end.
            if (failed_) return out_;
        }
        out_.complete = !failed_;
        return out_;
    }

private:
    const Row* next_left() { return counted(left_, out_.left); }
    const Row* next_right() { return counted(right_, out_.right); }
    const Row* counted(RowStream& stream, std::uint64_t& rows) {
        const Row* row = stream.next();
        if (row != nullptr) ++rows;
        failed_ = failed_ || !stream.end().ok();
        return row;
    }

    void note(const Row& row, bool on_left) {
        ++(on_left ? out_.left_only : out_.right_only);
        auto& kept = on_left ? kept_left_ : kept_right_;
        if (kept > keep_) return;
        std::string text = row_text(row);
        const auto same = std::find_if(out_.first.rbegin(), out_.first.rend(), [&](const Difference& d) { return d.on_left == on_left; });
        if (same != out_.first.rend() && same->row == text && text.size() <= longest) {
            ++same->rows;
        } else if (++kept <= keep_) {
            out_.first.push_back({.on_left = on_left, .rows = 1, .row = std::move(text)});
        }
    }

    RowStream &left_, &right_;
    bool within_, failed_ = false;
    std::size_t keep_, kept_left_ = 0, kept_right_ = 0;
    Merged out_;
};

}  // namespace

std::string row_text(const Row& row) {
    std::string out = "(";
    for (std::size_t c = 0; c < row.size() && out.size() <= longest; ++c) {
        if (c > 0) out += ',';
        if (!row[c]) continue;
        if (!needs_quotes(*row[c])) {
            out += row[c]->substr(0, longest + 1);
            continue;
        }
        out += '"';
        for (const char character : row[c]->substr(0, longest + 1)) {
            if (character == '"' || character == '\\') out += character;
            out += character;
        }
        out += '"';
    }
    return cut(out + ")", longest);
}

Merged merge_rows(RowStream& left, RowStream& right, bool within, std::size_t keep) { return Merge(left, right, within, keep).run(); }

}  // namespace cairn::execute
