#include "runtime/process/clock.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

#include "grammar/literal.hpp"

namespace cairn::process {

Moment now() {
    if (const char* file = std::getenv("CAIRN_CLOCK")) {
        std::ifstream in(file);
        std::string text;
        in >> text;
        if (const auto instant = grammar::parse_instant(text)) return *instant;
    }
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::chrono::milliseconds between_looks_at_clock() {
    return std::chrono::milliseconds(std::getenv("CAIRN_CLOCK") != nullptr ? 20 : 1000);
}

}  // namespace cairn::process
