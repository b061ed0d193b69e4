// The house itself: the arrows between the rooms, where the heavy libraries may be seen, and what the
// top level holds. Read from the sources, so that a wrong #include fails here and not in a review.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Include {
    std::string name;    // as written between the quotes or brackets
    bool quoted = false;  // "…" rather than <…>
};

// Path from the top of the tree, with '/' -> what the file includes.
using Tree = std::map<std::string, std::vector<Include>>;

std::vector<Include> includes_in(std::istream& text) {
    std::vector<Include> found;
    for (std::string line; std::getline(text, line);) {
        const auto hash = line.find_first_not_of(" \t");
        if (hash == std::string::npos || line[hash] != '#') continue;
        const auto word = line.find_first_not_of(" \t", hash + 1);
        if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
        const auto open = line.find_first_of("<\"", word);
        if (open == std::string::npos) continue;
        const bool quoted = line[open] == '"';
        const auto close = line.find(quoted ? '"' : '>', open + 1);
        if (close != std::string::npos) {
            found.push_back({line.substr(open + 1, close - open - 1), quoted});
        }
    }
    return found;
}

Tree read_tree(const fs::path& top) {
    Tree tree;
    for (const char* room : {"grammar", "compiler", "runtime"}) {
        for (const auto& entry : fs::recursive_directory_iterator(top / room)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp") continue;
            std::ifstream text(entry.path());
            tree[fs::relative(entry.path(), top).generic_string()] = includes_in(text);
        }
    }
    return tree;
}

// The part before the first '/': "grammar", "compiler", "runtime", or a library such as "tao".
std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

int height(std::string_view room) {
    if (room == "grammar") return 1;
    if (room == "compiler") return 2;
    if (room == "runtime") return 3;
    return 0;
}

// A quoted include starts at the top of the tree or beside the file that has it.
std::string resolved(const Tree& tree, const std::string& from, const std::string& name) {
    if (tree.contains(name)) return name;
    const auto beside = (fs::path(from).parent_path() / name).lexically_normal().generic_string();
    return tree.contains(beside) ? beside : std::string();
}

std::vector<std::string> wrong_arrows(const Tree& tree) {
    std::vector<std::string> wrong;
    for (const auto& [file, includes] : tree) {
        for (const auto& [name, quoted] : includes) {
            if (!quoted) {
                if (height(first_part(name)) != 0) wrong.push_back(file + " includes <" + name + ">");
                continue;
            }
            const auto target = resolved(tree, file, name);
            if (target.empty()) {
                wrong.push_back(file + " includes \"" + name + "\", which is in no room");
            } else if (height(first_part(target)) > height(first_part(file))) {
                wrong.push_back(file + " includes " + target);
            }
        }
    }
    return wrong;
}

// The library a header belongs to, for those that have one home.
std::string_view library_of(std::string_view header) {
    if (header == "pg_query.h") return "libpg_query";
    if (header == "libpq-fe.h" || header == "libpq-events.h") return "libpq";
    const auto part = first_part(header);
    if (part == "pqxx") return "libpqxx";
    if (part == "libpq") return "libpq";
    if (part == "toml++" || part == "toml.hpp") return "toml++";
    if (part == "CLI") return "CLI11";
    if (part == "tao") return "PEGTL";
    if (part == "spdlog") return "spdlog";
    if (part == "openssl") return "OpenSSL";
    if (part == "nlohmann") return "nlohmann-json";
    if (part == "catch2") return "Catch2";
    return {};
}

const std::map<std::string_view, std::vector<std::string_view>>& homes() {
    static const std::map<std::string_view, std::vector<std::string_view>> table = {
        {"libpg_query", {"compiler/sql/"}},
        {"libpq", {"runtime/postgres/"}},
        {"libpqxx", {"runtime/postgres/"}},
        {"toml++", {"runtime/config/"}},
        {"CLI11", {"runtime/cli/"}},
        {"PEGTL", {"grammar/"}},
        {"spdlog", {"runtime/"}},
        {"OpenSSL", {"compiler/", "runtime/"}},
        {"nlohmann-json", {"compiler/", "runtime/"}},
        {"Catch2", {}},
    };
    return table;
}

std::vector<std::string> libraries_away_from_home(const Tree& tree) {
    std::vector<std::string> wrong;
    for (const auto& [file, includes] : tree) {
        for (const auto& include : includes) {
            const auto library = library_of(include.name);
            if (library.empty()) continue;
            const auto& places = homes().at(library);
            const bool at_home = std::any_of(places.begin(), places.end(), [&](std::string_view place) {
                return file.starts_with(place);
            });
            if (!at_home) wrong.push_back(file + " includes " + include.name);
        }
    }
    return wrong;
}

// Everything a file sees through its includes, itself among it.
void reach(const Tree& tree, const std::string& file, std::set<std::string>& seen) {
    if (!seen.insert(file).second) return;
    for (const auto& include : tree.at(file)) {
        const auto target = include.quoted ? resolved(tree, file, include.name) : std::string();
        if (!target.empty()) reach(tree, target, seen);
    }
}

// Sources that see PEGTL, themselves or through a header: its templates cost gigabytes, so it is one.
std::vector<std::string> sources_with_pegtl(const Tree& tree) {
    std::vector<std::string> sources;
    for (const auto& [file, includes] : tree) {
        if (!file.ends_with(".cpp")) continue;
        std::set<std::string> seen;
        reach(tree, file, seen);
        const bool sees = std::any_of(seen.begin(), seen.end(), [&](const std::string& other) {
            const auto& list = tree.at(other);
            return std::any_of(list.begin(), list.end(), [](const Include& include) {
                return library_of(include.name) == "PEGTL";
            });
        });
        if (sees) sources.push_back(file);
    }
    return sources;
}

