// Tables kept before they are dropped, retyped or changed in ways that no trigger sees.
#pragma once

#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

// CREATE TABLE … AS: the whole table, or its key (or, without one, every column) beside `columns`.
// `rows` becomes what stands in the kept table, with How::table or How::columns.
[[nodiscard]] std::string image_of(const Table&, const std::vector<std::int16_t>& columns, KeptRows& rows);

// What to do with an image at the end of its stretch.
struct ImageFate {
    enum class Kind { kept, compared, missing } kind = Kind::kept;  // missing: the image does not hold what is needed
    KeptRows rows;
    std::string statements;  // compared: make the kept table of changes, and drop the image
};
// `now` is the table after the stretch; nullptr when it is gone.
[[nodiscard]] ImageFate end_of_image(const KeptRows& image, const Table* now);

// Of a table without a key whose every row the stretch has changed: the new ones are kept beside the image, by `statements`, and join it
// by joins().
[[nodiscard]] ImageFate end_of_every_row(const KeptRows& image, const Table& now);
[[nodiscard]] std::string joins(const KeptRows&);

// Runs in a function that pins the settings that shape text, and whose row security raises rather than filters.
[[nodiscard]] std::string runner_ddl(const std::string& function);
[[nodiscard]] std::string run_pinned(const std::string& function, const std::string& statement);

}  // namespace cairn::undo
