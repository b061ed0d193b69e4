// cairn.toml: where it is found, what it says, and where a database is.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runtime/config/config.hpp"

using namespace cairn;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "cairn-config-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    [[nodiscard]] std::string plan() const { return (path_ / "plan.cairn").string(); }
    [[nodiscard]] const fs::path& path() const { return path_; }
    void toml(const std::string& text) const { std::ofstream(path_ / "cairn.toml") << text; }

private:
    fs::path path_;
};

struct Loaded {
    compiler::Sources sources;
    compiler::Diagnostics warnings;
    std::variant<config::Config, compiler::Diagnostic> result;

    explicit Loaded(const std::string& plan) : result(config::load(plan, sources, warnings)) {}
    [[nodiscard]] const config::Config& config() const { return std::get<config::Config>(result); }
    [[nodiscard]] const compiler::Diagnostic& error() const {
        return std::get<compiler::Diagnostic>(result);
    }
    [[nodiscard]] std::string marked(const compiler::Diagnostic& d) const {
        const auto& text = sources.at(d.where.value().source).text();
        return text.substr(d.where->span.begin, d.where->span.end - d.where->span.begin);
    }
};

class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    ~Variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

}  // namespace

TEST_CASE("without a cairn.toml paths start at the plan's folder") {
    const Folder folder;
    const Loaded loaded(folder.plan());
    CHECK(loaded.config().path.empty());
    CHECK(loaded.config().root == folder.path());
    CHECK(loaded.config().journal_folder == ".cairn");
}

TEST_CASE("cairn.toml is found above the plan, and paths start there") {
    const Folder folder;
    folder.toml("[journal]\nfolder = \"runs\"\n[run]\nlease = \"5s\"\nbackoff = \"10ms\"\n");
    fs::create_directories(folder.path() / "a/b");
    const Loaded loaded((folder.path() / "a/b/plan.cairn").string());
    CHECK(loaded.config().root == folder.path());
    CHECK(loaded.config().journal_folder == "runs");
    CHECK(loaded.config().lease == std::chrono::seconds(5));
    CHECK(loaded.config().backoff == std::chrono::milliseconds(10));
}

TEST_CASE("an address comes from the flag, then the profile, then the environment") {
    const Folder folder;
    folder.toml(
        "[profile.p.db]\nerp = \"from-profile\"\nurl = { env = \"CAIRN_TEST_URL\" }\nnamed = { "
        "service = \"it's\" }\n");
    const Loaded loaded(folder.plan());
    const auto& config = loaded.config();
    const Variable erp("CAIRN_ERP", "from-environment"), url("CAIRN_TEST_URL", "from-url");
    const auto address = [&](const std::string& role,
                             const std::map<std::string, std::string>& flags,
                             std::optional<std::string> profile) {
        return std::get<std::string>(config::resolve(config, role, flags, profile));
    };
    CHECK(address("erp", {{"erp", "from-flag"}}, "p") == "from-flag");
    CHECK(address("erp", {}, "p") == "from-profile");
    CHECK(address("erp", {}, std::nullopt) == "from-environment");
    CHECK(address("url", {}, "p") == "from-url");
    CHECK(address("named", {}, "p") == "service='it\\'s'");
}

TEST_CASE("a database that nobody configured says all three ways") {
    const Folder folder;
    const Loaded loaded(folder.plan());
    const auto d =
        std::get<compiler::Diagnostic>(config::resolve(loaded.config(), "my_db", {}, std::nullopt));
    CHECK(d.code == 605);
    CHECK(d.message.find("--db my_db=") != std::string::npos);
    CHECK(d.message.find("--profile") != std::string::npos);
    CHECK(d.message.find("CAIRN_MY_DB") != std::string::npos);
}

TEST_CASE("an unset variable points to where cairn.toml names it") {
    const Folder folder;
    folder.toml("[profile.p.db]\nerp = { env = \"CAIRN_TEST_UNSET\" }\n");
    const Loaded loaded(folder.plan());
    const auto d = std::get<compiler::Diagnostic>(config::resolve(loaded.config(), "erp", {}, "p"));
    CHECK(d.code == 606);
    CHECK(loaded.marked(d) == "{ env = \"CAIRN_TEST_UNSET\" }");
}

TEST_CASE("an unknown profile is told with the one that was meant") {
    const Folder folder;
    folder.toml("[profile.staging]\n");
    const Loaded loaded(folder.plan());
    const auto d =
        std::get<compiler::Diagnostic>(config::resolve(loaded.config(), "erp", {}, "stagin"));
    CHECK(d.code == 607);
    CHECK(d.help == "--profile staging");
}

TEST_CASE("an unknown key is a warning at the key") {
    const Folder folder;
    folder.toml("[profile.p]\nconfrim = true\n");
    const Loaded loaded(folder.plan());
    REQUIRE(loaded.warnings.list().size() == 1);
    const auto& d = loaded.warnings.list().front();
    CHECK(d.code == 603);
    CHECK(d.severity == compiler::Severity::warning);
    CHECK(d.help == "confirm");
    CHECK(loaded.marked(d) == "confrim");
}

TEST_CASE("every value that can't be taken is told, at its place") {
    const Folder folder;
    folder.toml("[run]\nlease = \"ab\"\nbackoff = 3\n");
    const Loaded loaded(folder.plan());
    CHECK(loaded.error().code == 604);
    CHECK(loaded.marked(loaded.error()) == "\"ab\"");
    REQUIRE(loaded.warnings.list().size() == 1);
    CHECK(loaded.marked(loaded.warnings.list().front()) == "3");
}

TEST_CASE("what is not TOML is told with its line") {
    const Folder folder;
    folder.toml("[run]\nlease = = 3\n");
    const Loaded loaded(folder.plan());
    CHECK(loaded.error().code == 602);
    CHECK(loaded.sources.at({0}).position(loaded.error().where.value().span.begin).line == 2);
}

TEST_CASE("the environment's lease and backoff go before cairn.toml's") {
    const config::Config none;
    const auto timing = [&] { return std::get<config::Timing>(config::timing(none)); };
    CHECK(timing().lease == std::chrono::seconds(30));
    {
        const Variable lease("CAIRN_LEASE", "2s"), backoff("CAIRN_BACKOFF", "15");
        CHECK(timing().lease == std::chrono::seconds(2));
        CHECK(timing().backoff == std::chrono::milliseconds(15));
    }
    const Variable lease("CAIRN_LEASE", "soon");
    CHECK(std::get<compiler::Diagnostic>(config::timing(none)).code == 608);
}

TEST_CASE("roles in the environment leave cairn's own settings out") {
    const Variable erp("CAIRN_SOME_DB", "dbname=x"), uri("CAIRN_URI", "postgresql://h/x"), foreign("CAIRN_MODE", "fast"), lease("CAIRN_LEASE", "2s"), empty("CAIRN_EMPTY", "");
    const auto roles = config::roles_in_environment();
    CHECK(std::find(roles.begin(), roles.end(), "some_db") != roles.end());
    CHECK(std::find(roles.begin(), roles.end(), "uri") != roles.end());
    CHECK(std::find(roles.begin(), roles.end(), "mode") == roles.end());
    CHECK(std::find(roles.begin(), roles.end(), "lease") == roles.end());
    CHECK(std::find(roles.begin(), roles.end(), "empty") == roles.end());
}
