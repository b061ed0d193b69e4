#include "runtime/cli/complete/scripts.hpp"

namespace cairn::cli::complete {

Wants wants(const Flag& flag) {
    const std::string& value = flag.is_argument ? flag.names.back() : flag.value;
    if (!flag.takes_value) return Wants::nothing;
    if (value == "PLAN") return Wants::plan;
    if (value == "DIR") return Wants::folder;
    if (value == "FILE") return Wants::file;
    return Wants::word;
}

bool takes_next(const Flag& flag) {
    return !flag.is_argument && flag.takes_value && !flag.value.starts_with('=');
}

}  // namespace cairn::cli::complete
