// goose: `VERSION_name.sql` with `-- +goose Up`, `-- +goose Down`, statements between
// `StatementBegin` and `StatementEnd`, and `-- +goose NO TRANSACTION` for both ways. sql-migrate
// writes the same with
// `-- +migrate Up [notransaction]`.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/adopt/placeholders.hpp"
#include "runtime/adopt/sections.hpp"
#include "runtime/adopt/versions.hpp"

namespace cairn::adopt {

namespace {

std::optional<Directive> directive(const Line& line) {
    if (!line.text.starts_with("--")) return std::nullopt;
    const auto words = split_words(line.text.substr(2));
    if (words.empty() || (words[0] != "+goose" && words[0] != "+migrate")) return std::nullopt;
    Directive out{.line = line, .word = {}, .options = {}};
    if (words[0] == "+migrate") {
        if (words.size() > 1) out.word = lower(words[1]);
        if (words.size() > 2) out.options = {words.begin() + 2, words.end()};
        return out;
    }
    for (std::size_t i = 1; i < words.size(); ++i) out.word += (i > 1 ? " " : "") + lower(words[i]);
    return out;
}

std::vector<Directive> directives(const Folder& folder, const File& file) {
    std::vector<Directive> out;
    const std::string& text = folder.text(file);
    const std::uint32_t mark = Folder::begin_of(text);
    for (Line line : lines_of(text)) {
        if (line.begin == 0) line.text.remove_prefix(mark);
        if (auto found = directive(line)) out.push_back(std::move(*found));
    }
    return out;
}

bool owns(const Folder& folder, const File& file) {
    if (!file.is_sql()) return false;
    const auto found = directives(folder, file);
    return std::any_of(found.begin(), found.end(),
                       [](const Directive& d) { return d.word == "up"; });
}

// One file on its way through its directives.
class FileReader {
public:
    FileReader(const Folder& folder, const File& file, const Options& options,
               Diagnostics& diagnostics)
        : folder_(folder),
          file_(file),
          options_(options),
          diagnostics_(diagnostics),
          found_(directives(folder, file)) {}

    std::optional<Migration> read() {
        Stem stem = stem_of(file_);
        out_ = {.version = std::move(stem.version),
                .title = std::move(stem.title),
                .where = Folder::whole(file_),
                .up = script(),
                .down = std::nullopt,
                .verify = std::nullopt,
                .tags = {}};
        for (std::size_t i = 0; i < found_.size(); ++i) follow(i);
        if (open_) {
            wrong(*open_, "`StatementBegin` without a `StatementEnd`", "-- +goose StatementEnd");
        }
        if (!file_.usable) return std::nullopt;
        if (!up_) {
            diagnostics_.add({.code = 919,
                              .where = Folder::whole(file_),
                              .message = fmt::format("`{}` has no `-- +goose Up`", file_.path),
                              .help = "-- +goose Up"});
            return std::nullopt;
        }
        if (const auto before = statement_before(folder_, file_, first_)) {
            diagnostics_.add(
                {.code = 919,
                 .where = *before,
                 .message = "a statement stands before `-- +goose Up`: goose refuses it"});
        }
        for (Script* script : {&out_.up, out_.down ? &*out_.down : nullptr}) {
            if (script == nullptr || !none_) continue;
            script->marked = none_;
            script->sending = Sending::each_by_itself;
        }
        return std::move(out_);
    }

private:
    [[nodiscard]] Script script() const {
        return {.path = file_.path,
                .where = Folder::whole(file_),
                .sql = {},
                .sending = Sending::one_transaction,
                .whole_file = false,
                .values_are_put = true,
                .marked = std::nullopt};
    }

    void follow(std::size_t index) {
        const Directive& directive = found_[index];
        const std::string& word = directive.word;
        if (word == "up" || word == "down") {
            turn(directive);
        } else if (word == "statementbegin") {
            if (open_) wrong(directive, "`StatementBegin` inside of another one");
            open_ = directive;
        } else if (word == "statementend") {
            if (!open_) wrong(directive, "`StatementEnd` without a `StatementBegin`");
            open_.reset();
        } else if (word == "no transaction") {
            none_ = place(directive);
        } else if (word == "envsub on" || word == "envsub off") {
            values_ = word == "envsub on";
        } else {
            wrong(directive, fmt::format("`{}` is no directive", trim(directive.line.text)));
        }
        if (into_ != nullptr) take(index);
    }

    void turn(const Directive& directive) {
        const bool up = directive.word == "up";
        if (up ? up_ : out_.down.has_value())
            wrong(directive,
                  fmt::format("`{}` stands twice in one migration", trim(directive.line.text)));
        if (open_) wrong(directive, "a `StatementBegin` before this is not ended");
        open_.reset();
        if (up) {
            if (!up_ && !out_.down) first_ = directive.line.begin;
            if (out_.down) wrong(directive, "`Up` stands after `Down`");
            up_ = true;
            into_ = &out_.up;
        } else {
            if (!up_) wrong(directive, "`Down` stands before `Up`");
            if (!out_.down) out_.down = script();
            into_ = &*out_.down;
        }
        if (std::find(directive.options.begin(), directive.options.end(), "notransaction") !=
            directive.options.end()) {
            into_->marked = place(directive);
            into_->sending = Sending::each_by_itself;
        }
    }

    void take(std::size_t index) {
        sql::MappedSql part = section(folder_, file_, found_, index);
        const PlaceholderForm form{
            .prefix = "${", .suffix = "}", .defaults = true, .what = "environment variable"};
        into_->sql.append(values_ ? put_values(part, form, options_.values, diagnostics_)
                                  : std::move(part));
    }

    [[nodiscard]] Location place(const Directive& directive) const {
        return {file_.source, {directive.line.begin, directive.line.end}};
    }
    void wrong(const Directive& at, std::string message, std::string help = {}) {
        diagnostics_.add({.code = 919,
                          .where = place(at),
                          .message = std::move(message),
                          .help = std::move(help)});
    }

    const Folder& folder_;
    const File& file_;
    const Options& options_;
    Diagnostics& diagnostics_;
    const std::vector<Directive> found_;
    Migration out_;
    Script* into_ = nullptr;
    bool up_ = false, values_ = false;
    std::uint32_t first_ = 0;
    std::optional<Directive> open_;
    std::optional<Location> none_;
};

bool is_sql_migrate(const Folder& folder) {
    return std::any_of(folder.files().begin(), folder.files().end(), [&](const File& file) {
        return file.is_sql() && folder.text(file).find("-- +migrate Up") != std::string::npos;
    });
}

Reading read(const Folder& folder, const Options& options, Diagnostics& diagnostics) {
    Reading out;
    for (const File& file : folder.files()) {
        // goose itself takes only what begins with a version.
        if (!file.is_sql() || leading_digits(file.name()).empty()) continue;
        out.used.insert(file.path);
        if (auto migration = FileReader(folder, file, options, diagnostics).read())
            out.migrations.push_back(std::move(*migration));
    }
    // Files come in the order of their names, and that is how sql-migrate orders those of one number.
    sort_by_version(out.migrations, compare_numbers);
    if (!is_sql_migrate(folder)) report_duplicates(out.migrations, compare_numbers, diagnostics);
    report_gaps(out.migrations, folder, diagnostics);
    return out;
}

}  // namespace

const Tool goose{.name = "goose", .shown = "goose", .owns = owns, .read = read};

}  // namespace cairn::adopt
