#include "runtime/adopt/cut.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/adopt/lexical.hpp"
#include "runtime/adopt/placeholders.hpp"
#include "runtime/adopt/statements.hpp"
#include "runtime/adopt/variables.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

using sql::NonTransactional;

struct Range {
    std::uint32_t begin = 0, end = 0;
};

// A piece that is being put together.
struct Draft {
    std::vector<Range> ranges;
    bool transactional = true;
    bool only_settings = true;
    bool adds_enum_value = false;
    const Found* first = nullptr;
};

// CR LF is a blank to SQL, but for strings and function bodies, where it is text.
sql::MappedSql with_newlines(const sql::MappedSql& script) {
    if (script.text.find('\r') == std::string::npos) return script;
    sql::MappedSql out;
    for (const Part& part : parts_of(script.text)) {
        const bool text = part.region != Region::code && part.region != Region::comment;
        std::uint32_t done = part.begin;
        for (std::uint32_t at = part.begin; !text && at < part.end; ++at) {
            if (script.text[at] != '\r') continue;
            out.append(script.slice(done, at));
            done = at + 1;
        }
        out.append(script.slice(done, part.end));
    }
    return out;
}

// Without blanks and blank lines around it.
sql::MappedSql trimmed(const sql::MappedSql& script) {
    const std::string& text = script.text;
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return {};
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return script.slice(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last + 1));
}

// `${NAME}` that is no tool's, envsubst's perhaps, where its value is given.
sql::MappedSql with_given(const Script& script,
                          const std::map<std::string, std::string>& values) {
    Diagnostics of_others;
    return values.empty() || script.values_are_put ? script.sql
                                                   : put_values(script.sql, {}, values, of_others);
}

class Cutter {
public:
    Cutter(const Script& script, const Options& options, bool tell_of_control,
           Diagnostics& diagnostics)
        : script_(script),
          tell_(tell_of_control),
          diagnostics_(diagnostics),
          foreign_(take_out_foreign(with_given(script, options.values), !script.values_are_put,
                                    options.values, diagnostics)) {
        const std::size_t before = diagnostics_.list().size();
        settle_variables(foreign_, options.values, diagnostics_);
        out_.broken = diagnostics_.list().size() > before;
    }

    Cut cut() {
        Statements statements = find_statements(foreign_, script_.path, diagnostics_);
        out_.broken = statements.broken || out_.broken;
        std::uint32_t done = 0;
        for (std::size_t i = 0; i < statements.list.size(); ++i) {
            const Found& found = statements.list[i];
            const bool last = i + 1 == statements.list.size();
            const auto size = static_cast<std::uint32_t>(foreign_.sql.text.size());
            const Range range{done, last ? size : found.after};
            if (found.facts.transaction_control)
                control(found, range);
            else
                take(found, range);
            done = range.end;
        }
        if (block_ != nullptr) {
            wrong(*block_, fmt::format("this {} is never committed", block_->facts.kind),
                  "COMMIT;");
        }
        close();
        tell();
        if (out_.pieces.size() == 1) {
            out_.pieces[0].unchanged = out_.pieces[0].sql.text == trimmed(script_.sql).text &&
                                       out_.pieces[0].transactional;
        }
        return std::move(out_);
    }

private:
    void control(const Found& found, Range range) {
        const std::string& kind = found.facts.kind;
        const Range before{range.begin, found.begin}, behind{end_of(found), range.end};
        if (kind == "BEGIN" || kind == "START TRANSACTION") {
            if (block_ != nullptr) return wrong(found, "a BEGIN stands inside of another one");
            close();
            block_ = &found;
            controlled_ = controlled_ == nullptr ? &found : controlled_;
            carry_.insert(carry_.end(), {before, behind});
        } else if (kind == "COMMIT") {
            if (block_ == nullptr) return wrong(found, "this COMMIT has no BEGIN before it");
            block_ = nullptr;
            if (draft_) draft_->ranges.insert(draft_->ranges.end(), {before, behind});
            close();
        } else {
            wrong(found,
                  fmt::format("a step is one transaction, which cairn ends: {} can't be taken over",
                              kind));
        }
    }

    void take(const Found& found, Range range) {
        const bool transactional = found.facts.non_transactional == NonTransactional::no;
        if (!transactional && block_ != nullptr) {
            return wrong(found, fmt::format("PostgreSQL refuses {} in a transaction, and it stands "
                                            "between BEGIN and COMMIT",
                                            found.facts.kind));
        }
        const bool setting = found.facts.is_setting;
        if (block_ == nullptr && draft_ && ends_before(found, transactional)) close();
        if (!draft_) open(transactional);
        draft_->ranges.push_back(range);
        if (setting) {
            settings_.push_back({found.begin, range.end});
        } else {
            draft_->transactional = transactional;
            draft_->only_settings = false;
            if (draft_->first == nullptr) draft_->first = &found;
        }
        draft_->adds_enum_value = found.adds_enum_value;
    }

