// Scenarios: a database before, a plan, commands, and what must come of them, in one file without
// C++.
//
// `tests/cluster/**/*.scenario`, each a test of its own named by its path: `cluster_tests
// "apply/first*"`. A file is a sequence of sections, carried out in their order. A section begins
// with a line `=== WORD …` and takes in all lines up to the next. Lines before the first section
// say what the scenario shows.
//
//   === sql [ROLE]              statements run in the database of ROLE
//   === plan [FILE]             written into the test's folder, as plan.cairn unless named
//   === file FILE               the same, for anything else: cairn.toml, sql/step.sql
//   === server                  first of all: settings of a server of the scenario's own, `name =
//   value` a line;
//                               needed too by what creates roles, stops the server or restarts it
//   === restart                 stops that server at once, as a crash would, and starts it again
//   === cairn ARGUMENTS         runs the program in the test's folder; arguments are split at
//   blanks, "…" holds one
//                               together, {dir} is the folder and {ROLE} the CONNINFO of a role,
//                               "{run PLAN}" the newest run of a plan that can be rolled back. Lines below it:
//     env NAME=VALUE              added to its environment (CAIRN_<ROLE> is there already)
//     exit N                      its exit code, 128 + signal if a signal ended it; without this
//     line: 0 out contains TEXT           also: out lacks TEXT, err contains TEXT, err lacks TEXT
//   === journal                 what `cairn status` says: `run STATE`, and `ITEM STATE` for the
//   items of interest
//   === query [ROLE]            a query, a line `---`, and its rows: columns separated by `|`, NULL
//   as NULL
//   === remember NAME           the state of every database: all definitions, all rows
//   (runtime/catalog)
//   === same NAME [column order]  the state is as remembered; with `column order`, but for the
//   order of columns
//   === differs NAME            the difference from what was remembered is exactly these lines
//
// The state before the first `=== cairn` is remembered as `before`. A ROLE is made by its first
// mention and is `erp` where none is named. A failing scenario must end in `same`, `differs` or
// `query`: what it leaves behind is part of what it shows.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"
#include "tests/cluster/scenario_file.hpp"

namespace cairn::cluster {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
    return text;
}

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

class Scenario {
public:
    explicit Scenario(std::vector<Section> sections) : sections_(std::move(sections)) {}

    void run() {
        REQUIRE_FALSE(sections_.empty());
        for (const auto& section : sections_) {
            INFO("line " << section.line << ": === " << section.word << ' ' << section.rest);
            carry_out(section);
        }
        const auto& last = sections_.back().word;
        if (failed_) CHECK((last == "same" || last == "differs" || last == "query"));
    }

private:
    using States = std::map<std::string, catalog::State>;

    void carry_out(const Section& section) {
        const auto& word = section.word;
        if (word == "sql")
            database(section.rest).execute(section.body());
        else if (word == "plan")
            folder_.write(section.rest.empty() ? "plan.cairn" : section.rest, section.body());
        else if (word == "file")
            folder_.write(section.rest, section.body());
        else if (word == "server")
            start_own(section);
        else if (word == "restart")
            restart();
        else if (word == "cairn")
            run_program(section);
        else if (word == "journal")
            check_journal(section);
        else if (word == "query")
            check_query(section);
        else if (word == "remember")
            remembered_[section.rest] = read_states();
        else if (word == "same")
            check_same(section);
        else if (word == "differs")
            check_differs(section);
        else
            FAIL("no such section");
    }

    void start_own(const Section& section) {
        if (!databases_.empty()) FAIL("`server` comes before every database");
        scratch::Options options;
        for (const auto& line : section.lines) {
            const auto equals = line.find('=');
            if (equals != std::string::npos)
                options.settings.emplace_back(trimmed(line.substr(0, equals)),
                                              trimmed(line.substr(equals + 1)));
        }
        own_ = std::make_unique<scratch::Server>(own_server(options));
    }

    void restart() {
        if (!own_) FAIL("only a server of the scenario's own can be restarted");
        own_->stop_immediate();
        const auto restarted = own_->restart();
        if (const auto* why = std::get_if<compiler::Diagnostic>(&restarted)) FAIL(why->message);
    }

    Database& database(const std::string& named) {
        const std::string role = named.empty() ? "erp" : named;
        auto& known = databases_[role];
        if (!known) known = std::make_unique<Database>(own_ ? *own_ : server());
        return *known;
    }

    States read_states() {
        States states;
        for (const auto& [role, known] : databases_) {
            auto session = known->connect();
            auto state = catalog::read_state(session);
            if (const auto* why = std::get_if<compiler::Diagnostic>(&state)) FAIL(why->message);
            states.emplace(role, std::get<catalog::State>(std::move(state)));
        }
        return states;
    }

    [[nodiscard]] Environment environment() const {
        Environment environment;
        for (const auto& [role, known] : databases_)
            environment["CAIRN_" + upper(role)] = known->conninfo();
        return environment;
    }

    void run_program(const Section& section) {
        if (databases_.empty()) (void)database("");
        if (!remembered_.contains("before")) remembered_["before"] = read_states();
        auto named = environment();
        int expected = 0;
        std::vector<std::string> checks;
        for (const auto& line : section.lines) {
            if (line.starts_with("env ")) {
                const auto equals = line.find('=');
                named[line.substr(4, equals - 4)] = filled(line.substr(equals + 1));
            } else if (line.starts_with("exit ")) {
                expected = std::stoi(line.substr(5));
            } else if (!line.empty()) {
                checks.push_back(line);
            }
        }
        std::vector<std::string> argv;
        for (const auto& argument : arguments(section.rest)) argv.push_back(filled(argument));
        const auto ran = run_cairn(folder_, argv, named);
        INFO("stdout:\n" << ran.out << "stderr:\n" << ran.err);
        CHECK(ran.exit == expected);
        failed_ = ran.exit != 0;
        for (const auto& check : checks) check_output(ran, check);
    }

