// Names of database objects as plans write them: `customers`, `public.t`, `public."Order"`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::compiler {

// The parts as PostgreSQL's catalog holds them: folded to small letters outside quotes, quotes undone.
// nullopt for what is no such name. A placeholder that stands as written is taken as letters.
[[nodiscard]] std::optional<std::vector<std::string>> parse_name(std::string_view written);

// The parts as SQL, quoted where needed.
[[nodiscard]] std::string as_sql(const std::vector<std::string>& parts);

// What stands before the arguments: `public.f` of `public.f(uuid, text)`.
[[nodiscard]] std::string_view without_arguments(std::string_view function);

}  // namespace cairn::compiler
