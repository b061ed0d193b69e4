// The program's whole output, held against the cases; UPDATE_GOLDEN=1 rewrites them, and the diff
// is the review.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "compiler/diagnostics/catalogue.hpp"
#include "tests/golden/case.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_under(const fs::path& folder, const std::set<std::string>& extensions) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && extensions.contains(entry.path().extension()))
            out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

const fs::path source_folder = CAIRN_SOURCE_DIR;

std::vector<fs::path> cases() {
    return files_under(source_folder / "tests/golden", {".case"});
}

bool updating() {
    const char* value = std::getenv("UPDATE_GOLDEN");
    return value != nullptr && std::string_view(value) == "1";
}

std::string slurp(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("every case gives its output and its exit code") {
    for (const auto& path : cases()) {
        DYNAMIC_SECTION(path.lexically_relative(source_folder).string()) {
            golden::Case expected = golden::read_case(path);
            REQUIRE_FALSE(expected.runs.empty());
            const auto actual = golden::perform(expected, CAIRN_PROGRAM);
            if (updating()) {
                expected.runs = actual;
                const std::string text = golden::write_case(expected);
                if (text != slurp(path)) std::ofstream(path, std::ios::binary) << text;
                continue;
            }
            for (std::size_t i = 0; i < actual.size(); ++i) {
                INFO("cairn " << actual[i].arguments);
                CHECK(actual[i].out == expected.runs[i].out);
                CHECK(actual[i].err == expected.runs[i].err);
                CHECK(actual[i].exit == expected.runs[i].exit);
            }
        }
    }
}

TEST_CASE("a case is written as it was read") {
    for (const auto& path : cases())
        CHECK(golden::write_case(golden::read_case(path)) == slurp(path));
}

namespace {

// Codes with their severities, as they stand in the cases' expected output.
std::set<std::pair<std::string, std::string>> produced() {
    std::set<std::pair<std::string, std::string>> out;
    const std::regex text("(error|warning|note)\\[(C[0-9]{4})\\]");
    const std::regex json("\"severity\": ?\"(error|warning|note)\",\\s*\"code\": ?\"(C[0-9]{4})\"");
    for (const auto& path : cases()) {
        for (const auto& run : golden::read_case(path).runs) {
            for (const auto& output : {run.out, run.err}) {
                for (const auto& pattern : {text, json}) {
                    for (std::sregex_iterator at(output.begin(), output.end(), pattern), end;
                         at != end; ++at) {
                        out.emplace((*at)[2].str(), (*at)[1].str());
                    }
                }
            }
        }
    }
    return out;
}

// Tests that need a server name the codes they see.
std::string server_tests() {
    std::string out;
    for (const char* folder : {"tests/cluster", "tests/unit"}) {
        if (!fs::exists(source_folder / folder)) continue;
        for (const auto& path : files_under(source_folder / folder, {".cpp", ".scenario"}))
            out += slurp(path);
    }
    return out;
}

}  // namespace

namespace {

// What no test can bring about on purpose. A code that some test does produce may not stand here.
const std::map<std::uint16_t, std::string_view> out_of_reach{
    {631, "a machine without any account to drop to"},
    {632, "a machine where nothing can be written at all"},
    {633, "an initdb that fails"},
    {828, "a table that changes each time its rows are captured anew"},
    {782, "a machine with PostgreSQL's server but without its clients"},
};

}  // namespace

TEST_CASE("every code of the catalogue is produced by some test") {
    std::set<std::string> seen;
    for (const auto& [code, severity] : produced()) seen.insert(code);
    const std::string others = server_tests();
    for (const auto& entry : cairn::compiler::catalogue) {
        const std::string name = cairn::compiler::code_name(entry.code);
        const std::string number = std::to_string(entry.code);
        const bool is_produced = seen.contains(name) || others.find(name) != std::string::npos ||
                                 others.find("code == " + number) != std::string::npos;
        INFO(name << " " << entry.title);
        CHECK(is_produced != out_of_reach.contains(entry.code));
    }
}

TEST_CASE("every code that is produced stands in the catalogue, with its severity") {
    for (const auto& [code, severity] : produced()) {
        const auto* entry =
            cairn::compiler::find_code(static_cast<std::uint16_t>(std::stoi(code.substr(1))));
        INFO(code);
        REQUIRE(entry != nullptr);
        // A later version's word may be a warning in one place and an error in another; --if-needed
        // makes a note.
        if (entry->code != 490 && severity != "note")
            CHECK(severity == cairn::compiler::name(entry->severity));
    }
}