    // Whether the piece so far ends before this statement.
    [[nodiscard]] bool ends_before(const Found& found, bool transactional) const {
        if (draft_->only_settings) return false;
        if (found.facts.is_setting) {
            return script_.sending == Sending::each_by_itself || !draft_->transactional;
        }
        if (draft_->transactional != transactional) return true;
        if (!transactional) return false;
        if (script_.sending == Sending::each_by_itself) return true;
        return script_.sending == Sending::as_written && draft_->adds_enum_value &&
               !found.adds_enum_value;
    }

    // Begins with what comes before it, and with the settings that are in force.
    void open(bool transactional) {
        draft_ = Draft{};
        draft_->transactional = transactional;
        for (const Range setting : settings_) draft_->ranges.push_back(setting);
        draft_->ranges.insert(draft_->ranges.end(), carry_.begin(), carry_.end());
        carry_.clear();
    }

    void close() {
        if (!draft_) return;
        const Draft draft = *std::exchange(draft_, std::nullopt);
        if (draft.only_settings) return;  // nothing was done under them
        if (!out_.pieces.empty() && second_ == nullptr) second_ = draft.first;
        Piece piece{.sql = {}, .transactional = draft.transactional, .unchanged = false};
        for (const Range range : draft.ranges) {
            const bool glued = !piece.sql.text.empty() && !piece.sql.text.ends_with('\n');
            const sql::MappedSql part = foreign_.sql.slice(range.begin, range.end);
            if (glued && !part.text.empty() && part.text.front() != '\n' &&
                part.text.front() != ' ')
                piece.sql.append("\n");
            piece.sql.append(part);
        }
        piece.sql = trimmed(with_newlines(piece.sql));
        out_.pieces.push_back(std::move(piece));
    }

    void tell() {
        if (out_.broken) return;
        if (out_.pieces.size() > 1) {
            diagnostics_.add({.severity = compiler::Severity::warning,
                              .code = 917,
                              .where = place(*second_),
                              .message = fmt::format("this migration becomes {} steps: {}",
                                                     out_.pieces.size(), why())});
        } else if (controlled_ != nullptr && tell_) {
            diagnostics_.add({.severity = compiler::Severity::warning,
                              .code = 916,
                              .where = place(*controlled_),
                              .message = fmt::format(
                                  "{} and COMMIT are left out: a step is a transaction of its own",
                                  controlled_->facts.kind)});
        }
    }

    [[nodiscard]] std::string why() const {
        const bool mixed = std::any_of(out_.pieces.begin(), out_.pieces.end(),
                                       [](const Piece& piece) { return !piece.transactional; });
        if (controlled_ != nullptr) return "it commits on the way";
        if (script_.sending == Sending::each_by_itself)
            return "its tool sends each statement by itself";
        return mixed ? "PostgreSQL refuses some of its statements in a transaction"
                     : "a new value of an enum can't be used before it is committed";
    }

    [[nodiscard]] std::uint32_t end_of(const Found& found) const {
        const std::string& text = foreign_.sql.text;
        return found.end < text.size() && text[found.end] == ';' ? found.end + 1 : found.end;
    }
    [[nodiscard]] Location place(const Found& found) const {
        const std::size_t line = foreign_.sql.text.find('\n', found.begin);
        const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(line, found.end));
        return foreign_.sql.locate(found.begin, end);
    }
    void wrong(const Found& found, std::string message, std::string help = {}) {
        out_.broken = true;
        diagnostics_.add({.code = 915,
                          .where = place(found),
                          .message = std::move(message),
                          .help = std::move(help)});
    }

    const Script& script_;
    const bool tell_;
    Diagnostics& diagnostics_;
    Foreign foreign_;
    Cut out_;
    std::optional<Draft> draft_;
    std::vector<Range> carry_;     // stood before a BEGIN: goes to the piece behind it
    std::vector<Range> settings_;  // SETs so far
    const Found *block_ = nullptr, *controlled_ = nullptr, *second_ = nullptr;
};

}  // namespace

Cut cut(const Script& script, const Options& options, bool tell_of_control,
        Diagnostics& diagnostics) {
    return Cutter(script, options, tell_of_control, diagnostics).cut();
}

}  // namespace cairn::adopt