// compile() is a function of its arguments: no threads, and no files but through the one loader.
std::vector<std::string> impure_includes(const Tree& tree) {
    static const std::set<std::string_view> threads = {"thread", "future", "mutex",
                                                       "condition_variable", "atomic", "pthread.h"};
    static const std::set<std::string_view> files = {"fstream", "filesystem", "cstdio", "stdio.h",
                                                     "unistd.h", "fcntl.h",   "sys/stat.h"};
    std::vector<std::string> wrong;
    std::set<std::string> loaders;
    for (const auto& [file, includes] : tree) {
        const auto room = first_part(file);
        if (room == "runtime") continue;
        for (const auto& include : includes) {
            if (threads.contains(include.name)) wrong.push_back(file + " includes " + include.name);
            if (!files.contains(include.name)) continue;
            if (room == "grammar") wrong.push_back(file + " includes " + include.name);
            else loaders.insert(file);
        }
    }
    if (loaders.size() > 1) {
        for (const auto& file : loaders) wrong.push_back(file + " is one of several that read files");
    }
    return wrong;
}

Tree the_tree() { return read_tree(CAIRN_SOURCE_DIR); }

const std::vector<std::string> none;

}  // namespace

TEST_CASE("includes: grammar <- compiler <- runtime, and no other arrow") {
    CHECK(wrong_arrows(the_tree()) == none);
}

TEST_CASE("includes: each library is seen in its one home") {
    CHECK(libraries_away_from_home(the_tree()) == none);
}

TEST_CASE("includes: PEGTL is compiled in at most one source") {
    const auto sources = sources_with_pegtl(the_tree());
    INFO("with PEGTL: " << (sources.empty() ? "none" : sources.front()));
    CHECK(sources.size() <= 1);
}

TEST_CASE("includes: grammar and compiler have no threads and one reader of files") {
    CHECK(impure_includes(the_tree()) == none);
}

TEST_CASE("includes: a wrong arrow is found") {
    const Tree tree = {{"grammar/a.hpp", {{"compiler/b.hpp", true}}},
                       {"compiler/b.hpp", {{"grammar/a.hpp", true}}},
                       {"compiler/c.cpp", {{"../runtime/d.hpp", true}, {"string", false}}},
                       {"compiler/e.cpp", {{"b.hpp", true}, {"runtime/d.hpp", false}}},
                       {"runtime/d.hpp", {{"tests/helper.hpp", true}}}};
    CHECK(wrong_arrows(tree) == std::vector<std::string>{
                                    "compiler/c.cpp includes runtime/d.hpp",
                                    // not "../…": written from the folder of the file, it is the same arrow
                                    "compiler/e.cpp includes <runtime/d.hpp>",
                                    "grammar/a.hpp includes compiler/b.hpp",
                                    "runtime/d.hpp includes \"tests/helper.hpp\", which is in no room"});
}

TEST_CASE("includes: a library away from home is found") {
    const Tree tree = {{"compiler/a.cpp", {{"pg_query.h", false}}},
                       {"compiler/sql/b.cpp", {{"pg_query.h", false}}},
                       {"runtime/journal/c.cpp", {{"libpq-fe.h", false}, {"pqxx/pqxx", false}}},
                       {"grammar/d.cpp", {{"nlohmann/json.hpp", false}}},
                       {"runtime/run/e.cpp", {{"catch2/catch.hpp", false}}}};
    CHECK(libraries_away_from_home(tree) ==
          std::vector<std::string>{"compiler/a.cpp includes pg_query.h",
                                   "grammar/d.cpp includes nlohmann/json.hpp",
                                   "runtime/journal/c.cpp includes libpq-fe.h",
                                   "runtime/journal/c.cpp includes pqxx/pqxx",
                                   "runtime/run/e.cpp includes catch2/catch.hpp"});
}

TEST_CASE("includes: PEGTL seen through a header is found") {
    const Tree tree = {{"grammar/rules.hpp", {{"tao/pegtl.hpp", false}}},
                       {"grammar/parse.hpp", {{"rules.hpp", true}}},
                       {"grammar/parse.cpp", {{"grammar/rules.hpp", true}}},
                       {"compiler/x.cpp", {{"grammar/parse.hpp", true}}},
                       {"compiler/y.cpp", {}}};
    CHECK(sources_with_pegtl(tree) ==
          std::vector<std::string>{"compiler/x.cpp", "grammar/parse.cpp"});
}

TEST_CASE("includes: a second reader of files and a thread are found") {
    const Tree tree = {{"compiler/loader.cpp", {{"fstream", false}}},
                       {"compiler/other.cpp", {{"filesystem", false}, {"thread", false}}},
                       {"grammar/parse.cpp", {{"fstream", false}}},
                       {"runtime/run.cpp", {{"thread", false}, {"fstream", false}}}};
    CHECK(impure_includes(tree) ==
          std::vector<std::string>{"compiler/other.cpp includes thread",
                                   "grammar/parse.cpp includes fstream",
                                   "compiler/loader.cpp is one of several that read files",
                                   "compiler/other.cpp is one of several that read files"});
}

TEST_CASE("house: the visible top level is what the design says") {
    std::set<std::string> seen;
    for (const auto& entry : fs::directory_iterator(CAIRN_SOURCE_DIR)) {
        const auto name = entry.path().filename().string();
        // What .gitignore keeps out is no part of the house.
        const bool built = name == "build" || name.starts_with("build-");
        if (!name.starts_with(".") && !built) seen.insert(name);
    }
    CHECK(seen == std::set<std::string>{"CMakeLists.txt", "LICENSE", "README.md", "compiler",
                                        "grammar", "plans", "runtime", "tests"});
}
