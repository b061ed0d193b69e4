// The pieces of SQL that keeping rows and giving them back are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

// Settings that shape text, for both the keeping and the giving back; `SET x = y` without the SET.
[[nodiscard]] const std::vector<std::string>& pinned_settings();

[[nodiscard]] std::string oid_array(const std::vector<std::uint32_t>&);  // {1,2}

// "a, b, c" of what `each` makes of the items.
template <class Items, class Each>
[[nodiscard]] std::string joined(const Items& items, const std::string& separator, const Each& each) {
    std::string text;
    for (const auto& item : items) {
        if (!text.empty()) text += separator;
        text += each(item);
    }
    return text;
}

[[nodiscard]] std::string kept_name(const KeptColumn&);                           // c_3
[[nodiscard]] std::string kept_type(const KeptColumn&);                           // of the kept column
[[nodiscard]] std::string to_keep(const KeptColumn&, const std::string& of);      // the table's value as it is kept; `of`: alias
[[nodiscard]] std::string kept_value(const KeptColumn&, const std::string& of);   // the kept value as the table takes it
[[nodiscard]] const KeptColumn& column(const KeptRows&, std::int16_t number);

// Of the key: `t.id OPERATOR(…) k.c_1 AND …`, with aliases.
[[nodiscard]] std::string same_key(const KeptRows&, const std::string& table, const std::string& kept);
// The key of the kept row, of the type it had: `k.c_1, (k.c_2::public.mood)`.
[[nodiscard]] std::vector<std::string> key_values(const KeptRows&, const std::string& kept);
// What FROM takes: `ONLY public.t`.
[[nodiscard]] std::string from(const KeptRows&);
// The whole row as text, the same for the table's row and the kept one; generated columns apart.
[[nodiscard]] std::string row_text(const KeptRows&, const std::string& table);
[[nodiscard]] std::string kept_row_text(const KeptRows&, const std::string& kept);
// The row as a reader takes it, and its key: `(id)=(7)`. SQL expressions of text.
[[nodiscard]] std::string shown_key(const KeptRows&, const std::string& kept);
[[nodiscard]] std::string shown_kept(const KeptRows&, const std::string& kept);

[[nodiscard]] compiler::Diagnostic rows_problem(std::uint16_t code, std::string message, std::string help = {});
// C0861 of rows that nothing can keep: its help offers what the step may say instead.
[[nodiscard]] compiler::Diagnostic no_way_back(std::string message);
// What the server said, under `code`; a lost connection is C0709.
[[nodiscard]] compiler::Diagnostic server_refused(const postgres::Answer&, std::uint16_t code, const std::string& doing);

}  // namespace cairn::undo
