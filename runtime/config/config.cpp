#include "runtime/config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#define TOML_EXCEPTIONS 0
#define TOML_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

#include "compiler/diagnostics/suggest.hpp"
#include "grammar/literal.hpp"

namespace cairn::config {

namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;
using compiler::Location;
using compiler::Severity;

// Reads the tables of one cairn.toml; every mistake is noted and the rest read on.
class Reader {
public:
    Reader(compiler::SourceId id, const compiler::Sources& sources) : id_(id), sources_(sources) {}

    void read(const toml::table& file, Config& config) {
        known(file, {"profile", "rehearse", "run", "journal", "store", "encrypt", "notify"}, "");
        each_table(file, "profile", [&](const std::string& name, const toml::table& t) {
            profile(name, t, config);
        });
        each_table(file, "rehearse", [&](const std::string& name, const toml::table& t) {
            rehearse(name, t, config);
        });
        if (const auto* run = table(file, "run")) {
            known(*run, {"lease", "backoff", "range", "lag"}, "run");
            config.lease = duration(*run, "lease");
            config.backoff = duration(*run, "backoff");
            config.range = duration(*run, "range");
            config.lag = duration(*run, "lag");
        }
        if (const auto* journal = table(file, "journal")) {
            known(*journal, {"folder"}, "journal");
            if (auto folder = text(*journal, "folder")) config.journal_folder = *folder;
        }
        for (const char* later : {"store", "encrypt", "notify"}) {
            const auto at = file.find(later);
            if (at == file.end()) continue;
            warnings_.push_back(
                {.severity = Severity::warning,
                 .code = 490,
                 .where = place(at->first),
                 .message = fmt::format(
                     "`[{}]` is not in this version yet: nothing will come of it", later)});
        }
    }

    [[nodiscard]] std::vector<Diagnostic>& errors() { return errors_; }
    [[nodiscard]] std::vector<Diagnostic>& warnings() { return warnings_; }

    [[nodiscard]] Location place(const toml::source_region& region) const {
        const compiler::Source& source = sources_.at(id_);
        const auto offset = [&](const toml::source_position& p) {
            return source.offset({.line = p.line, .column = p.column});
        };
        const auto begin = offset(region.begin);
        return {id_, {begin, std::max(begin, offset(region.end))}};
    }

private:
    [[nodiscard]] Location place(const toml::key& key) const { return place(key.source()); }

    void error(const Location& where, std::string message, std::string help = "") {
        errors_.push_back(
            {.code = 604, .where = where, .message = std::move(message), .help = std::move(help)});
    }

    void known(const toml::table& t, const std::vector<std::string>& keys,
               const std::string& section) {
        for (const auto& [key, value] : t) {
            const std::string name(key.str());
            if (std::find(keys.begin(), keys.end(), name) != keys.end()) continue;
            const std::string in = section.empty() ? "cairn.toml" : "`[" + section + "]`";
            const auto near = compiler::did_you_mean(name, keys);
            warnings_.push_back({.severity = Severity::warning,
                                 .code = 603,
                                 .where = place(key),
                                 .message = fmt::format("{} has no key `{}`", in, name),
                                 .help = near.value_or("")});
        }
    }

    const toml::table* table(const toml::table& parent, const char* name) {
        const auto at = parent.find(name);
        if (at == parent.end()) return nullptr;
        if (!at->second.is_table())
            error(place(at->second.source()), fmt::format("`{}` must be a table", name),
                  fmt::format("[{}]", name));
        return at->second.as_table();
    }

    template <typename Take>
    void each_table(const toml::table& parent, const char* name, Take&& take) {
        const auto* all = table(parent, name);
        if (all == nullptr) return;
        for (const auto& [key, value] : *all) {
            const std::string which(key.str());
            if (const auto* one = value.as_table())
                take(which, *one);
            else
                error(place(value.source()), fmt::format("`{}.{}` must be a table", name, which),
                      fmt::format("[{}.{}]", name, which));
        }
    }

    std::optional<std::string> text(const toml::table& t, const char* name) {
        const auto at = t.find(name);
        if (at == t.end()) return std::nullopt;
        if (const auto value = at->second.value_exact<std::string>()) {
            if (!value->empty()) return value;
            error(place(at->second.source()), fmt::format("`{}` is empty", name));
            return std::nullopt;
        }
        error(place(at->second.source()), fmt::format("`{}` must be a string", name),
              fmt::format("{} = \"…\"", name));
        return std::nullopt;
    }

    std::optional<std::chrono::milliseconds> duration(const toml::table& t, const char* name) {
        const auto written = text(t, name);
        if (!written) return std::nullopt;
        const auto value = grammar::parse_duration(*written);
        if (!value) {
            error(place(t.find(name)->second.source()),
                  fmt::format("`{}` is not a duration", *written),
                  fmt::format("{} = \"30s\"", name));
        }
        return value;
    }

