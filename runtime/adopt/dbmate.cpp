// dbmate: `VERSION_name.sql` with `-- migrate:up [transaction:false]` and `-- migrate:down`.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/adopt/sections.hpp"
#include "runtime/adopt/versions.hpp"

namespace cairn::adopt {

namespace {

// `-- migrate:up`, from the line's first character.
std::optional<Directive> directive(const Line& line) {
    if (!line.text.starts_with("--")) return std::nullopt;
    const auto words = split_words(line.text.substr(2));
    if (words.empty() || (words[0] != "migrate:up" && words[0] != "migrate:down"))
        return std::nullopt;
    return Directive{
        .line = line, .word = std::string(words[0]), .options = {words.begin() + 1, words.end()}};
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
                       [](const Directive& d) { return d.word == "migrate:up"; });
}

class Reader {
public:
    Reader(const Folder& folder, Diagnostics& diagnostics)
        : folder_(folder), diagnostics_(diagnostics) {}

    Reading read() {
        for (const File& file : folder_.files()) {
            // dbmate itself passes over what does not begin with a version.
            if (file.is_sql() && !leading_digits(file.name()).empty()) migration(file);
        }
        sort_by_version(out_.migrations, compare_numbers);
        report_duplicates(out_.migrations, compare_numbers, diagnostics_);
        report_gaps(out_.migrations, folder_, diagnostics_);
        return std::move(out_);
    }

private:
    void migration(const File& file) {
        out_.used.insert(file.path);
        const auto found = directives(folder_, file);
        Stem stem = stem_of(file);
        Migration migration{.version = std::move(stem.version),
                            .title = std::move(stem.title),
                            .where = Folder::whole(file),
                            .up = {},
                            .down = std::nullopt,
                            .verify = std::nullopt,
                            .tags = {}};
        bool up = false;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const bool is_up = found[i].word == "migrate:up";
            if (is_up ? up : migration.down.has_value()) {
                wrong(place(file, found[i].line),
                      fmt::format("`-- {}` stands twice in one migration", found[i].word));
                continue;
            }
            Script script = read(file, found, i);
            if (is_up) {
                up = true;
                migration.up = std::move(script);
                if (migration.down)
                    wrong(place(file, found[i].line),
                          "`-- migrate:up` stands after `-- migrate:down`");
            } else {
                migration.down = std::move(script);
            }
        }
        if (!file.usable) return;
        if (!up) {
            wrong(Folder::whole(file), fmt::format("`{}` has no `-- migrate:up`", file.path),
                  "-- migrate:up");
            return;
        }
        if (const auto before = statement_before(folder_, file, found.front().line.begin))
            wrong(*before, "a statement stands before `-- migrate:up`: dbmate does not take it");
        out_.migrations.push_back(std::move(migration));
    }

    Script read(const File& file, const std::vector<Directive>& found, std::size_t index) {
        const Directive& directive = found[index];
        Script script{.path = file.path,
                      .where = place(file, directive.line),
                      .sql = section(folder_, file, found, index),
                      .sending = Sending::one_transaction,
                      .whole_file = false,
                      .marked = std::nullopt};
        for (const std::string& option : directive.options) {
            if (option == "transaction:false") {
                script.marked = place(file, directive.line);
                script.sending = Sending::each_by_itself;
            } else if (option != "transaction:true") {
                wrong(place(file, directive.line),
                      fmt::format("`{}` is no option of `-- {}`", option, directive.word),
                      fmt::format("-- {} transaction:false", directive.word));
            }
        }
        return script;
    }

    static Location place(const File& file, const Line& line) {
        return {file.source, {line.begin, line.end}};
    }
    void wrong(const Location& where, std::string message, std::string help = {}) {
        diagnostics_.add(
            {.code = 919, .where = where, .message = std::move(message), .help = std::move(help)});
    }

    const Folder& folder_;
    Diagnostics& diagnostics_;
    Reading out_;
};

Reading read(const Folder& folder, const Options&, Diagnostics& diagnostics) {
    return Reader(folder, diagnostics).read();
}

}  // namespace

const Tool dbmate{.name = "dbmate", .shown = "dbmate", .owns = owns, .read = read};

}  // namespace cairn::adopt
