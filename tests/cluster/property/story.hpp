// A database to begin with, what is done to it, and whether that leads back to where it was.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/cluster/harness.hpp"

namespace cairn::cluster::property {

using Statements = std::vector<std::string>;

struct Story {
    Statements world;
    std::vector<Statements> steps;
};

// What went wrong: in one word, and in all of them.
struct Finding {
    std::string what, detail;
};

// Its databases are thrown away with it. Roles `property_reader` and `"Property Owner"` are there.
[[nodiscard]] scratch::Server& server();
[[nodiscard]] postgres::Session connected(const std::string& database);

// A copy of another database of the same server; nobody may be connected to that.
class Copy {
public:
    explicit Copy(const std::string& of);
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    ~Copy();

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string name_;
};

// Whether the whole was done, or stopped because cairn refused a step, and with which code.
struct Looked {
    std::optional<Finding> finding;
    std::string refusal;
};

// Applies the story to `world` and rolls it back; `bare` is a copy of it to which the statements
// were given bare.
[[nodiscard]] Looked look(const Story&, const std::string& world, const std::string& bare);
// The same, from nothing.
[[nodiscard]] Looked look(const Story&);

[[nodiscard]] std::string text_of(const Story&);

}  // namespace cairn::cluster::property
