// What a capture knows between its begin and its end.
#pragma once

#include <fmt/format.h>

#include "runtime/undo/rows/capture.hpp"
#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/triggers.hpp"

namespace cairn::undo {

// Of the whole table.
[[nodiscard]] bool has_image(const std::vector<CaptureImage>&, const Table&);

struct RowCapture::State {
    CaptureRequest request;
    std::vector<CaptureTable> wide;
    Tables tables;
    std::vector<Unit> units;
    std::vector<KeptRows> images;
    std::set<std::uint32_t> every_row;  // images of tables that are to change in every row
    std::vector<KeptSequence> sequences;
    View before, after;
    std::map<std::uint32_t, std::uint32_t> files;
    std::map<std::uint32_t, std::string> marks;
    std::string runner;
    bool watches_files = false;
    bool is_on = false;  // triggers are there
    std::vector<StandingRows> standing;
    bool marked = true;  // all that others have kept

    [[nodiscard]] std::string name(const std::string& what, std::size_t index) const {
        return fmt::format("cairn.\"{}_{}_{}\"", what, request.prefix, index);
    }
    // The sequence that numbers statements where settings don't last.
    [[nodiscard]] std::string numbers() const { return fmt::format("cairn.\"number_{}\"", request.prefix); }
    void keep_hidden_whole();
    void keep_every_row_whole();
    void make_units();
    void make_images();
    [[nodiscard]] std::vector<std::uint32_t> members() const;
    [[nodiscard]] bool has_columns(std::uint32_t table) const;
    // Of these the stretch may have switched row security on or off.
    void note_security(const Tables& now);
    [[nodiscard]] std::variant<bool, compiler::Diagnostic> has_as_many_rows(postgres::Session&, const KeptRows& image, const Table& now) const;
    // With row security that hides rows from the owner too lifted meanwhile.
    [[nodiscard]] std::string reading(std::uint32_t table, const std::string& statement) const;
    [[nodiscard]] std::optional<compiler::Diagnostic> run(postgres::Session&, const std::string& script, const std::string& doing) const;
    [[nodiscard]] std::optional<compiler::Diagnostic> lock(postgres::Session&) const;
    [[nodiscard]] bool only_grows(std::uint32_t table) const;
    [[nodiscard]] std::optional<compiler::Diagnostic> mark_standing(postgres::Session&);

    [[nodiscard]] std::variant<Alarm, compiler::Diagnostic> listen(postgres::Session&);
    void compare(const Touched&, const View& now, Alarm&) const;
    [[nodiscard]] std::variant<std::vector<std::string>, compiler::Diagnostic> counts(postgres::Session&) const;
    // Kept rows that the counts, which are settings, know nothing of.
    [[nodiscard]] std::optional<compiler::Diagnostic> find_uncounted(postgres::Session&, const std::vector<std::string>& counts, Alarm&) const;
    [[nodiscard]] std::optional<compiler::Diagnostic> finish_unit(postgres::Session&, const Unit&, const std::string& count, Kept&);
    [[nodiscard]] std::optional<compiler::Diagnostic> told_apart(postgres::Session&, KeptRows&) const;
    // Whether as many rows were changed as the image has, and that was all.
    [[nodiscard]] std::variant<bool, compiler::Diagnostic> changed_every_row(postgres::Session&, const KeptRows& image) const;
    [[nodiscard]] std::optional<compiler::Diagnostic> finish_images(postgres::Session&, Kept&, Alarm&);
    [[nodiscard]] std::optional<compiler::Diagnostic> stop_keeping(postgres::Session&) const;
    [[nodiscard]] std::optional<compiler::Diagnostic> take_off(postgres::Session&);
};

}  // namespace cairn::undo
