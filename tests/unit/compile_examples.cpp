// Every plan under plans/ and every example of README.md compiles, or says at the right keyword that something is not in this
// version yet. The language's reference has a test of its own, reference.cpp.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/unit/compiled.hpp"

using namespace cairn;
using namespace cairn::compiler;
using namespace cairn::tests;

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

// What may be missing, by the words it is said at.
const std::set<std::string> not_yet_at = {
    "watch", "snapshot", "backup", "restore", "restore point", "export", "copy", "clone", "notify", "parallel",
    "keep no rows", "changes", "tables", "schemas"};

std::string errors_of(const Compiled& compiled) {
    std::string all;
    for (const auto& d : compiled.diagnostics.list()) {
        if (d.severity != Severity::error) continue;
        const auto& where = *d.where;
        const auto at = compiled.sources.at(where.source).text().substr(where.span.begin, where.span.end - where.span.begin);
        if (d.code == 490 && not_yet_at.contains(at)) continue;
        all += to_text(d, compiled.sources, false);
    }
    return all;
}

CompileOptions for_review() {
    CompileOptions options;
    options.require_parameters = false;
    return options;
}

std::variant<std::string, LoadError> any_file(const std::string&) { return "DROP INDEX IF EXISTS none; SELECT 1"; }

}  // namespace

TEST_CASE("every plan under plans/ compiles, or says what is not in this version yet") {
    int plans = 0;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(CAIRN_SOURCE_DIR) / "plans")) {
        if (entry.path().extension() != ".cairn") continue;
        INFO(entry.path().string());
        ++plans;
        fs::path root = entry.path().parent_path();
        const auto compiled = compile(entry.path().string(), read(entry.path()), file_loader(root.string()), for_review());
        CHECK(errors_of(compiled) == "");
    }
    CHECK(plans > 10);
}

TEST_CASE("every example of README.md compiles, or says what is not in this version yet") {
    std::istringstream page(read(fs::path(CAIRN_SOURCE_DIR) / "README.md"));
    std::string example;
    bool inside = false;
    int examples = 0;
    for (std::string line; std::getline(page, line);) {
        if (!inside) {
            inside = line == "```cairn";
            example.clear();
        } else if (line.starts_with("```")) {
            inside = false;
            ++examples;
            INFO(example);
            CHECK(errors_of(compile("example.cairn", example, any_file, for_review())) == "");
        } else {
            example += line + "\n";
        }
    }
    CHECK(examples >= 2);
}
