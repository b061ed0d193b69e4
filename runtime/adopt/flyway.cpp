// Flyway: `V1.2__name.sql`, `U1.2__name.sql` (undo), `R__name.sql` (repeatable, after all others),
// `V1.2__name.sql.conf` beside a script, placeholders `${name}`.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/adopt/placeholders.hpp"
#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/versions.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

struct Name {
    char kind = 0;  // V, U, R, B
    std::string version, title;
};

std::optional<Name> name_of(const File& file) {
    if (!file.is_sql()) return std::nullopt;
    std::string_view name = file.name();
    name.remove_suffix(4);
    const std::size_t separator = name.find("__");
    if (separator == std::string_view::npos || separator == 0) return std::nullopt;
    Name out{.kind = name.front(),
             .version = std::string(name.substr(1, separator - 1)),
             .title = std::string(name.substr(separator + 2))};
    if (out.kind == 'R') return out.version.empty() ? std::optional(out) : std::nullopt;
    if (out.kind != 'V' && out.kind != 'U' && out.kind != 'B') return std::nullopt;
    std::replace(out.version.begin(), out.version.end(), '_', '.');
    const bool numbers = !leading_digits(out.version).empty() &&
                         out.version.find_first_not_of("0123456789.") == std::string::npos;
    return numbers ? std::optional(out) : std::nullopt;
}

bool owns(const Folder&, const File& file) {
    return name_of(file).has_value();
}

// Part by part as numbers; parts that are missing are 0.
int compare(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        const std::string_view x = a.substr(0, a.find('.')), y = b.substr(0, b.find('.'));
        const int order = compare_numbers(x, y);
        if (order != 0) return order;
        a.remove_prefix(std::min(x.size() + 1, a.size()));
        b.remove_prefix(std::min(y.size() + 1, b.size()));
    }
    return 0;
}

// KEY=VALUE lines of Flyway's own files, and `[flyway.placeholders]` with `key = "value"`.
std::map<std::string, std::string> settings_of(const Folder& folder, const File& file) {
    std::map<std::string, std::string> out;
    std::string table;
    for (const Line& line : lines_of(folder.text(file))) {
        const std::string_view text = trim(line.text);
        if (text.empty() || text.front() == '#') continue;
        if (text.front() == '[' && text.back() == ']') {
            table = std::string(text.substr(1, text.size() - 2)) + ".";
            continue;
        }
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        std::string_view value = trim(text.substr(equals + 1));
        const bool quoted = value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
                            value.back() == value.front();
        if (quoted) value = value.substr(1, value.size() - 2);
        out[table + std::string(trim(text.substr(0, equals)))] = value;
    }
    return out;
}

constexpr std::string_view callbacks[] = {"beforemigrate",       "beforeeachmigrate",
                                          "aftermigrate",        "aftereachmigrate",
                                          "beforeversioned",     "afterversioned",
                                          "beforerepeatables",   "beforeconnect",
                                          "aftermigrateapplied", "beforeeachmigratestatement",
                                          "beforevalidate"};

bool is_callback(const File& file) {
    std::string stem = lower(file.name());
    stem.resize(std::min(stem.find("__"), stem.size() - 4));
    return std::find(std::begin(callbacks), std::end(callbacks), stem) != std::end(callbacks);
}

class Reader {
public:
    Reader(const Folder& folder, const Options& options, Diagnostics& diagnostics)
        : folder_(folder), values_(options.values), diagnostics_(diagnostics) {
        for (const char* name : {"flyway.conf", "flyway.toml"}) configure(name);
    }