    [[nodiscard]] std::string filled(std::string text) const {
        text = replaced(std::move(text), "{dir}", folder_.path());
        if (const auto at = text.find("{run "); at != std::string::npos) {
            const auto plan = text.substr(at + 5, text.find('}', at) - at - 5);
            const auto runs = databases_.at("erp")->query("SELECT run FROM cairn.run WHERE plan = '" + plan + "' AND state NOT IN ('rolled_back', 'finalized') ORDER BY started DESC LIMIT 1");
            text = replaced(std::move(text), "{run " + plan + "}", runs);
        }
        for (const auto& [role, known] : databases_)
            text = replaced(std::move(text), "{" + role + "}", known->conninfo());
        return text;
    }

    static void check_output(const Ran& ran, const std::string& check) {
        const std::string stream = check.substr(0, 4);
        const auto& text = stream == "out " ? ran.out : ran.err;
        const std::string contains = "contains ", lacks = "lacks ",
                          what = check.size() > 4 ? check.substr(4) : "";
        if (stream != "out " && stream != "err ") FAIL("no such expectation: " << check);
        if (what.starts_with(contains))
            CHECK_THAT(text, Catch::Contains(what.substr(contains.size())));
        else if (what.starts_with(lacks))
            CHECK_THAT(text, !Catch::Contains(what.substr(lacks.size())));
        else
            FAIL("no such expectation: " << check);
    }

    void check_journal(const Section& section) {
        const auto ran = run_cairn(folder_, {"status", "--format", "json"}, environment());
        INFO(ran.out << ran.err);
        REQUIRE(ran.exit == 0);
        const auto status = nlohmann::json::parse(ran.out, nullptr, false);
        REQUIRE(status.is_object());
        for (const auto& line : section.lines) {
            const auto blank = line.find_last_of(' ');
            if (blank == std::string::npos) continue;
            const auto name = trimmed(line.substr(0, blank)), state = line.substr(blank + 1);
            INFO(line);
            if (name == "run")
                CHECK(status.at("state") == state);
            else
                CHECK(state_of(status, name) == state);
        }
    }

    static std::string state_of(const nlohmann::json& status, const std::string& name) {
        for (const auto& item : status.at("items"))
            if (item.at("name") == name) return item.at("state");
        return "not among the items";
    }

    void check_query(const Section& section) {
        const auto rule = std::find(section.lines.begin(), section.lines.end(), "---");
        if (rule == section.lines.end()) FAIL("no line `---` between the query and its rows");
        std::string sql, rows;
        for (auto line = section.lines.begin(); line != rule; ++line) sql += *line + "\n";
        for (auto line = rule + 1; line != section.lines.end(); ++line)
            rows += (rows.empty() ? "" : "\n") + *line;
        CHECK(database(section.rest).query(sql) == rows);
    }

    catalog::Difference difference_from(const std::string& name) {
        if (!remembered_.contains(name)) FAIL("nothing was remembered as " << name);
        catalog::Difference all;
        const auto now = read_states();
        for (const auto& [role, state] : remembered_[name]) {
            auto difference = catalog::compare(state, now.at(role));
            all.likeness = std::max(all.likeness, difference.likeness);
            all.lines.insert(all.lines.end(), difference.lines.begin(), difference.lines.end());
        }
        return all;
    }

    static std::string joined(const std::vector<std::string>& lines) {
        std::string text;
        for (const auto& line : lines) text += line + "\n";
        return text;
    }

    void check_same(const Section& section) {
        const std::string leave = "column order";
        const bool loose = section.rest.ends_with(leave);
        const auto name = trimmed(loose ? section.rest.substr(0, section.rest.size() - leave.size())
                                        : section.rest);
        const auto difference = difference_from(name);
        if (loose) {
            INFO(joined(difference.lines));
            CHECK(difference.likeness != catalog::Likeness::differs);
        } else {
            CHECK(joined(difference.lines) == "");
        }
    }

    void check_differs(const Section& section) {
        CHECK(joined(difference_from(section.rest).lines) == section.body());
    }

    std::vector<Section> sections_;
    const Folder folder_;
    std::unique_ptr<scratch::Server> own_;  // outlives its databases
    std::map<std::string, std::unique_ptr<Database>> databases_;
    std::map<std::string, States> remembered_;
    bool failed_ = false;
};

// Catch2's own registration, with a file in the place of a function.
class Invoker : public Catch::ITestInvoker {
public:
    explicit Invoker(std::string path) : path_(std::move(path)) {}
    void invoke() const override { Scenario(read_sections(path_)).run(); }

private:
    std::string path_;
};

std::size_t register_scenarios() {
    const fs::path root = fs::path(CAIRN_SOURCE_DIR) / "tests/cluster";
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(root))
        if (entry.path().extension() == ".scenario") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        auto name = fs::relative(file, root).replace_extension().string();
        Catch::AutoReg(new Invoker(file.string()), CATCH_INTERNAL_LINEINFO, Catch::StringRef(),
                       Catch::NameAndTags(name, "[scenario]"));
    }
    return files.size();
}

[[maybe_unused]] const auto registered = register_scenarios();

}  // namespace
}  // namespace cairn::cluster