    void profile(const std::string& name, const toml::table& t, Config& config) {
        Config::Profile& out = config.profiles[name];
        known(t, {"confirm", "db"}, "profile." + name);
        if (const auto at = t.find("confirm"); at != t.end()) {
            const auto value = at->second.value_exact<bool>();
            if (!value)
                error(place(at->second.source()), "`confirm` must be true or false",
                      "confirm = true");
            out.confirm = value.value_or(true);
        }
        const auto* databases = table(t, "db");
        if (databases == nullptr) return;
        for (const auto& [key, value] : *databases) {
            if (auto found = address(std::string(key.str()), value))
                out.databases.emplace(key.str(), *found);
        }
    }

    std::optional<Config::Address> address(const std::string& role, const toml::node& value) {
        Config::Address out{.where = place(value.source())};
        if (const auto written = value.value_exact<std::string>()) {
            out.conninfo = *written;
            return out;
        }
        const auto* t = value.as_table();
        if (t != nullptr) {
            known(*t, {"conninfo", "service", "env"}, "db." + role);
            const auto before = errors_.size();
            out.conninfo = text(*t, "conninfo");
            out.service = text(*t, "service");
            out.env = text(*t, "env");
            if (errors_.size() > before) return std::nullopt;
            if (out.conninfo.has_value() + out.service.has_value() + out.env.has_value() == 1)
                return out;
        }
        error(
            out.where,
            fmt::format(
                "where database `{}` is must be said by one of a string, `service` or `env`", role),
            fmt::format("{} = {{ env = \"{}\" }}", role, environment_name(role)));
        return std::nullopt;
    }

    void rehearse(const std::string& role, const toml::table& t, Config& config) {
        known(t, {"fixture", "dump", "profile", "rows"}, "rehearse." + role);
        auto& entry = config.rehearse[role];
        entry.fixture = text(t, "fixture");
        entry.dump = text(t, "dump");
        entry.profile = text(t, "profile");
        if (const auto rows = t.find("rows"); rows != t.end()) {
            const auto value = rows->second.value_exact<std::int64_t>();
            if (value && *value >= 0)
                entry.rows = *value;
            else
                error(place(rows->second.source()), "`rows` must be a number from 0",
                      "rows = 10000");
        }
    }

    compiler::SourceId id_;
    const compiler::Sources& sources_;
    std::vector<Diagnostic> errors_, warnings_;
};

// The nearest cairn.toml at or above `folder`; empty when there is none.
fs::path find_file(const fs::path& folder) {
    std::error_code ignored;
    for (fs::path at = fs::absolute(folder, ignored).lexically_normal();; at = at.parent_path()) {
        fs::path file = at / "cairn.toml";
        if (fs::exists(file, ignored)) return file;
        if (at == at.parent_path()) return {};
    }
}

// As one would type it from here.
std::string shown(const fs::path& file) {
    std::error_code failed;
    const fs::path here = fs::current_path(failed);
    const fs::path relative = file.lexically_relative(here);
    return failed || relative.empty() || relative.native().starts_with("../../..")
               ? file.string()
               : relative.string();
}

std::variant<std::string, Diagnostic> read_file(const fs::path& file) {
    std::error_code failed;
    const auto unreadable = [&](const std::string& why) {
        return Diagnostic{.code = 601,
                          .message = fmt::format("`{}` can't be read: {}", shown(file), why)};
    };
    if (!fs::is_regular_file(file, failed)) return unreadable("it is not a file");
    if (fs::file_size(file, failed) > 1'000'000) return unreadable("it is larger than 1 MB");
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (!in || (in.peek() != EOF && !(text << in.rdbuf()))) return unreadable("permission denied");
    return std::move(text).str();
}

// `Error while parsing key-value pair: expected …` in our tone.
std::string lowered(std::string_view message) {
    std::string out(message);
    if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z')
        out[0] = static_cast<char>(out[0] - 'A' + 'a');
    while (out.ends_with('.')) out.pop_back();
    return out;
}

}  // namespace

std::variant<Config, Diagnostic> load(const std::string& plan_path, compiler::Sources& sources,
                                      compiler::Diagnostics& warnings) {
    Config config;
    const fs::path folder = fs::path(plan_path).parent_path();
    config.root = folder.empty() ? "." : folder.string();
    const fs::path file = find_file(config.root);
    if (file.empty()) return config;
    config.path = shown(file);
    config.root = file.parent_path().string();

    auto text = read_file(file);
    if (const auto* d = std::get_if<Diagnostic>(&text)) return *d;
    const compiler::SourceId id = sources.add(config.path, std::get<std::string>(text));
    Reader reader(id, sources);
    const toml::parse_result parsed = toml::parse(sources.at(id).text());
    if (!parsed) {
        return Diagnostic{.code = 602,
                          .where = reader.place(parsed.error().source()),
                          .message = lowered(parsed.error().description())};
    }
    reader.read(parsed.table(), config);
    for (auto& warning : reader.warnings()) warnings.add(std::move(warning));
    if (reader.errors().empty()) return config;
    for (std::size_t i = 1; i < reader.errors().size(); ++i)
        warnings.add(std::move(reader.errors()[i]));
    return std::move(reader.errors().front());
}

}  // namespace cairn::config