    Reading read() {
        for (const File& file : folder_.files()) {
            if (const auto name = name_of(file))
                take(file, *name);
            else if (file.is_sql() && is_callback(file))
                no_counterpart(file, "is a callback, which a plan does not have");
        }
        sort_by_version(out_.migrations, compare);
        report_duplicates(out_.migrations, compare, diagnostics_);
        report_gaps(out_.migrations, folder_, diagnostics_);
        attach_undo();
        std::sort(repeatable_.begin(), repeatable_.end(),
                  [](const Migration& a, const Migration& b) { return a.title < b.title; });
        for (Migration& migration : repeatable_) out_.migrations.push_back(std::move(migration));
        return std::move(out_);
    }

private:
    void configure(const char* name) {
        const File* file = folder_.find(name);
        if (file == nullptr) return;
        out_.used.insert(file->path);
        for (const auto& [key, value] : settings_of(folder_, *file)) {
            constexpr std::string_view placeholders = "flyway.placeholders.";
            if (key.starts_with(placeholders))
                values_.emplace(key.substr(placeholders.size()), value);
            if (key == "flyway.placeholderPrefix") form_.prefix = value;
            if (key == "flyway.placeholderSuffix") form_.suffix = value;
            if (key == "flyway.placeholderReplacement") replaces_ = value != "false";
        }
    }

    void take(const File& file, const Name& name) {
        out_.used.insert(file.path);
        if (name.kind == 'B') {
            no_counterpart(file,
                           "is a baseline: the migrations that it stands for are adopted instead");
            return;
        }
        Script script = script_of(folder_, file);
        script.values_are_put = true;
        bool replaces = replaces_;
        if (const File* conf = folder_.find(file.path + ".conf")) {
            out_.used.insert(conf->path);
            for (const auto& [key, value] : settings_of(folder_, *conf)) {
                if (key == "executeInTransaction" && value == "false") {
                    script.marked = Folder::whole(*conf);
                    script.sending = Sending::each_by_itself;
                }
                if (key == "placeholderReplacement") replaces = value != "false";
            }
        }
        if (replaces) put_in(file, script);
        Migration migration{.version = name.kind == 'R' ? "R" : name.version,
                            .title = name.title,
                            .where = Folder::whole(file),
                            .up = std::move(script),
                            .down = std::nullopt,
                            .verify = std::nullopt,
                            .tags = {}};
        auto& into = name.kind == 'V' ? out_.migrations : name.kind == 'U' ? undo_ : repeatable_;
        into.push_back(std::move(migration));
    }

    void put_in(const File& file, Script& script) {
        auto values = values_;
        values.emplace("flyway:filename", file.name());
        sql::MappedSql replaced = put_values(script.sql, form_, values, diagnostics_);
        script.whole_file = replaced.text == script.sql.text;
        script.sql = std::move(replaced);
    }

    void attach_undo() {
        for (Migration& undo : undo_) {
            const auto of = std::find_if(
                out_.migrations.begin(), out_.migrations.end(),
                [&](const Migration& m) { return compare(m.version, undo.version) == 0; });
            if (of != out_.migrations.end()) {
                of->down = std::move(undo.up);
                continue;
            }
            diagnostics_.add({.code = 924,
                              .where = undo.where,
                              .message = fmt::format("`{}` undoes version {}, which is not there",
                                                     undo.up.path, undo.version)});
        }
    }

    void no_counterpart(const File& file, const char* why) {
        out_.used.insert(file.path);
        diagnostics_.add({.severity = compiler::Severity::warning,
                          .code = 923,
                          .where = Folder::whole(file),
                          .message = fmt::format("`{}` {}", file.path, why)});
    }

    const Folder& folder_;
    std::map<std::string, std::string> values_;
    Diagnostics& diagnostics_;
    PlaceholderForm form_;
    bool replaces_ = true;
    Reading out_;
    std::vector<Migration> undo_, repeatable_;
};

Reading read(const Folder& folder, const Options& options, Diagnostics& diagnostics) {
    return Reader(folder, options, diagnostics).read();
}

}  // namespace

const Tool flyway{.name = "flyway", .shown = "Flyway", .owns = owns, .read = read};

}  // namespace cairn::adopt
